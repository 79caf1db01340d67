"""An officer asks about one member of the own insurer, and of no other (DP-02, DP-03)."""

import datetime as dt

import pytest

from payments.models import EligibilityCheck, InsurerOfficer, Outcome
from tests.factories.insurance import (
    BORN,
    AgreementFactory,
    BenefitFactory,
    CoverageFactory,
    NetworkHospitalFactory,
    PlanTermsFactory,
)
from tests.people import sign_in_with_second_step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
CHECK = "/en/insurer/check/"


@pytest.fixture
def cover(hospital):
    coverage = CoverageFactory(member__number="AB-12 345c", member__name="CANARY NAME")
    insurer = coverage.member.insurer
    terms = PlanTermsFactory(
        plan=coverage.plan, annual_limit_minor=10_000_000, network__insurer=insurer
    )
    BenefitFactory(terms=terms, category="inpatient", coinsurance_pct="10")
    NetworkHospitalFactory(network=terms.network, hospital=hospital)
    AgreementFactory(insurer=insurer, hospital=hospital)
    return coverage


@pytest.fixture
def seat(officer, cover):
    return InsurerOfficer.objects.create(user=officer, insurer=cover.member.insurer)


@pytest.fixture
def at_desk(client, officer, seat):
    sign_in_with_second_step(client, officer)
    return client


def boxes(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def typed(**changes):
    values = {
        "number": "AB12345C",
        "hospital": "first-hospital",
        "category": "inpatient",
        "setting": "inpatient",
        "amount": "20000",
        **boxes("born", dt.date.fromisoformat(BORN)),
        **boxes("service_on", dt.date(2026, 12, 1)),
    }
    return values | changes


def words(response):
    return " ".join(response.content.decode().split())


def answered(client, **changes):
    sent = client.post(CHECK, typed(**changes))
    assert sent.status_code == 303, words(sent)
    return client.get(sent.url)


def test_the_answer_names_who_pays_what(at_desk, officer):
    shown = words(answered(at_desk))
    check = EligibilityCheck.objects.get()
    assert (check.outcome, check.asked_through, check.asked_by) == ("ELIGIBLE", "portal", officer)
    assert "Direct pay" in shown
    assert "18,000" in shown
    assert "2,000" in shown


def test_it_never_says_which_detail_was_wrong(at_desk):
    wrong_number = answered(at_desk, number="NOBODY")
    wrong_birth = answered(at_desk, **boxes("born", dt.date(1950, 1, 1)))
    assert {check.outcome for check in EligibilityCheck.objects.all()} == {Outcome.REJECTED}
    first, second = (
        words(each).partition("<main")[2].partition("</main")[0]
        for each in (wrong_number, wrong_birth)
    )
    assert first
    assert first == second


def test_a_member_of_another_insurer_is_unknown(at_desk):
    CoverageFactory(member__number="OTHER-1")
    shown = words(answered(at_desk, number="OTHER-1"))
    assert EligibilityCheck.objects.get().outcome == Outcome.REJECTED
    assert "18,000" not in shown


def test_what_is_wrong_is_named_and_everything_kept(at_desk):
    sent = at_desk.post(CHECK, typed(amount="much", procedure_code="47.01"))
    assert sent.status_code == 422
    assert "Enter the amount in figures" in words(sent)
    assert "47.01" in words(sent)
    assert not EligibilityCheck.objects.exists()


def test_a_hospital_outside_the_network_cannot_be_chosen(at_desk, other_hospital):
    assert at_desk.post(CHECK, typed(hospital=other_hospital.slug)).status_code == 422


def test_a_liaison_asks_about_the_own_hospital_only(at_desk, seat, other_hospital):
    found = answered(at_desk).wsgi_request.path
    seat.role, seat.hospital = "liaison", other_hospital
    seat.save()
    assert at_desk.post(CHECK, typed()).status_code == 422
    assert at_desk.get(found).status_code == 404


def test_ten_wrong_details_lock_the_form(at_desk):
    for each in range(10):
        answered(at_desk, number=f"NOBODY{each}")
    locked = at_desk.post(CHECK, typed())
    assert locked.status_code in (409, 429)
    assert "AB12345C" in words(locked)
    assert EligibilityCheck.objects.count() == 10


def test_an_officer_of_another_insurer_does_not_find_the_answer(at_desk, seat):
    found = answered(at_desk).wsgi_request.path
    other = CoverageFactory().member.insurer
    InsurerOfficer.objects.filter(pk=seat.pk).update(insurer=other)
    denied = at_desk.get(found)
    assert denied.status_code == 404
    assert b"18,000" not in denied.content


@pytest.mark.parametrize("who", ["user", "stranger", "coordinator"])
def test_nobody_else_finds_the_form_or_an_answer(client, at_desk, request, who):
    found = answered(at_desk).wsgi_request.path
    sign_in_with_second_step(client, request.getfixturevalue(who))
    assert client.get(CHECK).status_code == 404
    assert client.post(CHECK, typed()).status_code == 404
    assert client.get(found).status_code == 404
    assert EligibilityCheck.objects.count() == 1
