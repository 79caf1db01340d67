"""One account, several persons: "me" is one of them and is never overwritten by another."""

import datetime as dt

import pytest

from accounts.models import AuditEntry, Patient
from accounts.services.patients import (
    AlreadyHaveSelf,
    AnotherPerson,
    PatientDetails,
    save_patient,
)
from tests.factories.documents import agrees_to_health_data

pytestmark = pytest.mark.django_db
BORN = dt.date(1984, 3, 2)


def details(name="ANNA TEST", relation="self", born=None, phone="+79123456789"):
    return PatientDetails(relation, name, born, phone, "ru")


def people():
    return list(Patient.objects.order_by("pk").values())


def test_naming_oneself_again_brings_the_row_up_to_date(user, patient):
    Patient.objects.filter(pk=patient.pk).update(date_of_birth=BORN)

    again = save_patient(details(" anna  test"), by=user)

    assert again.pk == patient.pk
    assert list(Patient.objects.values_list("passport_name", "date_of_birth", "phone")) == [
        ("anna test", BORN, "+79123456789")
    ]


@pytest.mark.parametrize(
    "other", [details("BORIS TEST"), details("ANNA TEST", born=dt.date(2015, 1, 1))]
)
def test_somebody_else_never_overwrites_oneself(user, patient, other):
    Patient.objects.filter(pk=patient.pk).update(date_of_birth=BORN)
    before = people()

    with pytest.raises(AlreadyHaveSelf):
        save_patient(other, by=user)

    assert people() == before


def test_another_person_is_another_row(user, patient):
    child = save_patient(details("MASHA TEST", relation="child", born=BORN), by=user)

    assert child.pk != patient.pk
    assert list(Patient.objects.order_by("pk").values_list("passport_name", "relation")) == [
        ("ANNA TEST", "self"),
        ("MASHA TEST", "child"),
    ]


def test_whoever_agreed_to_something_never_becomes_somebody_else(user, child):
    agrees_to_health_data(child)
    Patient.objects.filter(pk=child.pk).update(date_of_birth=BORN)
    before = people()

    with pytest.raises(AnotherPerson):
        save_patient(details("IVAN OTHER", "child", dt.date(2016, 5, 4)), by=user, patient=child)

    assert people() == before
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (details("MARIA TEST", "child", BORN), "passport_name"),
        (details("MASHA TEST", "child", dt.date(1984, 3, 3)), "date_of_birth"),
    ],
)
def test_a_correction_is_written_down_without_the_words(user, child, given, what):
    agrees_to_health_data(child)
    Patient.objects.filter(pk=child.pk).update(date_of_birth=BORN)

    save_patient(given, by=user, patient=child)

    child.refresh_from_db()
    assert (child.passport_name, child.date_of_birth) == (given.passport_name, given.date_of_birth)
    [entry] = AuditEntry.objects.all()
    assert (entry.action, entry.user, entry.reason) == ("patient.corrected", user, what)
    assert entry.patient_public_id == child.public_id


def test_a_person_nobody_was_told_of_may_be_typed_anew(user, child):
    save_patient(details("IVAN OTHER", "child", dt.date(2016, 5, 4)), by=user, patient=child)
    child.refresh_from_db()
    assert child.passport_name == "IVAN OTHER"
    assert not AuditEntry.objects.exists()


def test_a_date_that_was_missing_is_added_without_a_word(user, child):
    agrees_to_health_data(child)
    Patient.objects.filter(pk=child.pk).update(date_of_birth=None)
    save_patient(details("MASHA TEST", "child", BORN), by=user, patient=child)
    child.refresh_from_db()
    assert child.date_of_birth == BORN
    assert not AuditEntry.objects.exists()
