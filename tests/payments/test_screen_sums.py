"""Every sum on a page is one that the ledger holds, to the minor unit, in all eight languages.

The figures are read off the page by their digits, not by the formatter that wrote them.
"""

import re

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from hospitals.models import CancellationPolicy
from medtour.lib.money import Money
from payments.gateways.sandbox import world
from payments.models import LedgerEntry, Obligation, Payment, Receipt
from payments.presenters.receipt_paper import receipt_paper
from payments.services import deposits, refunds
from payments.services.cancellation import cancel_with_refund
from payments.services.receipts import issue_due, issue_receipt
from tests.factories import AppointmentFactory, ObligationFactory, SlotFactory
from tests.factories.bookings import in_days
from tests.payments.paid import card_payment
from tests.payments.paying import CANCEL, SUCCESS, started

pytest_plugins = ["tests.payments.payers"]
pytestmark = [pytest.mark.long, pytest.mark.django_db]
LANGUAGES = [code for code, _name in settings.LANGUAGES]
# A deposit of CNY 1,600.07, as it was charged; half of it goes back, in steps of the currency.
CHARGES = [
    (Money(160_007, "CNY"), 80_004),
    (Money(33_001, "JPY"), 16_501),
    (Money(68_770, "KWD"), 34_390),
    (Money(1_234_570, "KWD"), 617_290),
    (Money(22_037, "USD"), 11_019),
]


def sums_in(text):
    """Return (currency, minor units) of every sum: all digits of a figure, whatever divides it."""
    found = set()
    for words in re.findall(r'<bdi class="num">([^<]*)</bdi>', text) or [text]:
        codes = re.findall(r"[A-Z]{3}", words)
        digits = re.sub(r"\D", "", words)
        if codes and digits:
            found.add((codes[0], int(digits)))
    return found


def address(language, name, *args):
    with translation.override(language):
        return reverse(name, args=args)


@pytest.fixture
def booked(deposit_offer, patient, account):
    """Return an appointment in five days: half of its deposit comes back."""
    assert CancellationPolicy.objects.get().bands == [[168, 100], [48, 50]]
    slot = SlotFactory(offer=deposit_offer, starts_at=in_days(5))
    return AppointmentFactory(slot=slot, patient=patient)


def posted(*accounts):
    """Return the sums of all entries of these accounts."""
    entries = LedgerEntry.objects.filter(account__in=accounts)
    return {(entry.currency, abs(entry.amount_minor)) for entry in entries}


@pytest.mark.parametrize(("charge", "back"), CHARGES, ids=lambda each: str(each))
def test_the_money_of_a_case_shows_what_the_ledger_holds(signed_in, booked, charge, back):
    due = ObligationFactory(
        appointment=booked, amount_minor=160_007, settled_at=booked.confirmed_at
    )
    payment = card_payment(due, charge=charge)
    cancel_with_refund(booked, by=booked.booker, actor="patient", version=booked.version)
    refunds.send_due_refunds()
    refund = payment.refunds.get()
    assert (refund.state, refund.amount_minor) == ("succeeded", back)
    kept = 160_007 - refund.contract_minor
    must = {
        ("CNY", 160_007),
        ("CNY", refund.contract_minor),
        ("CNY", kept),
        (charge.currency, charge.minor),
        (charge.currency, back),
    }
    held = posted("patient", "processor", "refund_payable") | {("CNY", kept), ("CNY", 0)}
    assert must - {("CNY", kept)} <= held
    for language in LANGUAGES:
        page = signed_in.get(address(language, "payments:case_money", booked.case.public_id))
        shown = sums_in(page.content.decode())
        assert must <= shown, language
        assert shown <= held | {(charge.currency, charge.minor - back)}, language


@pytest.mark.parametrize(("charge", "back"), CHARGES, ids=lambda each: str(each))
def test_a_receipt_says_what_the_ledger_holds(booked, charge, back):
    due = ObligationFactory(
        appointment=booked, amount_minor=160_007, settled_at=booked.confirmed_at
    )
    payment = card_payment(due, charge=charge)
    issue_receipt(payment)
    cancel_with_refund(booked, by=booked.booker, actor="patient", version=booked.version)
    refunds.send_due_refunds()
    issue_due()
    paid, returned = Receipt.objects.order_by("pk")
    assert paid.facts["charge"] == {"minor": charge.minor, "currency": charge.currency}
    assert returned.facts["charge"] == {"minor": back, "currency": charge.currency}
    assert posted("processor") >= {(charge.currency, charge.minor), (charge.currency, back)}
    for receipt, minor in ((paid, charge.minor), (returned, back)):
        for language in LANGUAGES:
            paper = receipt_paper(receipt, language)
            assert sums_in(paper["total"]["value"]) == {(charge.currency, minor)}, language


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_sum_to_choose_from_is_the_sum_that_is_charged(signed_in, waiting, language):
    page = signed_in.get(address(language, "payments:deposit", waiting.public_id))
    shown = sums_in(page.content.decode())
    obligation = Obligation.objects.get()
    assert ("CNY", 38_700) in shown
    charged = set()
    for currency in ("CNY", "USD", "EUR", "JPY"):
        payment = started(obligation, currency)
        charged.add((payment.charge_currency, payment.charge_minor))
    assert charged <= shown
    assert {currency for currency, _minor in shown} == {"CNY", "USD", "EUR", "JPY"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_return_page_shows_what_was_charged(signed_in, waiting, language):
    signed_in.get(address("en", "payments:deposit", waiting.public_id))
    payment = started(Obligation.objects.get(), "JPY")
    deposits.begin_checkout(payment, success_url=SUCCESS, cancel_url=CANCEL)
    world.pay(Payment.objects.get().session_id)
    page = signed_in.get(address(language, "payments:paying", payment.public_id))
    shown = sums_in(page.content.decode())
    entry = LedgerEntry.objects.get(account="processor", posting__kind="payment")
    assert (entry.currency, entry.amount_minor) == ("JPY", payment.charge_minor)
    assert ("JPY", payment.charge_minor) in shown
