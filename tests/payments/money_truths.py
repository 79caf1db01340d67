"""What must be true of money after every step, however the step came about; read by tests.

`hold_always` after each step; `hold_when_all_is_quiet` after the sweeps had their turn; `agree` when
the gateway's news arrived as well. Our rows are compared with what lies at the gateway.
"""

from collections import Counter, defaultdict

from django.db import connection
from django.db.models import F, Sum

from bookings.models import Appointment, Slot
from bookings.transitions import AppointmentState
from messaging.models import Message
from payments.gateways.sandbox.models import StoredObject
from payments.models import (
    Account,
    DepositGap,
    Dispute,
    Gateway,
    LedgerEntry,
    Obligation,
    Payment,
    PaymentShare,
    Refund,
    RefundCause,
    RefundRoute,
)
from payments.selectors.deposit_gaps import missing_of
from payments.services.arrivals import LOST
from payments.transitions import CLAIMING_PAYMENT, LIVE_PAYMENT, LIVE_REFUND, PaymentState

CLAIMING = CLAIMING_PAYMENT
KEPT = (AppointmentState.CONFIRMED, AppointmentState.ARRIVED, AppointmentState.COMPLETED)
KEEPS = "requires_capture"
WHOLE_BACK = {RefundCause.HOSPITAL_CANCELLED, RefundCause.PLACE_LOST}
ONCE = ("payments.deposit_paid", "bookings.appointment_confirmed", "payments.place_lost")


def hold_always() -> None:
    every_posting_adds_up()
    nobody_claims_more_than_is_due()
    nothing_goes_back_twice()
    no_place_is_sold_twice()
    no_place_without_its_money()
    no_deposit_is_gone_unnoticed()
    no_message_is_sent_twice()
    the_ledger_knows_where_money_lies()


def hold_when_all_is_quiet() -> None:
    """Check what is true once every sweep ran and nobody is at a payment page any more."""
    hold_always()
    assert not Payment.objects.filter(state__in=LIVE_PAYMENT).exists()
    no_money_is_overlooked()
    no_money_is_kept_for_a_lost_place()
    every_movement_has_its_receipt()
    no_card_keeps_money_for_nothing()


def no_card_keeps_money_for_nothing() -> None:
    """Every reservation at the gateway is one that a confirmed appointment stands on."""
    assert not Payment.objects.exclude(wanted="").exists(), "a wish is not carried out"
    held = {body["id"] for body in _bodies("payment_intent") if body["status"] == KEEPS}
    known = Payment.objects.filter(state=PaymentState.RESERVED)
    assert held == set(known.values_list("intent_id", flat=True))
    for payment in known:
        assert payment.obligation.appointment.state in KEPT


def every_movement_has_its_receipt() -> None:
    for kind in (Payment, Refund):
        due = kind.objects.filter(state=PaymentState.SUCCEEDED, receipt=None)
        assert not due.filter(receipt_due_at=None).exists(), "a receipt is forgotten"


def every_posting_adds_up() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    sums = LedgerEntry.objects.order_by().values_list("posting", "currency")
    off = [row for row in sums.annotate(total=Sum("amount_minor")) if row[2]]
    assert off == []


def the_ledger_knows_where_money_lies() -> None:
    """What is at the bank, disputed or promised back stands in the ledger as our rows say it."""
    found = _balances(Account.BANK, Account.DISPUTED, Account.REFUND_PAYABLE)
    rows: Counter = Counter()
    for payment in Payment.objects.filter(gateway=Gateway.BANK_TRANSFER):
        rows[Account.BANK, payment.charge_currency] += payment.charge_minor
    for refund in Refund.objects.exclude(state="failed").select_related("payment"):
        currency = refund.payment.charge_currency
        if refund.state != "succeeded":
            is_decided = refund.approved_by_id is not None or not refund.needs_approval
            rows[Account.REFUND_PAYABLE, currency] -= refund.amount_minor * is_decided
        elif refund.route == RefundRoute.BANK_TRANSFER:
            rows[Account.BANK, currency] -= refund.amount_minor
    for dispute in Dispute.objects.filter(state="open").select_related("payment"):
        rows[Account.DISPUTED, dispute.payment.charge_currency] += dispute.amount_minor
    assert found == {key: minor for key, minor in rows.items() if minor}


