"""Answers, change orders and bills at one instant: one version is in force, one bill is posted."""

import pytest
from django.db import IntegrityError

from bookings.models import Case
from payments.models import FinalBill, LedgerPosting, Obligation, Quote
from payments.services import quotes
from tests.factories import CaseFactory, HospitalFactory, MembershipFactory, OfferFactory
from tests.factories.quotes import accepted_quote, final_bill, issued_quote
from tests.race.together import tally, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS = 6


@pytest.fixture
def case():
    hospital = HospitalFactory()
    offer = OfferFactory(hospital=hospital, case=True)
    return CaseFactory(hospital=hospital, treatment=offer.treatment, state="in_triage")


@pytest.fixture
def cashier(case):
    return MembershipFactory(hospital=case.hospital).user


@pytest.fixture
def quote(case, cashier):
    offer = case.hospital.offers.get()
    return issued_quote(case, cashier, offer=offer, deposit_minor=500_000)


def states():
    return sorted(Quote.objects.values_list("state", flat=True))


def test_many_tabs_accept_once(quote, case):
    results = together(
        THREADS,
        lambda _number: quotes.accept_quote(
            Quote.objects.get(pk=quote.pk), by=case.patient.account, version=1
        ),
    )
    assert tally(results) == {"Quote": 1, "MoveRefused": THREADS - 1}
    assert states() == ["accepted"]
    assert Obligation.objects.count() == 1
    assert case.events.filter(action="quote_accepted").count() == 1


def test_an_answer_and_a_new_version_never_both_win(quote, case, cashier):
    def act(number):
        found = Quote.objects.get(pk=quote.pk)
        if number % 2:
            return quotes.supersede(found, by=cashier, reason="A mistake")
        return quotes.accept_quote(found, by=case.patient.account, version=1)

    results = together(2, act)
    if tally(results) == {"Quote": 2}:
        assert states() == ["accepted", "draft"]
        assert Quote.objects.get(version=2).is_change_order
    else:
        assert tally(results) == {"StaleQuote": 1, "Quote": 1}
        assert states() == ["draft", "superseded"]
        assert Obligation.objects.count() == 0


def test_a_bill_is_recorded_and_posted_once(case, cashier):
    quote = accepted_quote(case, cashier)
    results = together(THREADS, lambda _number: final_bill(quote, cashier, {"Surgery": 3_000_000}))
    assert tally(results) == {"FinalBill": 1, "AlreadyBilled": THREADS - 1}
    assert (FinalBill.objects.count(), LedgerPosting.objects.count()) == (1, 1)


def test_without_the_lock_the_constraints_still_let_one_win(quote, case, cashier, monkeypatch):
    """Negative control: nobody waits for the case, and the database says no."""
    monkeypatch.setattr(quotes, "lock_row", lambda queryset, pk: queryset.get(pk=pk))
    rivals = together(
        THREADS,
        lambda _number: quotes.draw_up(Case.objects.get(pk=case.pk), by=cashier),
    )
    drafts = Quote.objects.filter(state="draft").count()
    counted = tally(rivals)
    assert drafts == counted["Quote"] == 1
    lost = [each for each in rivals if not isinstance(each, Quote)]
    assert all(isinstance(each, IntegrityError) or each.code == "draft_exists" for each in lost)
