"""Agreements, tiers and terms are replaced by day and never edited; overlaps are refused."""

import datetime as dt

import pytest

from accounts.models import AuditEntry
from hospitals.models import SearchDocument, SearchLexeme
from medtour.lib import clock
from payments.insurance_refusals import (
    AnotherInsurer,
    CurrencyNotReckoned,
    DaysOutOfOrder,
    FactReplaced,
    FactsOverlap,
)
from payments.models import Agreement, Benefit, NetworkHospital, PlanTerms
from payments.selectors.insurance.rules import present_rules
from payments.services.insurance import facts
from payments.services.insurance.effective import Days
from payments.services.insurance.facts import AgreementFacts, TermsFacts
from tests.factories.hospitals import InsurerFactory
from tests.factories.insurance import NetworkFactory, PlanFactory

pytestmark = pytest.mark.django_db
YEAR = Days(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
RULES = {
    "area_mode": "worldwide",
    "preexisting_mode": "covered",
    "high_cost_mode": "covered",
    "out_of_network_mode": "not_covered",
}


def spans(model):
    rows = model.objects.known().order_by("valid_from")
    return [
        (row.valid_from.isoformat(), row.valid_until and row.valid_until.isoformat())
        for row in rows
    ]


@pytest.fixture
def insurer():
    return InsurerFactory()


@pytest.fixture
def inpatient(hospital):
    return AgreementFacts(hospital, "inpatient", {"contact": "desk"})


def test_an_agreement_is_recorded_and_audited(insurer, inpatient, operator, hospital):
    row = facts.record_agreement(insurer, inpatient, days=YEAR, by=operator)
    assert spans(Agreement) == [("2026-01-01", "2026-12-31")]
    assert (row.contact, row.recorded_by) == ("desk", operator)
    entry = AuditEntry.objects.get(action="insurance.fact")
    assert (entry.user, entry.hospital_slug) == (operator, hospital.slug)


def test_an_overlap_is_refused_and_changes_nothing(insurer, inpatient, operator):
    facts.record_agreement(insurer, inpatient, days=YEAR, by=operator)
    with pytest.raises(FactsOverlap):
        facts.record_agreement(insurer, inpatient, days=Days(YEAR.last), by=operator)
    assert spans(Agreement) == [("2026-01-01", "2026-12-31")]
    assert AuditEntry.objects.count() == 1


def test_a_replacement_keeps_the_other_days(insurer, inpatient, operator):
    old = facts.record_agreement(insurer, inpatient, days=YEAR, by=operator)
    summer = Days(dt.date(2026, 6, 1), dt.date(2026, 8, 31))
    facts.record_agreement(insurer, inpatient, days=summer, by=operator, replaces=old)
    assert spans(Agreement) == [
        ("2026-01-01", "2026-05-31"),
        ("2026-06-01", "2026-08-31"),
        ("2026-09-01", "2026-12-31"),
    ]
    old.refresh_from_db()
    assert old.superseded_at is not None
    assert old.valid_until == YEAR.last
    with pytest.raises(FactReplaced):
        facts.record_agreement(insurer, inpatient, days=summer, by=operator, replaces=old)
    assert Agreement.objects.count() == 4


def test_an_agreement_ends_on_a_day(insurer, inpatient, operator):
    row = facts.record_agreement(insurer, inpatient, days=Days(YEAR.first), by=operator)
    facts.end_agreement(row, last_day=dt.date(2026, 3, 31), by=operator)
    assert spans(Agreement) == [("2026-01-01", "2026-03-31")]
    with pytest.raises(FactReplaced):
        facts.end_agreement(row, last_day=dt.date(2026, 2, 1), by=operator)
    with pytest.raises(DaysOutOfOrder):
        facts.end_agreement(row, last_day=dt.date(2025, 3, 31), by=operator)
    assert spans(Agreement) == [("2026-01-01", "2026-03-31")]


def test_nothing_of_another_insurer_is_replaced(insurer, inpatient, operator):
    other = facts.record_agreement(InsurerFactory(), inpatient, days=YEAR, by=operator)
    with pytest.raises(AnotherInsurer):
        facts.record_agreement(insurer, inpatient, days=YEAR, by=operator, replaces=other)
    assert list(Agreement.objects.known()) == [other]


def test_a_tier_changes_during_the_year(insurer, hospital, operator):
    network = NetworkFactory(insurer=insurer)
    first = facts.record_network_tier(
        network, hospital, tier="standard", days=Days(YEAR.first), by=operator
    )
    facts.record_network_tier(
        network,
        hospital,
        tier="high_cost",
        days=Days(dt.date(2026, 7, 1)),
        by=operator,
        replaces=first,
    )
    assert spans(NetworkHospital) == [("2026-01-01", "2026-06-30"), ("2026-07-01", None)]
    rules = present_rules(insurer.pk)
    assert rules.tier_on(network.pk, hospital.pk, dt.date(2026, 6, 30)).tier == "standard"
    assert rules.tier_on(network.pk, hospital.pk, dt.date(2026, 7, 1)).tier == "high_cost"


def test_terms_are_recorded_with_their_benefits(insurer, operator):
    plan, network = PlanFactory(insurer=insurer), NetworkFactory(insurer=insurer)
    written = TermsFacts(network, "brochure 2026", RULES, [{"category": "inpatient"}])
    first = facts.record_terms(plan, written, days=Days(YEAR.first), by=operator)
    kinder = TermsFacts(network, "brochure 2027", RULES, [{"category": "dental"}])
    facts.record_terms(plan, kinder, days=Days(dt.date(2027, 1, 1)), by=operator, replaces=first)
    assert spans(PlanTerms) == [("2026-01-01", "2026-12-31"), ("2027-01-01", None)]
    rules = present_rules(insurer.pk)
    assert set(rules.terms_nearest(plan.pk, YEAR.last).benefits) == {"inpatient"}
    assert set(rules.terms_nearest(plan.pk, dt.date(2027, 1, 1)).benefits) == {"dental"}
    assert Benefit.objects.count() == 3


def test_a_currency_that_the_engine_does_not_know_is_refused(insurer, operator):
    network = NetworkFactory(insurer=insurer)
    plan = PlanFactory(insurer=insurer, currency="RSD")
    with pytest.raises(CurrencyNotReckoned):
        facts.record_terms(plan, TermsFacts(network, "x", RULES), days=YEAR, by=operator)
    with pytest.raises(AnotherInsurer):
        facts.record_terms(PlanFactory(), TermsFacts(network, "x", RULES), days=YEAR, by=operator)
    assert PlanTerms.objects.count() == 0


def lexemes(hospital):
    numbers = SearchDocument.objects.values_list("lexemes", flat=True).get(hospital=hospital)
    return set(SearchLexeme.objects.filter(pk__in=numbers).values_list("lexeme", flat=True))


def test_the_search_finds_a_hospital_by_an_agreement_in_force(
    insurer, inpatient, operator, hospital, frozen
):
    mark = f"insurer:{insurer.slug}"
    row = facts.record_agreement(insurer, inpatient, days=Days(YEAR.first), by=operator)
    assert mark in lexemes(hospital)
    facts.end_agreement(row, last_day=dt.date(2026, 11, 22), by=operator)
    assert mark not in lexemes(hospital)


def test_an_agreement_that_begins_is_found_from_its_first_day(
    insurer, inpatient, operator, hospital, frozen
):
    days = Days(dt.date(2026, 11, 24))
    facts.record_agreement(insurer, inpatient, days=days, by=operator)
    mark = f"insurer:{insurer.slug}"
    assert mark not in lexemes(hospital)
    with clock.freeze(frozen + dt.timedelta(days=1)):
        assert facts.refresh_direct_pay() == 1
    assert mark in lexemes(hospital)
