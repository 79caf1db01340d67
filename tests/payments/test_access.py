"""Who sees which money: patients their own cases', staff their hospital's, others nothing."""

import pytest
from django.contrib.auth.models import AnonymousUser

from hospitals.models.staff import Role
from payments import access
from payments.models import DepositGap, MoneyAlert
from tests.factories import (
    MembershipFactory,
    ObligationFactory,
    PaymentFactory,
    PaymentShareFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

OWN = (access.obligations_for, access.payments_for, access.shares_for)
STAFF = (
    access.obligations_of_staff,
    access.payments_of_staff,
    access.postings_of_staff,
    access.payee_accounts_of_staff,
    access.alerts_of_staff,
    access.deposit_gaps_of_staff,
)


@pytest.fixture
def two():
    """Two hospitals with a paid deposit, a share and an alert each."""
    payments = [
        PaymentFactory(succeeded=True, obligation=ObligationFactory(confirmed=True))
        for _each in range(2)
    ]
    for payment in payments:
        PaymentShareFactory(obligation=payment.obligation)
        DepositGap.objects.create(obligation=payment.obligation, payment=payment, missing_minor=5)
        MoneyAlert.objects.create(
            kind="place_lost",
            key=payment.public_id,
            hospital=payment.obligation.hospital,
            payment=payment,
        )
    MoneyAlert.objects.create(kind="event_stuck", key="evt")
    return payments


@pytest.mark.parametrize("rows", OWN)
def test_people_see_the_money_of_their_own_cases(rows, two):
    mine, other = two
    patient = mine.obligation.case.patient.account
    assert rows(patient).count() == 1
    assert rows(UserFactory()).count() == 0
    assert rows(AnonymousUser()).count() == 0
    assert not rows(patient).filter(pk__in=rows(other.obligation.case.patient.account)).exists()


@pytest.mark.parametrize("rows", STAFF)
@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.CASHIER, 1),
        (Role.COORDINATOR, 1),
        (Role.SCHEDULER, 0),
        (Role.DOCTOR, 0),
        (Role.EDITOR, 0),
    ],
)
def test_who_handles_money_sees_the_own_hospitals(rows, role, sees, two):
    member = MembershipFactory(hospital=two[0].obligation.hospital, role=role)
    assert rows(member.user).count() == sees
    assert rows(UserFactory()).count() == 0
    assert rows(AnonymousUser()).count() == 0


def test_operators_see_every_hospital_and_what_belongs_to_none(two):
    operator = UserFactory(operator=True)
    assert access.payments_of_staff(operator).count() == 2
    assert access.alerts_of_staff(operator).count() == 3
