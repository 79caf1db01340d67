"""One account, several persons: "me" is one of them and is never overwritten by another."""

import datetime as dt

import pytest

from accounts.models import Patient
from accounts.services.patients import AlreadyHaveSelf, PatientDetails, save_patient

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
