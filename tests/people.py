"""Who takes part in a test: one fixture a person, so that every test means the same by each name.

`stranger` is signed up like `patient` but has nothing to do with anything; `coordinator` works at
`hospital`, `other_coordinator` at `other_hospital`.
"""

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest
from django.test import Client

from accounts.models import Patient, User
from hospitals.models import Hospital
from tests.factories import (
    CityFactory,
    HospitalFactory,
    MembershipFactory,
    PatientFactory,
    UserFactory,
)


def sign_in_with_second_step(client: Client, user: User) -> None:
    """Sign in as somebody who typed a code of their authenticator app."""
    client.force_login(user)
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, user, "mfa")
    request.session.save()


@pytest.fixture
def user(db) -> User:
    """Return the account of the patient."""
    return UserFactory(
        verified=True, email="anna@patient.example", called="Anna", time_zone="Europe/Moscow"
    )


@pytest.fixture
def patient(user: User) -> Patient:
    return PatientFactory(account=user, passport_name="ANNA TEST")


@pytest.fixture
def child(user: User) -> Patient:
    return PatientFactory(account=user, child=True, passport_name="MASHA TEST")


@pytest.fixture
def stranger(db) -> User:
    return UserFactory(verified=True, email="stranger@patient.example", called="Stranger")


@pytest.fixture
def hospital(db) -> Hospital:
    city = CityFactory(slug="shanghai", name_en="Shanghai", name_zh_hans="上海", name_ar="شنغهاي")
    return HospitalFactory(
        slug="first-hospital", name_en="First Hospital", name_zh_hans="第一医院", city=city
    )


@pytest.fixture
def other_hospital(db) -> Hospital:
    return HospitalFactory(
        slug="second-hospital", name_en="Second Hospital", name_zh_hans="第二医院"
    )


@pytest.fixture
def coordinator(hospital: Hospital) -> User:
    return MembershipFactory(hospital=hospital, user__email="coordinator@first.example").user


@pytest.fixture
def other_coordinator(other_hospital: Hospital) -> User:
    return MembershipFactory(hospital=other_hospital, user__email="coordinator@second.example").user


@pytest.fixture
def officer(db) -> User:
    return UserFactory(verified=True, email="officer@insurer.example", called="Officer")


@pytest.fixture
def operator(db) -> User:
    return UserFactory(verified=True, operator=True, email="operator@medtour.example")
