"""A question about a member is answered from the facts of its day, kept, and never gives one away."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from hospitals.models import ExchangeRate
from medtour.lib import clock
from medtour.lib.money import Money
from payments.eligibility_rules import evaluate
from payments.insurance_questions import Question, public_codes, public_output
from payments.insurance_refusals import TooManyAttempts
from payments.models import AskedThrough, EligibilityCheck, Outcome
from payments.services.insurance import checks
from tests.factories import UserFactory
from tests.factories.insurance import (
    BORN,
    AgreementFactory,
    BenefitBalanceFactory,
    BenefitFactory,
    CoverageFactory,
    MemberFactory,
    PlanFactory,
    PlanTermsFactory,
    paid_directly_at,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SERVICE = dt.datetime(2026, 12, 1, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def cover(hospital):
    return paid_directly_at(hospital, plan__code="gold")


@pytest.fixture
def question(cover, hospital):
    def build(**changes):
        values = {
            "insurer": cover.member.insurer,
            "hospital": hospital,
            "member_number": "AB12345C",
            "date_of_birth": dt.date.fromisoformat(BORN),
            "service_start": SERVICE,
            "category": "inpatient",
            "setting": "inpatient",
            "amount": Money(2_000_000, "CNY"),
        }
        return Question(**values | changes)

    return build


def ask(question, **asking):
    return checks.ask(question, **{"through": AskedThrough.PATIENT} | asking)


def test_a_standing_agreement_pays_and_the_parts_are_the_estimate(question, user, patient, cover):
    check = ask(question(), by=user, patient=patient)
    check = EligibilityCheck.objects.get(pk=check.pk)
    assert check.outcome == Outcome.ELIGIBLE
    assert check.reason_codes == ["COINSURANCE_APPLIED"]
    assert check.output["covered_amount"] == "18000.00"
    assert check.output["patient_pays_hospital"] == "2000.00"
    assert (check.member, check.patient, check.asked_by) == (cover.member, patient, user)
    assert check.spec_version == "1.0"
    assert check.service_on == dt.date(2026, 12, 1)
    entry = AuditEntry.objects.get(target=f"payments.eligibilitycheck:{check.public_id}")
    assert (entry.user, entry.patient_public_id) == (user, patient.public_id)


def test_the_evidence_gives_the_same_answer_again(question):
    check = EligibilityCheck.objects.get(pk=ask(question()).pk)
    assert evaluate(check.input) == check.output


@pytest.mark.parametrize("typed", ["AB12345C", "ab-12 345C", " AB 12-345c "])
def test_a_number_is_found_however_it_is_typed(question, typed):
    assert ask(question(member_number=typed)).outcome == Outcome.ELIGIBLE


def test_a_warm_question_takes_two_statements(question):
    ask(question())
    with CaptureQueriesContext(
        connection,
    ) as statements:
        ask(question())
    assert len(statements) == 2


def test_a_changed_rule_is_used_at_once(question, cover, hospital):
    assert ask(question()).outcome == Outcome.ELIGIBLE
    AgreementFactory(insurer=cover.member.insurer, hospital=hospital, setting="outpatient")
    terms = cover.plan.terms.get()
    type(terms).objects.filter(pk=terms.pk).update(superseded_at=SERVICE)
    later = PlanTermsFactory(plan=cover.plan, network=terms.network)
    BenefitFactory(terms=later, category="inpatient", is_covered=False)
    assert ask(question()).reason_codes == ["BENEFIT_NOT_COVERED"]


def test_the_day_counts_where_the_hospital_is(question, cover, hospital):
    AgreementFactory(insurer=cover.member.insurer, hospital=hospital, setting="daycase")
    last_evening = dt.datetime(2026, 12, 31, 15, 59, tzinfo=dt.UTC)
    assert ask(question(service_start=last_evening)).outcome == Outcome.ELIGIBLE
    midnight = dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)
    assert ask(question(service_start=midnight)).reason_codes == ["POLICY_EXPIRED"]


def test_a_coverage_that_begins_later_is_not_started(question):
    early = dt.datetime(2025, 12, 30, 1, 0, tzinfo=dt.UTC)
    assert ask(question(service_start=early)).reason_codes == ["POLICY_NOT_STARTED"]


def test_an_agreement_is_read_on_the_day_of_the_service(question, cover, hospital):
    agreement = cover.member.insurer.agreements.get()
    type(agreement).objects.filter(pk=agreement.pk).update(superseded_at=SERVICE)
    AgreementFactory(
        insurer=cover.member.insurer, hospital=hospital, valid_until=dt.date(2026, 11, 30)
    )
    check = ask(question())
    assert check.outcome == Outcome.PAY_AND_CLAIM
    assert "HOSPITAL_NO_AGREEMENT" in check.reason_codes


def test_used_and_reserved_sums_count(question, cover):
    BenefitBalanceFactory(
        coverage=cover, used_minor=5_000_000, reserved_minor=4_000_000, limit_minor=10_000_000
    )
    check = ask(question())
    assert check.output["covered_amount"] == "10000.00"
    assert "ANNUAL_LIMIT_APPLIED" in check.reason_codes


def test_another_currency_is_reckoned_at_the_newest_rate(question, cover, hospital):
    other = CoverageFactory(
        member__insurer=cover.member.insurer,
        member__number="USD1",
        plan=PlanFactory(insurer=cover.member.insurer, currency="USD"),
    )
    terms = PlanTermsFactory(plan=other.plan, network=cover.plan.terms.get().network)
    BenefitFactory(terms=terms, category="inpatient")
    day = dt.date(2026, 11, 20)
    ExchangeRate.objects.create(day=day, currency="CNY", per_euro="8.0", source="test")
    assert ask(question(member_number="USD1")).reason_codes == ["FX_RATE_MISSING"]
    ExchangeRate.objects.create(day=day, currency="USD", per_euro="1.2", source="test")
    check = ask(question(member_number="USD1"))
    assert check.input["fx"] == {
        "from": "CNY",
        "to": "USD",
        "rate": "0.15000000",
        "as_of": "2026-11-20",
    }
    assert check.output["estimate"] == "3000.00"


def test_unknown_and_mismatched_are_answered_in_the_same_words(question, cover):
    unknown = ask(question(member_number="nobody"))
    mismatched = ask(question(date_of_birth=dt.date(1990, 1, 1)))
    assert unknown.outcome == mismatched.outcome == Outcome.REJECTED
    assert public_output(unknown.output) == public_output(mismatched.output)
    assert public_codes(mismatched.reason_codes) == ["MEMBER_NOT_FOUND"]
    assert unknown.member is None
    assert mismatched.member is None


def test_a_mismatch_keeps_nothing_of_the_member_in_the_evidence(question, cover):
    mismatched = ask(question(date_of_birth=dt.date(1990, 1, 1)))
    assert mismatched.reason_codes == ["MEMBER_MISMATCH"]
    assert mismatched.input["member"] == {"member_id": "AB12345C", "date_of_birth": None}
    assert mismatched.input["policy"] == {"currency": "CNY"}
    assert BORN not in str(mismatched.input)


def test_another_insurers_number_is_unknown(question, cover):
    stranger = MemberFactory(number="X9")
    CoverageFactory(member=stranger)
    assert ask(question(member_number="X9")).reason_codes == ["POLICY_NOT_FOUND"]


def test_a_member_without_any_cover_is_answered_like_an_unknown_one(question, cover):
    MemberFactory(insurer=cover.member.insurer, number="BARE1")
    bare = ask(question(member_number="BARE1"))
    unknown = ask(question(member_number="nobody"))
    assert bare.reason_codes == ["POLICY_NOT_FOUND"]
    assert public_output(bare.output) == public_output(unknown.output)


def test_missing_terms_are_undetermined_and_not_a_guess(question, cover):
    terms = cover.plan.terms.get()
    type(terms).objects.filter(pk=terms.pk).update(superseded_at=SERVICE)
    check = ask(question())
    assert (check.outcome, check.reason_codes, check.output) == (Outcome.WAITING, [], {})
    assert check.input["request"]["amount"] == "20000.00"


def test_ten_failures_of_one_account_lock_it_and_nobody_else(question, user, stranger):
    for _try in range(10):
        ask(question(member_number="guess"), by=stranger)
    kept = EligibilityCheck.objects.count()
    with pytest.raises(TooManyAttempts):
        ask(question(), by=stranger)
    assert EligibilityCheck.objects.count() == kept
    assert ask(question(), by=user).outcome == Outcome.ELIGIBLE


def test_the_lock_opens_after_an_hour(question, stranger, frozen):
    for _try in range(10):
        ask(question(member_number="guess"), by=stranger)
    later = frozen + dt.timedelta(hours=1, seconds=1)
    assert ask(question(), by=stranger, now=later).outcome == Outcome.ELIGIBLE


def test_thirty_failures_lock_an_insurer_but_no_other(question, user):
    for number in range(3):
        guesser = UserFactory(email=f"guess{number}@patient.example")
        for _try in range(10):
            ask(question(member_number="guess"), by=guesser)
    with pytest.raises(TooManyAttempts):
        ask(question(), by=user)
    elsewhere = MemberFactory()
    assert ask(question(insurer=elsewhere.insurer), by=user).outcome == Outcome.REJECTED


def test_answers_about_cover_are_no_failures(question, user):
    for _try in range(11):
        ask(question(category="dental"), by=user)
    assert ask(question(), by=user).outcome == Outcome.ELIGIBLE


def test_a_batch_is_not_locked_and_locks_nobody(question, user, stranger):
    for _try in range(31):
        ask(question(member_number="guess"), by=user, through=AskedThrough.BATCH)
    assert ask(question(), by=user).outcome == Outcome.ELIGIBLE
    assert ask(question(), by=stranger).outcome == Outcome.ELIGIBLE


def test_a_question_can_wait_with_all_that_was_asked(question, user):
    asker = checks.Asking(through=AskedThrough.PATIENT, by=user)
    check = checks.unanswered(question(), asker, now=clock.now())
    checks.store(check)
    kept = EligibilityCheck.objects.get(pk=check.pk)
    assert kept.outcome == Outcome.WAITING
    assert kept.input["presented"]["member_id"] == "AB12345C"