def _balances(*accounts: str) -> dict[tuple[str, str], int]:
    sums = LedgerEntry.objects.filter(account__in=accounts).order_by()
    totals = sums.values_list("account", "currency").annotate(total=Sum("amount_minor"))
    return {(account, currency): total for account, currency, total in totals if total}


def nobody_claims_more_than_is_due() -> None:
    claimed: dict[int, int] = defaultdict(int)
    own, shared = Counter(), Counter()
    payments = Payment.objects.filter(state__in=CLAIMING).values_list(
        "obligation_id", "share_id", "state", "contract_minor", "surplus_minor"
    )
    for obligation, share, state, contract, surplus in payments:
        claimed[obligation] += contract
        own[obligation] += share is None and state in LIVE_PAYMENT
        shared[share] += share is not None and not surplus
    for pk, amount, kept in Obligation.objects.values_list("pk", "amount_minor", "claimed_minor"):
        assert 0 <= kept == claimed[pk] <= amount, "claimed"
        assert own[pk] <= 1, "one live payment"
    assert all(count <= 1 for count in shared.values()), "a share is paid once"


def nothing_goes_back_twice() -> None:
    asked = Counter()
    for payment, minor in Refund.objects.exclude(state="failed").values_list(
        "payment_id", "amount_minor"
    ):
        asked[payment] += minor
    lost = Counter()
    for payment, minor in Dispute.objects.filter(state="lost").values_list(
        "payment_id", "amount_minor"
    ):
        lost[payment] += minor
    for pk, charge, refunded in Payment.objects.values_list("pk", "charge_minor", "refunded_minor"):
        assert refunded == asked[pk] <= charge, "refunded more than captured"
        assert asked[pk] + lost[pk] <= charge or not _all_of_it_is_decided(pk), "lost and refunded"
    for body in _bodies("charge"):
        assert 0 <= body["amount_refunded"] <= body["amount"]


def _all_of_it_is_decided(payment: int) -> bool:
    return not Refund.objects.filter(
        payment=payment, state__in=(*LIVE_REFUND, "succeeded")
    ).exists()


def no_place_is_sold_twice() -> None:
    assert not Slot.objects.filter(booked__gt=F("capacity")).exists()
    taken = Counter(
        Appointment.objects.filter(state__in=(*KEPT, "awaiting_payment")).values_list(
            "slot_id", flat=True
        )
    )
    for pk, capacity in Slot.objects.values_list("pk", "capacity"):
        assert taken[pk] <= capacity


def no_place_without_its_money() -> None:
    """A kept appointment's deposit was paid in full, and the money did reach the gateway."""
    kept = Appointment.objects.filter(state__in=KEPT, slot__offer__asks_deposit_online=True)
    for appointment in kept:
        if _is_reserved(appointment):
            continue
        obligation = appointment.obligations.get(settled_at__isnull=False)
        assert obligation.closed_at is None
        paid = obligation.payments.filter(state=PaymentState.SUCCEEDED)
        assert sum(payment.contract_minor for payment in paid) == obligation.amount_minor
        for payment in paid.exclude(gateway=Gateway.BANK_TRANSFER):
            (charge,) = _charges(payment)
            assert (charge["amount"], charge["currency"]) == (
                _at_gateway(payment),
                payment.charge_currency.lower(),
            )


def _is_reserved(appointment: Appointment) -> bool:
    """A card keeps all of the deposit, or did not give it and that is on the desk's list."""
    obligation = appointment.obligations.filter(closed_at=None).first()
    if obligation is None or obligation.settled_at:
        return False
    kept = obligation.payments.filter(state=PaymentState.RESERVED).first()
    if kept is None:
        return obligation.deposit_gaps.exists() and missing_of(obligation).minor == 0
    assert kept.contract_minor == obligation.amount_minor
    assert not kept.postings.exists(), "reserved money is in the ledger"
    return True


