"""Facts of insurers are replaced, evidence is only added to; the database refuses the rest."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from hospitals.models import Hospital
from payments.models import Agreement, Network, NetworkHospital, NetworkTier, Setting
from tests.factories.hospitals import HospitalFactory, InsurerFactory

pytestmark = pytest.mark.django_db
JANUARY = dt.date(2026, 1, 1)
DECEMBER = dt.date(2026, 12, 31)


@pytest.fixture
def hospital() -> Hospital:
    return HospitalFactory()


def agreement(hospital, insurer=None, **values):
    values = {
        "valid_from": JANUARY,
        "valid_until": DECEMBER,
        "setting": Setting.INPATIENT,
        **values,
    }
    return Agreement.objects.create(
        insurer=insurer or InsurerFactory(), hospital=hospital, **values
    )


def refused(change, constraint):
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        change()
    assert error.value.__cause__.diag.constraint_name == constraint


def test_two_agreements_never_apply_on_one_day(hospital):
    first = agreement(hospital)
    refused(
        lambda: agreement(
            hospital, first.insurer, valid_from=DECEMBER, valid_until=dt.date(2027, 6, 30)
        ),
        "payments_agreement_one_in_force",
    )
    follows = agreement(hospital, first.insurer, valid_from=dt.date(2027, 1, 1), valid_until=None)
    other_setting = agreement(hospital, first.insurer, setting=Setting.OUTPATIENT)
    assert set(Agreement.objects.in_force(DECEMBER)) == {first, other_setting}
    assert list(Agreement.objects.in_force(dt.date(2030, 1, 1))) == [follows]


def test_an_agreement_is_replaced_and_never_edited(hospital):
    row = agreement(hospital)
    rows = Agreement.objects.filter(pk=row.pk)
    refused(lambda: rows.update(valid_until=JANUARY), "payments_effective_row_is_final")
    refused(lambda: rows.delete(), "payments_effective_row_is_final")
    refused(
        lambda: rows.update(superseded_at=row.recorded_at, contact="somebody else"),
        "payments_effective_row_is_final",
    )

    assert rows.update(superseded_at=row.recorded_at) == 1
    refused(lambda: rows.update(superseded_at=None), "payments_effective_row_is_final")
    agreement(hospital, row.insurer, valid_until=dt.date(2026, 6, 30))
    assert Agreement.objects.in_force(dt.date(2026, 7, 1)).count() == 0
    assert Agreement.objects.in_force(dt.date(2026, 6, 30)).count() == 1


def test_a_hospital_has_one_tier_a_day_in_a_network(hospital):
    network = Network.objects.create(insurer=InsurerFactory(), code="asia", name="Asia")
    NetworkHospital.objects.create(
        network=network, hospital=hospital, tier=NetworkTier.STANDARD, valid_from=JANUARY
    )
    refused(
        lambda: NetworkHospital.objects.create(
            network=network, hospital=hospital, tier=NetworkTier.HIGH_COST, valid_from=DECEMBER
        ),
        "payments_network_one_tier",
    )
    assert NetworkHospital.objects.get().tier == NetworkTier.STANDARD
