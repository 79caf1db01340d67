"""Finding out how a payment stands and acting on it: one way in for page, webhook and sweep.

What a crash after each step leaves behind, and who repairs it:

| step | left behind | repaired by |
| --- | --- | --- |
| 1 attempt written (`start_payment`) | `created`, no page anywhere | sweep: `expired` at its end |
| 2 place kept (`keep_for_payment`) | the same, the place held longer | the hold's own expiry |
| 3 gateway opened the page | `created`, a page we do not know | `find_checkout` by our id |
| 4 page written down (`note_page`) | `pending`, nobody pays | sweep: `expired` at its end |
| 5 payer paid, nobody told us | `pending`, money at the gateway | webhook, return page or sweep |
| 6 event stored (`inbox.receive`) | an event not worked on | `inbox.process_due` |
| 7 facts fetched | nothing | any later `settle` |
| 8 settled (one transaction) | nothing half-done: paid, posted, confirmed, messages queued | – |
| 9 card keeps the money (`reserve`) | `reserved`, nothing posted | `collecting.collect_due` |
| 10 collected, not written down | `reserved`, money there | `collect_due`: `settle` sees it |
| 11 no longer wanted, page open | closed obligation or ended payment | `sweep.end_orphans` |
| 12 page closed, not written down | running payment | sweep: `settle` sees it closed |

Locks are taken in one order everywhere: appointment, obligation, payment, refund.
"""

import datetime as dt
from dataclasses import dataclass

import structlog
from django.db import transaction

from medtour.lib import clock
from medtour.lib.errors import Refusal
from payments.gateways import gateway
from payments.gateways.protocol import Charge, Checkout, GatewayDown, GatewayRefused
from payments.models import Gateway, MoneyAlert, Payment
from payments.policies import HOLD_GRACE
from payments.refusals import refusals_of_the_database
from payments.services import arrivals, attempts, gateway_facts, postings, reservations
from payments.services.alerts import raise_alert
from payments.services.gateway_facts import Facts
from payments.transitions import LIVE_PAYMENT, PaymentState

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """A payment as it stands now; `misfit` names what did not fit, and then nothing was changed."""

    payment: Payment
    misfit: str = ""


def settle(payment: Payment, *, now: dt.datetime | None = None) -> Payment:
    """Ask the gateway and bring the payment, its ledger and its appointment to where they belong.

    Safe to call at any time, by anybody, at once and again. Raises GatewayDown, GatewayRefused or
    Busy when nothing could be found out or changed: ask again.
    """
    return look(payment, now=now or clock.now()).payment


def settle_if_possible(payment: Payment, *, now: dt.datetime | None = None) -> Payment:
    """Settle for a page that must not fail: when nothing can be found out, nothing changes."""
    try:
        return settle(payment, now=now)
    except (GatewayDown, GatewayRefused, Refusal) as error:
        log.warning("settle_later", payment=payment.public_id, why=str(error))
        return _fresh(payment)


def look(payment: Payment, *, now: dt.datetime) -> Settled:
    """As `settle`, and say what did not fit."""
    payment = _fresh(payment)
    if payment.gateway == Gateway.BANK_TRANSFER:
        return Settled(payment)
    return _act_on(payment, gateway_facts.fetch(payment), now=now)


def end_payment(
    payment: Payment, *, now: dt.datetime, ended_as: str = PaymentState.CANCELLED
) -> Payment:
    """Close a running payment's page at the gateway; money that came before that is money.

    Raises GatewayDown: the payment then still runs. What calls for the end is written down before
    (a closed obligation, a hold that is over), so that the sweep tries again.
    """
    payment = _fresh(payment)
    if payment.gateway == Gateway.BANK_TRANSFER:
        return payment
    at, account = gateway(payment.gateway), payment.payee_account.account_id
    session_id = payment.session_id
    if not session_id:
        found = at.find_checkout(payment.public_id, account_id=account)
        session_id = found.session_id if found else ""
    if session_id:
        checkout = at.expire_checkout(session_id, account_id=account)
        facts = gateway_facts.with_charge(payment, checkout, at)
    else:
        facts = Facts(None, None)
    return _act_on(payment, facts, now=now, ended_as=ended_as, ends=True).payment