def no_deposit_is_gone_unnoticed() -> None:
    """What is not there of a confirmed appointment's deposit is waived, or on the desk's list."""
    for appointment in Appointment.objects.filter(state=AppointmentState.CONFIRMED):
        for obligation in appointment.obligations.filter(settled_at__isnull=False):
            assert missing_of(obligation).minor == 0
    for gap in DepositGap.objects.filter(state="kept"):
        assert gap.decided_by is not None
        assert gap.reason


def no_message_is_sent_twice() -> None:
    sent = Counter(
        (kind, tuple(sorted(_subject(context).items())))
        for kind, context in Message.objects.filter(kind__in=ONCE).values_list("kind", "context")
    )
    assert [key for key, count in sent.items() if count > 1] == []


def _subject(context: dict) -> dict:
    return {key: context[key] for key in ("appointment", "obligation", "payment") if key in context}


def no_money_is_overlooked() -> None:
    """Every charge that a payer's bank let through is a payment that succeeded here."""
    online = Payment.objects.exclude(gateway=Gateway.BANK_TRANSFER)
    known = set(online.filter(state=PaymentState.SUCCEEDED).values_list("intent_id", flat=True))
    taken = {body["id"] for body in _bodies("payment_intent") if body["status"] == "succeeded"}
    assert taken == known


def no_money_is_kept_for_a_lost_place() -> None:
    """Of a place that was never had, or that the hospital took, nothing stays with us."""
    for obligation in Obligation.objects.filter(appointment__state__in=LOST):
        assert obligation.closed_at is not None
        causes = set(
            Refund.objects.filter(payment__obligation=obligation).values_list("cause", flat=True)
        )
        was_had = obligation.settled_at is not None and not causes & WHOLE_BACK
        for payment in obligation.payments.filter(state=PaymentState.SUCCEEDED):
            if not was_had or obligation.settled_at < payment.settled_at:
                assert _is_all_back(payment), (payment.state, causes)
    for payment in Payment.objects.filter(state=PaymentState.SUCCEEDED, surplus_minor__gt=0):
        assert payment.refunds.exists(), "surplus stays"


def _is_all_back(payment: Payment) -> bool:
    lost = payment.disputes.filter(state="lost").aggregate(total=Sum("amount_minor"))["total"] or 0
    return payment.refunded_minor + lost >= payment.charge_minor


def agree() -> None:
    """What our ledger says lies at the processor is what the gateway's own balance says."""
    ours: dict[str, int] = defaultdict(int)
    accounts = (Account.PROCESSOR,)
    for currency, minor in LedgerEntry.objects.filter(account__in=accounts).values_list(
        "currency", "amount_minor"
    ):
        ours[currency] += minor
    theirs: dict[str, int] = defaultdict(int)
    for body in _bodies("balance_transaction"):
        theirs[body["currency"].upper()] += body["net"]
    for currency in ours.keys() | theirs.keys():
        assert ours[currency] == theirs[currency], currency


def shares_are_paid_by_their_payers() -> None:
    for share in PaymentShare.objects.filter(paid_at__isnull=False):
        assert share.payments.filter(state=PaymentState.SUCCEEDED, surplus_minor=0).count() == 1


def _bodies(kind: str) -> list[dict]:
    return list(StoredObject.objects.filter(kind=kind).values_list("body", flat=True))


def _charges(payment: Payment) -> list[dict]:
    rows = StoredObject.objects.filter(kind="charge", body__payment_intent=payment.intent_id)
    return [row.body for row in rows if row.body["status"] == "succeeded"]


def _at_gateway(payment: Payment) -> int:
    from payments.gateways.minor_units import to_stripe

    return to_stripe(payment.charge)


__all__ = [
    "agree",
    "hold_always",
    "hold_when_all_is_quiet",
    "shares_are_paid_by_their_payers",
]
