"""Final bills against the accepted quote, and how exact a hospital's quotes were."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from messaging.models import Message
from payments import quote_refusals as refusals
from payments.models import (
    Account,
    BillLine,
    FinalBill,
    LedgerEntry,
    LedgerPosting,
    Obligation,
)
from payments.selectors.accuracy import quote_accuracy
from payments.selectors.balances import balance
from payments.services import bills
from tests.factories import CaseFactory, OfferFactory, PatientFactory, PaymentFactory
from tests.factories.quotes import (
    accepted_quote,
    change_order,
    final_bill,
    issued_quote,
    quote_line,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def offer(hospital):
    return OfferFactory(hospital=hospital, case=True)


@pytest.fixture
def case(hospital, patient, offer):
    return CaseFactory(hospital=hospital, patient=patient, treatment=offer.treatment)


@pytest.fixture
def quote(case, offer, coordinator):
    """Surgery 30,000, ward 4,000 to 5,000, physiotherapy 400 if wanted, flights not included."""
    return accepted_quote(case, coordinator, offer=offer, deposit_minor=500_000)


def everything():
    return [
        list(model.objects.order_by("pk").values())
        for model in (FinalBill, BillLine, LedgerPosting, LedgerEntry, Obligation, Message)
    ]


def refused(refusal, quote, amounts, by, **kwargs):
    before = everything()
    with pytest.raises(refusal), transaction.atomic():
        final_bill(quote, by, amounts, **kwargs)
    assert everything() == before


def entries():
    return list(
        LedgerEntry.objects.order_by("pk").values_list("account", "amount_minor", "currency")
    )


def test_an_agreed_bill_is_owed_in_full(quote, case, coordinator):
    bill = final_bill(
        quote,
        coordinator,
        {"Surgery": 3_000_000, "Ward": 450_000, "Physiotherapy": 40_000},
        reason="",
    )
    assert (bill.total_minor, bill.agreed_minor) == (3_490_000, 3_490_000)
    assert entries() == [
        ("patient", 3_490_000, "CNY"),
        ("hospital_payable", -3_490_000, "CNY"),
    ]
    assert LedgerPosting.objects.get().key == f"bill:{bill.public_id}"
    assert list(Obligation.objects.order_by("pk").values_list("kind", "amount_minor")) == [
        ("deposit", 500_000),
        ("balance", 2_990_000),
    ]
    assert Message.objects.order_by("-pk")[0].kind == "payments.final_bill"
    event = case.events.order_by("-pk")[0]
    assert (event.action, event.details) == (
        "bill_recorded",
        {"bill": bill.public_id, "quote": quote.public_id, "version": 1},
    )


@pytest.mark.parametrize("state", ["pending", "succeeded"])
def test_a_deposit_paid_or_under_way_is_not_asked_for_again(quote, coordinator, state):
    PaymentFactory(obligation=Obligation.objects.get(), **{state: True})
    final_bill(quote, coordinator, {"Surgery": 3_000_000}, reason="No ward was needed")
    assert Obligation.objects.get(kind="balance").amount_minor == 2_500_000


def test_what_was_not_agreed_is_named_and_not_owed(quote, case, coordinator):
    bill = final_bill(
        quote,
        coordinator,
        {"Surgery": 3_000_000, "Ward": 520_000, "Flights": 600_000, "Wine": 7_000},
    )
    assert list(bill.lines.values_list("label", "amount_minor", "agreed_minor")) == [
        ("Surgery", 3_000_000, 3_000_000),
        ("Ward", 520_000, 500_000),
        ("Flights", 600_000, 0),
        ("Wine", 7_000, 0),
    ]
    assert (bill.total_minor, bill.agreed_minor) == (4_127_000, 3_500_000)
    assert balance(Account.PATIENT, case=case)["CNY"].minor == 3_500_000


def test_an_accepted_change_order_makes_it_owed(quote, coordinator, user):
    from payments.services import quotes

    lines = [*quote.lines.all(), quote_line("Wine", 7_000)]
    second = change_order(quote, coordinator, lines=lines, likely_minor=3_460_000)
    refused(refusals.NotInForce, second, {"Wine": 7_000}, coordinator)
    second = quotes.accept_quote(second, by=user, version=2)
    refused(refusals.NotInForce, quote, {"Surgery": 3_000_000}, coordinator)
    bill = final_bill(second, coordinator, {"Surgery": 3_000_000, "Wine": 7_000})
    assert bill.agreed_minor == 3_007_000


def test_a_line_of_another_version_is_not_a_match(quote, coordinator, user):
    from payments.services import quotes

    old = quote.lines.all()[0]
    second = change_order(quote, coordinator, lines=[quote_line()], likely_minor=3_000_000)
    second = quotes.accept_quote(second, by=user, version=2)
    before = everything()
    with pytest.raises(refusals.NotInForce), transaction.atomic():
        bills.record_final_bill(
            second, lines=[bills.Billed("Surgery", 1, old)], by=coordinator, reason="x"
        )
    assert everything() == before


def test_more_than_ten_percent_needs_a_reason(quote, coordinator):
    above = {"Surgery": 3_000_000, "Ward": 795_001}
    refused(refusals.NoVarianceReason, quote, above, coordinator, reason=" ")
    refused(refusals.NoVarianceReason, quote, {"Surgery": 3_000_000}, coordinator, reason="")
    bill = final_bill(quote, coordinator, {"Surgery": 3_000_000, "Ward": 795_000}, reason="")
    assert bill.total_minor == 3_795_000


def test_a_bill_needs_an_accepted_quote_and_comes_once(case, offer, coordinator):
    waiting = issued_quote(case, coordinator)
    refused(refusals.NotInForce, waiting, {"Surgery": 3_000_000}, coordinator)


def test_a_bill_comes_once_and_has_lines(quote, coordinator):
    refused(refusals.NothingBilled, quote, {}, coordinator)
    final_bill(quote, coordinator, {"Surgery": 3_000_000})
    refused(refusals.AlreadyBilled, quote, {"Surgery": 3_000_000}, coordinator)
    from payments.services import quotes

    before = everything()
    with pytest.raises(refusals.AlreadyBilled), transaction.atomic():
        quotes.supersede(quote, by=coordinator, reason="More")
    assert everything() == before


def test_a_bill_of_nothing_moves_nothing(quote, coordinator):
    bill = final_bill(quote, coordinator, {"Nothing was done": 0})
    assert (bill.total_minor, entries()) == (0, [])
    assert Obligation.objects.filter(kind="balance").count() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_finalbill SET variance_reason = 'x' WHERE id = %s",
        "UPDATE payments_billline SET agreed_minor = 0 WHERE bill_id = %s",
        "DELETE FROM payments_billline WHERE bill_id = %s",
    ],
)
def test_the_database_refuses_to_change_a_bill(quote, coordinator, statement):
    bill = final_bill(quote, coordinator, {"Surgery": 3_000_000})
    before = everything()
    with (
        pytest.raises(IntegrityError, match="a final bill is never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [bill.pk])
    assert everything() == before


def test_the_database_adds_a_bill_up(quote, coordinator):
    bill = final_bill(quote, coordinator, {"Surgery": 3_000_000})
    BillLine.objects.create(bill=bill, label="Later", amount_minor=1)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="does not add up"):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# ---- accuracy -----------------------------------------------------------------------------------


def settled(hospital, offer, by, totals, treatment=None):
    for total in totals:
        case = CaseFactory(
            hospital=hospital, patient=PatientFactory(), treatment=treatment or offer.treatment
        )
        quote = accepted_quote(case, by, lines=[quote_line(price=100_000)], likely_minor=100_000)
        final_bill(quote, by, {"Surgery": total})


def test_accuracy_needs_five_settled_cases(hospital, offer, coordinator):
    settled(hospital, offer, coordinator, [100_000] * 4)
    assert quote_accuracy(hospital, offer.treatment) is None


def test_accuracy_is_median_and_middle_half(hospital, other_hospital, offer, coordinator):
    settled(hospital, offer, coordinator, [90_000, 100_000, 104_000, 110_000, 150_000])
    settled(other_hospital, offer, coordinator, [500_000])
    settled(hospital, offer, coordinator, [500_000], treatment=OfferFactory().treatment)
    found = quote_accuracy(hospital, offer.treatment)
    assert (found.cases, found.since) == (5, dt.date(2026, 11, 23))
    assert (found.lower_percent, found.median_percent, found.upper_percent) == (
        Decimal("100.0"),
        Decimal("104.0"),
        Decimal("110.0"),
    )


def test_change_orders_do_not_flatter_the_accuracy(hospital, offer, coordinator):
    from payments.services import quotes

    settled(hospital, offer, coordinator, [200_000] * 4)
    case = CaseFactory(hospital=hospital, patient=PatientFactory(), treatment=offer.treatment)
    first = accepted_quote(
        case, coordinator, lines=[quote_line(price=100_000)], likely_minor=100_000
    )
    dear = [quote_line(price=200_000)]
    second = change_order(first, coordinator, lines=dear, likely_minor=200_000)
    second = quotes.accept_quote(second, by=case.patient.account, version=2)
    final_bill(second, coordinator, {"Surgery": 200_000})
    assert quote_accuracy(hospital, offer.treatment).median_percent == Decimal("200.0")


def test_the_offer_page_says_it_as_a_counted_fact(client, hospital, offer, coordinator):
    address = reverse("hospitals:offer", args=[offer.public_id])
    settled(hospital, offer, coordinator, [90_000, 100_000, 104_000, 110_000])
    assert "How exact the quotes were" not in client.get(address).content.decode()
    settled(hospital, offer, coordinator, [150_000])
    words = client.get(address).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "the final bill was <bdi>104 %</bdi> of the first quote" in words
    assert "between <bdi>100 %</bdi> and <bdi>110 %</bdi>" in words
    assert "5 settled cases of this treatment at this hospital since 23 Nov 2026" in words
