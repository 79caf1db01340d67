"""Money that a card keeps for us: nothing is posted before it is collected (PY-03).

A reservation confirms the appointment. A task collects it a day before the start or before the card
lets go, whichever is earlier; an appointment that ends before lets the card go instead.
"""

import datetime as dt

from payments.gateways.protocol import Charge
from payments.models import MoneyAlert, Obligation, Payment
from payments.services import arrivals, attempts, deposit_gaps, payment_notices
from payments.services.alerts import raise_alert
from payments.services.reservation_ends import want_release
from payments.transitions import PaymentState


def reserve(payment: Payment, charge: Charge, *, now: dt.datetime) -> None:
    """Note on a locked payment that a card keeps its money, and confirm the appointment once.

    Where the part was paid otherwise, or the place is gone, the card is let go again.
    """
    payment.intent_id, payment.method = charge.intent_id, charge.method[:40]
    payment.capture_before = charge.capture_before
    if payment.state == PaymentState.RESERVED or payment.wanted:
        payment.save(update_fields=["intent_id", "method", "capture_before"])
        return
    if payment.state == PaymentState.CANCELLED or not arrivals.has_room(payment):
        want_release(payment)
        return
    attempts.move(payment, PaymentState.RESERVED, now=now)
    obligation = _obligation_of(payment)
    appointment = obligation.appointment
    assert appointment is not None  # noqa: S101  (only deposits are reserved)
    if not arrivals.place_is_ours(appointment, now=now):
        want_release(payment)
        arrivals.give_back(obligation, now=now)
        return
    arrivals.reopen(obligation)
    payment_notices.deposit_reserved(payment)


def end(payment: Payment, *, now: dt.datetime) -> None:
    """End a locked reservation that the card let go of, because we said so or by itself.

    Where an appointment still stands on it, the desk is asked what becomes of that.
    """
    wanted, payment.wanted = payment.wanted, ""
    if payment.state == PaymentState.RESERVED:
        attempts.move(payment, PaymentState.CANCELLED, now=now)
    else:
        payment.save(update_fields=["wanted"])
    if wanted == Payment.Wanted.RELEASE:
        payment_notices.deposit_released(payment)
        return
    not_collected(payment, "let_go")
    deposit_gaps.ask_about_uncollected(payment, now=now)


def not_collected(payment: Payment, code: str) -> None:
    """Tell the desk once for each reason that reserved money could not be collected."""
    raise_alert(
        MoneyAlert.Kind.NOT_COLLECTED,
        f"not_collected:{payment.public_id}:{code}",
        hospital=payment.obligation.hospital,
        payment=payment,
        code=code,
    )


def _obligation_of(payment: Payment) -> Obligation:
    return Obligation.objects.select_related("appointment", "hospital", "case").get(
        pk=payment.obligation_id
    )
