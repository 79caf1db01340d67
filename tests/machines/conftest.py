"""One insurer with a covered member, a network of one hospital, and a program with a token."""

import datetime as dt

import pytest
from django.core.cache import cache

from tests.conftest import MONDAY_MORNING
from tests.factories.insurance import (
    BORN,
    AgreementFactory,
    BenefitFactory,
    CoverageFactory,
    NetworkHospitalFactory,
    PlanTermsFactory,
)
from tests.factories.machines import bearer, machine_of, token_of


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()


@pytest.fixture
def cover(hospital):
    """A member whose plan pays nine tenths of inpatient care at `hospital` directly."""
    coverage = CoverageFactory(member__number="AB12345C", plan__code="gold")
    insurer = coverage.member.insurer
    terms = PlanTermsFactory(
        plan=coverage.plan, annual_limit_minor=10_000_000, network__insurer=insurer
    )
    BenefitFactory(terms=terms, category="inpatient", coinsurance_pct="10")
    NetworkHospitalFactory(network=terms.network, hospital=hospital)
    AgreementFactory(insurer=insurer, hospital=hospital)
    return coverage


@pytest.fixture
def insurer(cover):
    return cover.member.insurer


@pytest.fixture
def machine(insurer):
    return machine_of(insurer)


@pytest.fixture
def auth(machine):
    return bearer(token_of(machine))


@pytest.fixture
def asked(hospital):
    return {
        "hospital": hospital.slug,
        "member_number": "AB-12 345c",
        "date_of_birth": BORN,
        "service_start": (MONDAY_MORNING + dt.timedelta(days=8)).isoformat(),
        "category": "inpatient",
        "setting": "inpatient",
        "amount": "20000.00",
        "currency": "CNY",
    }
