"""The cashier's day, its export, and how old unfinished money is: exact figures from the ledger."""

import datetime as dt
from decimal import Decimal

import pytest

from medtour.lib import clock
from medtour.lib.money import Money
from payments.models import LedgerPosting, Obligation, Refund, RefundCause
from payments.selectors.ageing import ageing
from payments.selectors.day_list import day_list, export_rows
from payments.services import refunds
from tests.factories import HospitalFactory, ObligationFactory, PaymentFactory
from tests.payments.paid import card_payment

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 23)
ZONE = "Asia/Shanghai"


def of(obligations, **facts):
    postings = LedgerPosting.objects.filter(hospital__in=[each.hospital for each in obligations])
    return day_list(postings, day=DAY, zone=ZONE, **facts)


@pytest.fixture
def day(frozen):
    """A card with a fee, yen, a transfer and a refund that was paid out, all on Monday."""
    obligation = ObligationFactory(confirmed=True)
    card = card_payment(obligation, contract_minor=60_000, gateway_fee_minor=2_000)
    yen = card_payment(obligation, contract_minor=50_000, charge=Money(10_313, "JPY"))
    PaymentFactory(
        succeeded=True,
        transfer=True,
        obligation=obligation,
        contract_minor=50_000,
        payer_name="=CMD()",
        bank_reference="SWIFT9",
    )
    refunds.request_refund(card, amount=Money(15_000, "CNY"), cause=RefundCause.PATIENT_CANCELLED)
    refunds.send_due_refunds()
    assert yen.charge == Money(10_313, "JPY")
    return obligation


def test_the_day_is_what_the_ledger_says(day):
    found = of([day])
    assert [(line.kind, line.where, line.amount) for line in found.lines] == [
        ("payment", "processor", Money(60_000, "CNY")),
        ("fee", "processor", Money(-2_000, "CNY")),
        ("payment", "processor", Money(10_313, "JPY")),
        ("payment", "bank", Money(50_000, "CNY")),
        ("refund_sent", "processor", Money(-15_000, "CNY")),
    ]
    cny, jpy = found.totals
    assert (cny.came_in, cny.went_back, cny.fees, cny.net) == (
        Money(110_000, "CNY"),
        Money(-15_000, "CNY"),
        Money(-2_000, "CNY"),
        Money(93_000, "CNY"),
    )
    assert (jpy.currency, jpy.net) == ("JPY", Money(10_313, "JPY"))
    assert (cny.disputed.minor, cny.other.minor) == (0, 0)


def test_a_transfer_names_its_remitter_and_reference(day):
    line = of([day]).lines[3]
    assert (line.remitter, line.bank_reference) == ("=CMD()", "SWIFT9")
    assert line.reference == day.transfer_reference


def test_the_day_is_the_hospitals_own(frozen):
    before = clock.at_wall_time(DAY, dt.time(0), ZONE) - dt.timedelta(seconds=1)
    with clock.freeze(before):
        early = PaymentFactory(succeeded=True).obligation
    with clock.freeze(before + dt.timedelta(seconds=1)):
        first = PaymentFactory(succeeded=True).obligation
    assert of([early]).lines == ()
    assert len(of([first]).lines) == 1


def test_another_hospitals_money_is_not_in_it(day):
    PaymentFactory(succeeded=True, obligation=ObligationFactory())
    assert len(of([day]).lines) == 5
    other = LedgerPosting.objects.filter(hospital=HospitalFactory())
    assert day_list(other, day=DAY, zone=ZONE).totals == ()


def test_the_export_has_exact_numbers(day):
    header, *rows = export_rows(of([day]))
    assert header[:3] == ["Day", "Time", "Kind"]
    assert rows[0] == [
        "2026-11-23",
        "09:00",
        "Payment",
        "At the payment processor",
        "Card",
        day.transfer_reference,
        "",
        "",
        "CNY",
        Decimal("600.00"),
    ]
    assert rows[2][-2:] == ["JPY", Decimal("10313")]
    assert [row[2] for row in rows[5:]] == [
        "Came in",
        "Went back",
        "Fees",
        "Total",
        "Came in",
        "Total",
    ]
    assert rows[8][-2:] == ["CNY", Decimal("930.00")]
    assert len({len(row) for row in [header, *rows]}) == 1


def test_the_list_costs_the_same_however_long_it_is(day, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        of([day])


def test_ageing_sorts_by_days_and_currency(frozen):
    for days, minor in ((0, 100), (7, 200), (8, 400), (90, 800), (91, 1_600), (400, 3_200)):
        ObligationFactory(opened_at=frozen - dt.timedelta(days=days), amount_minor=minor)
    half = ObligationFactory(opened_at=frozen - dt.timedelta(days=8))
    PaymentFactory(succeeded=True, obligation=half, contract_minor=60_000)
    paid = ObligationFactory(settled_at=frozen)
    payment = card_payment(paid, charge=Money(33_001, "JPY"))
    with clock.freeze(frozen - dt.timedelta(days=31)):
        refunds.request_refund(
            payment, amount=Money(5_000, "JPY"), cause=RefundCause.PATIENT_CANCELLED
        )
    found = ageing(Obligation.objects.all(), Refund.objects.all(), now=frozen)
    assert [(bucket.first_day, bucket.last_day, bucket.count) for bucket in found.due] == [
        (0, 7, 2),
        (8, 30, 2),
        (31, 60, 0),
        (61, 90, 1),
        (91, None, 2),
    ]
    assert [bucket.totals for bucket in found.due] == [
        (Money(300, "CNY"),),
        (Money(100_400, "CNY"),),
        (),
        (Money(800, "CNY"),),
        (Money(4_800, "CNY"),),
    ]
    assert [bucket.count for bucket in found.going_back] == [0, 0, 1, 0, 0]
    assert found.going_back[2].totals == (Money(5_000, "JPY"),)


def test_what_is_paid_back_waits_no_longer(frozen):
    payment = card_payment()
    refunds.refund_all(payment, cause=RefundCause.PLACE_LOST)
    assert sum(bucket.count for bucket in _going_back(frozen)) == 1
    refunds.send_due_refunds()
    assert sum(bucket.count for bucket in _going_back(frozen)) == 0


def _going_back(now):
    return ageing(Obligation.objects.none(), Refund.objects.all(), now=now).going_back