def _fresh(payment: Payment) -> Payment:
    return Payment.objects.select_related(*attempts.WITH_ALL).get(pk=payment.pk)


def _act_on(
    payment: Payment,
    facts: Facts,
    *,
    now: dt.datetime,
    ended_as: str = PaymentState.EXPIRED,
    ends: bool = False,
) -> Settled:
    if wrong := gateway_facts.misfit(payment, facts):
        alert_does_not_fit(payment, wrong)
        return Settled(payment, wrong)
    with refusals_of_the_database(), transaction.atomic():
        fresh = attempts.lock_payment(payment)
        if facts.checkout is not None:
            note_page(fresh, facts.checkout, now=now)
        if facts.has_money:
            assert facts.charge is not None  # noqa: S101
            _take(fresh, facts.charge, now=now)
        elif facts.charge is not None and facts.charge.status == "reserved":
            reservations.reserve(fresh, facts.charge, now=now)
        elif facts.charge is not None and facts.charge.status == "canceled" and _kept(fresh):
            reservations.end(fresh, now=now)
        elif fresh.state in LIVE_PAYMENT:
            _give_up(fresh, facts, now=now, ended_as=ended_as, ends=ends)
    return Settled(fresh)


def note_page(payment: Payment, checkout: Checkout, *, now: dt.datetime) -> None:
    """Write down a locked payment's page; with an open page it is being paid.

    Only an open page has an address: what has one and is over is still to be closed.
    """
    payment.session_id, payment.expires_at = checkout.session_id, checkout.expires_at
    payment.session_url = checkout.url
    payment.intent_id = checkout.intent_id or payment.intent_id
    if payment.state == PaymentState.CREATED and checkout.status == "open":
        attempts.move(payment, PaymentState.PENDING, now=now)
    else:
        payment.save(update_fields=["session_id", "session_url", "intent_id", "expires_at"])


def _kept(payment: Payment) -> bool:
    return payment.state == PaymentState.RESERVED or bool(payment.wanted)


def _take(payment: Payment, charge: Charge, *, now: dt.datetime) -> None:
    if payment.state != PaymentState.SUCCEEDED:
        arrivals.receive(payment, charge, now=now)
    if charge.fee is None:
        return
    postings.post_fee(payment, charge.fee, at=now)
    if charge.fee.currency == payment.charge_currency and payment.gateway_fee_minor is None:
        payment.gateway_fee_minor = charge.fee.minor
        payment.save(update_fields=["gateway_fee_minor"])


def _give_up(
    payment: Payment, facts: Facts, *, now: dt.datetime, ended_as: str, ends: bool
) -> None:
    """End a payment that cannot be paid any more; while its page is open only note a decline."""
    if facts.charge is not None and facts.charge.failure_code:
        payment.failure_code = facts.charge.failure_code[:80]
    state = _end_of(payment, facts, now=now, ended_as=ended_as, ends=ends)
    if state:
        attempts.move(payment, state, now=now, reason=payment.failure_code)
    else:
        payment.save(update_fields=["failure_code"])


def _end_of(payment: Payment, facts: Facts, *, now: dt.datetime, ended_as: str, ends: bool) -> str:
    """Return the state in which a payment without money ends, blank while it goes on."""
    checkout, charge = facts.checkout, facts.charge
    if checkout is None:
        is_over = payment.expires_at is None or payment.expires_at + HOLD_GRACE <= now
        return ended_as if ends or (is_over and not payment.session_id) else ""
    if charge is not None and charge.status == "processing":
        return ""
    if checkout.status == "expired":
        return ended_as
    if charge is not None and charge.status == "canceled":
        return PaymentState.CANCELLED
    if checkout.status == "complete" and charge is not None and charge.status == "failed":
        return PaymentState.FAILED
    return ""


def alert_does_not_fit(payment: Payment, wrong: str) -> None:
    """Tell the desk, once for each payment and thing, that the gateway speaks of something else."""
    raise_alert(
        MoneyAlert.Kind.EVENT_DOES_NOT_FIT,
        f"does_not_fit:{payment.public_id}:{wrong}",
        hospital=payment.obligation.hospital,
        payment=payment,
        wrong=wrong,
    )
