"""The sample plans and members are labelled, made once, and each member gives the answer promised."""

import datetime as dt

import pytest
from django.core.management import call_command

from hospitals.models import Hospital, Insurer, Treatment
from medtour.lib.money import Money
from payments.insurance_questions import Question
from payments.models import (
    Agreement,
    AskedThrough,
    Coverage,
    Member,
    NetworkHospital,
    Plan,
    PlanTerms,
    TreatmentCoding,
)
from payments.services.insurance.checks import ask
from payments.services.insurance.demonstration import show_insurance

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
ANNA = ("cigna-cmb", "DEMO-1001", "1988-04-12")
RUIJIN = "ruijin-hospital"


@pytest.fixture
def shown(settings):
    settings.DEMONSTRATION = True
    call_command("load_catalogue", verbosity=0)
    return show_insurance()


def counts():
    models = (Plan, PlanTerms, Member, Coverage, Agreement, NetworkHospital)
    return [model.objects.count() for model in models]


def answer(who, treatment="gp-consultation", hospital=RUIJIN, yuan=640, **more):
    slug, number, born = who
    coding = TreatmentCoding.objects.get(treatment__slug=treatment)
    question = Question(
        insurer=Insurer.objects.get(slug=slug),
        hospital=Hospital.objects.get(slug=hospital),
        member_number=number,
        date_of_birth=dt.date.fromisoformat(born),
        service_start=dt.datetime(2026, 12, 10, 1, 0, tzinfo=dt.UTC),
        category=coding.category,
        setting=coding.setting,
        amount=Money(yuan * 100, "CNY"),
        **more,
    )
    check = ask(question, through=AskedThrough.DESK)
    return check.outcome, check.reason_codes


def test_everything_is_labelled_and_made_once(shown):
    assert shown == 3
    before = counts()
    assert show_insurance() == 0
    assert counts() == before
    for model in (Plan, PlanTerms, Member, Coverage, Agreement):
        assert not model.objects.filter(is_demonstration=False).exists()
    assert Agreement.objects.values("hospital").distinct().count() == 4


def test_every_treatment_is_named_to_insurers(shown):
    assert TreatmentCoding.objects.count() == Treatment.objects.count() == 80
    assert not TreatmentCoding.objects.exclude(source__contains="our own mapping").exists()


def test_nothing_is_made_outside_a_demonstration(settings):
    settings.DEMONSTRATION = False
    assert show_insurance() == 0
    assert counts() == [0] * 6


def test_each_member_gives_the_answer_of_the_tour(shown):
    assert answer(ANNA) == ("ELIGIBLE", ["COINSURANCE_APPLIED"])
    assert answer(ANNA, "mri-scan", yuan=1340) == (
        "PREAUTH_REQUIRED",
        ["PREAUTH_MISSING", "COINSURANCE_APPLIED"],
    )
    assert answer(ANNA, hospital="huashan-hospital") == (
        "PAY_AND_CLAIM",
        ["COINSURANCE_APPLIED", "HOSPITAL_NO_AGREEMENT"],
    )
    assert answer(ANNA, hospital="jiahui-international-hospital") == (
        "ELIGIBLE",
        ["HIGH_COST_SURCHARGE", "COINSURANCE_APPLIED"],
    )
    assert answer(("cigna-cmb", "DEMO-1002", "1975-02-03")) == (
        "PAY_AND_CLAIM",
        ["DEDUCTIBLE_APPLIED", "NOTHING_PAYABLE"],
    )
    assert answer(("cigna-cmb", "DEMO-1003", "1990-06-21")) == ("NOT_COVERED", ["POLICY_EXPIRED"])
    diabetes = ("cigna-cmb", "DEMO-1004", "1969-11-08")
    assert answer(diabetes, diagnosis_code="E11.9") == ("REVIEW", ["PREEXISTING_REVIEW"])
    assert answer(("cigna-cmb", "DEMO-1005", "1983-09-15")) == (
        "NOT_COVERED",
        ["ANNUAL_LIMIT_EXHAUSTED"],
    )
    assert answer(("msh-china", "DEMO-2001", "1988-04-12")) == ("ELIGIBLE", ["COPAY_APPLIED"])
    assert answer(("cigna-cmb", "DEMO-9999", "1988-04-12"))[0] == "REJECTED"
