"""The ledger: a fact once, always adding up, never changed; balances are sums."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from medtour.lib.money import Money
from payments.models import Account, LedgerEntry, LedgerPosting, PostingKind
from payments.selectors.balances import balance, case_account, paid_in
from payments.services import ledger
from tests.factories import CaseFactory, ObligationFactory, PaymentFactory

pytestmark = pytest.mark.django_db

CNY = "CNY"


def entries(minor: int = 500) -> list[tuple[Account, Money]]:
    return [(Account.PROCESSOR, Money(minor, CNY)), (Account.PATIENT, Money(-minor, CNY))]


def post(case, key: str = "payment:one", legs=None) -> bool:
    return ledger.post(
        key,
        PostingKind.PAYMENT,
        case=case,
        hospital=case.hospital,
        entries=entries() if legs is None else legs,
    )


def test_a_fact_is_posted_once():
    case = CaseFactory()
    assert post(case) is True
    assert post(case, legs=entries(900)) is False
    assert LedgerPosting.objects.count() == 1
    assert balance(Account.PROCESSOR, case=case) == {CNY: Money(500, CNY)}


@pytest.mark.parametrize(
    "legs",
    [
        [],
        [(Account.PATIENT, Money(0, CNY))],
        [(Account.PATIENT, Money(1, CNY))],
        [(Account.PATIENT, Money(1, CNY)), (Account.EXCHANGE, Money(-1, "USD"))],
    ],
)
def test_what_does_not_add_up_is_refused(legs):
    with pytest.raises(ledger.PostingDoesNotAddUp):
        post(CaseFactory(), legs=legs)
    assert not LedgerPosting.objects.exists()


def add_a_leg():
    LedgerEntry.objects.create(
        posting=LedgerPosting.objects.get(), account=Account.PATIENT, amount_minor=1, currency=CNY
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@transaction.atomic
def trying(act):
    return act()


def test_the_database_refuses_what_does_not_add_up():
    post(CaseFactory())
    with pytest.raises(DatabaseError, match="does not add up"):
        trying(add_a_leg)


@pytest.mark.parametrize(
    "act",
    [
        lambda: LedgerEntry.objects.update(amount_minor=2),
        lambda: LedgerEntry.objects.all().delete(),
        lambda: LedgerPosting.objects.update(note="changed"),
    ],
)
def test_nothing_on_record_changes(act):
    post(CaseFactory())
    with pytest.raises(DatabaseError, match="only added to"):
        trying(act)


def test_a_reverse_posting_leaves_nothing():
    case = CaseFactory()
    post(case)
    assert ledger.reverse("refund:one:failed", PostingKind.REFUND_FAILED, of="payment:one")
    assert not ledger.reverse("refund:one:failed", PostingKind.REFUND_FAILED, of="payment:one")
    assert not ledger.reverse("refund:two:failed", PostingKind.REFUND_FAILED, of="payment:two")
    assert balance(Account.PATIENT, case=case) == {}
    assert LedgerPosting.objects.count() == 2


def test_a_payment_in_the_contracts_currency():
    payment = PaymentFactory(succeeded=True, gateway_fee_minor=5_440)
    case = payment.obligation.case
    assert balance(Account.PATIENT, case=case) == {CNY: Money(-160_000, CNY)}
    assert balance(Account.PROCESSOR, case=case) == {CNY: Money(154_560, CNY)}
    assert balance(Account.FEES, hospital=payment.obligation.hospital) == {CNY: Money(5_440, CNY)}
    assert paid_in(payment.obligation) == Money(160_000, CNY)


def test_a_payment_in_another_currency_keeps_both_sums():
    payment = PaymentFactory(
        succeeded=True, charge_minor=68_640, charge_currency="KWD", rate=Decimal("0.0429")
    )
    case = payment.obligation.case
    assert balance(Account.PROCESSOR, case=case) == {"KWD": Money(68_640, "KWD")}
    assert balance(Account.EXCHANGE, case=case) == {
        "KWD": Money(-68_640, "KWD"),
        CNY: Money(160_000, CNY),
    }
    assert paid_in(payment.obligation) == Money(160_000, CNY)
    assert LedgerPosting.objects.get().rate == Decimal("0.0429")


def test_what_is_too_much_stands_apart():
    obligation = ObligationFactory()
    payment = PaymentFactory(
        succeeded=True,
        obligation=obligation,
        contract_minor=100_000,
        surplus_minor=60_000,
        charge_minor=33_334,
        charge_currency="JPY",
        rate=Decimal("20.833333"),
    )
    assert balance(Account.UNAPPLIED, case=obligation.case) == {CNY: Money(-60_000, CNY)}
    assert balance(Account.PROCESSOR, case=obligation.case) == {"JPY": Money(33_334, "JPY")}
    assert paid_in(obligation) == Money(100_000, CNY)
    first, second = case_account(obligation.case)
    assert (first.amount, first.balance, first.is_surplus) == (
        Money(100_000, CNY),
        Money(100_000, CNY),
        False,
    )
    assert (second.amount, second.balance, second.is_surplus) == (
        Money(60_000, CNY),
        Money(100_000, CNY),
        True,
    )
    assert payment.obligation.claimed_minor == 100_000


def test_a_part_too_small_to_charge_still_counts():
    obligation = ObligationFactory()
    PaymentFactory(
        succeeded=True,
        obligation=obligation,
        contract_minor=1,
        surplus_minor=159_999,
        charge_minor=33_600,
        charge_currency="JPY",
        rate=Decimal(21),
    )
    assert paid_in(obligation) == Money(1, CNY)
    assert balance(Account.PROCESSOR, case=obligation.case) == {"JPY": Money(33_600, "JPY")}


def test_the_whole_ledger_sums_to_nothing():
    PaymentFactory(succeeded=True, gateway_fee_minor=100)
    PaymentFactory(succeeded=True, transfer=True)
    sums = {}
    for entry in LedgerEntry.objects.all():
        sums[entry.currency] = sums.get(entry.currency, 0) + entry.amount_minor
    assert sums == {CNY: 0}
    assert balance(Account.BANK) == {CNY: Money(160_000, CNY)}
