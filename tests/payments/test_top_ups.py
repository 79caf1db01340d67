"""What a patient adds to a deposit: within the quote, changed and taken back while unpaid."""

import pytest

from hospitals.models import CancellationPolicy
from medtour.lib.money import Money
from payments.models import Obligation
from payments.quote_refusals import StaleQuote
from payments.refusals import NothingOwed, TopUpTooLarge
from payments.selectors.dues import left_to_add
from payments.services import quotes
from payments.services.top_ups import add_to_deposit, take_back
from tests.factories import (
    CaseFactory,
    OfferFactory,
    PayeeAccountFactory,
    PaymentFactory,
    UserFactory,
)
from tests.factories.quotes import accepted_quote, change_order, final_bill, typical_lines
from tests.payments.paid import money_snapshot
from tests.payments.paying import cny

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
LIKELY, DEPOSIT = 3_450_000, 500_000
LEFT = LIKELY - DEPOSIT


@pytest.fixture
def desk():
    return UserFactory(staff=True)


@pytest.fixture
def quote(desk):
    case = CaseFactory(state="in_triage")
    PayeeAccountFactory(hospital=case.hospital)
    policy = CancellationPolicy.objects.create(
        hospital=case.hospital, name="Surgery", bands=[[336, 100], [72, 50]]
    )
    offer = OfferFactory(
        hospital=case.hospital, unpriced=True, case=True, cancellation_policy=policy
    )
    return accepted_quote(case, desk, offer=offer, likely_minor=LIKELY, deposit_minor=DEPOSIT)


def add(quote, minor, currency="CNY"):
    return add_to_deposit(quote, amount=Money(minor, currency), by=quote.case.patient.account)


def dues():
    rows = Obligation.objects.order_by("pk")
    return list(rows.values_list("kind", "amount_minor", "closed_reason"))


def test_another_amount_takes_the_place_of_a_mistyped_one(quote):
    add(quote, LEFT)
    first = add(quote, 50_000)
    assert add(quote, 50_000) == first
    assert left_to_add(quote) == cny(LEFT)
    assert dues() == [
        ("deposit", DEPOSIT, ""),
        ("top_up", LEFT, "taken_back"),
        ("top_up", 50_000, ""),
    ]


def test_one_that_is_being_paid_stays_and_counts(quote):
    PaymentFactory(obligation=add(quote, 50_000))
    assert left_to_add(quote) == cny(LEFT - 50_000)
    add(quote, LEFT - 50_000)
    assert dues()[1:] == [("top_up", 50_000, ""), ("top_up", LEFT - 50_000, "")]


@pytest.mark.parametrize(
    ("minor", "currency"), [(LEFT + 1, "CNY"), (0, "CNY"), (-1, "CNY"), (100, "USD")]
)
def test_more_than_the_quote_leaves_is_refused_and_changes_nothing(quote, minor, currency):
    add(quote, 50_000)
    before = money_snapshot()
    with pytest.raises(TopUpTooLarge):
        add(quote, minor, currency)
    assert money_snapshot() == before


def test_nothing_is_added_after_the_bill_and_what_nobody_pays_is_given_up(quote, desk):
    add(quote, 50_000)
    final_bill(quote, desk, {"Surgery": 1_000_000})
    quote.refresh_from_db()
    assert left_to_add(quote) == cny(0)
    with pytest.raises(TopUpTooLarge):
        add(quote, 1)
    assert dues()[1] == ("top_up", 50_000, "balance_changed")
    assert sum(minor for _kind, minor, closed in dues() if not closed) == 1_000_000


def test_a_change_order_asks_its_whole_deposit(quote, desk):
    add(quote, 150_000)
    second = change_order(
        quote, desk, lines=typical_lines(), likely_minor=LIKELY, deposit_minor=DEPOSIT + 100_000
    )
    quotes.accept_quote(second, by=quote.case.patient.account, version=2)
    assert dues() == [
        ("deposit", DEPOSIT, ""),
        ("top_up", 150_000, "deposit_changed"),
        ("top_up", 100_000, ""),
    ]
    with pytest.raises(StaleQuote):
        add(quote, 100)


def test_only_what_was_added_and_nobody_pays_is_taken_back(quote):
    deposit = Obligation.objects.get()
    with pytest.raises(NothingOwed):
        take_back(deposit)
    added = add(quote, 50_000)
    closed = take_back(added)
    assert (closed.closed_reason, take_back(added).closed_at) == ("taken_back", closed.closed_at)
    again = add(quote, 50_000)
    PaymentFactory(pending=True, obligation=again)
    before = money_snapshot()
    with pytest.raises(NothingOwed):
        take_back(again)
    assert money_snapshot() == before
