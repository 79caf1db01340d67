"""How a payment ended, in the few words that its return page knows."""

import datetime as dt

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.models import Appointment
from bookings.transitions import AppointmentState
from medtour.lib import clock
from payments.models import Obligation, ObligationKind, Payment, RefundCause
from payments.transitions import LIVE_PAYMENT, PaymentState

KEPT = (AppointmentState.CONFIRMED, AppointmentState.ARRIVED, AppointmentState.COMPLETED)
LOOK_AGAIN, LOOK_AGAIN_LATER = 3, 20
PATIENT_SECONDS = 40 * 60

WHY_NOT: dict[str, Promise] = {
    "insufficient_funds": _("There was not enough money on the card"),
    "expired_card": _("The card has expired"),
    "incorrect_cvc": _("The security code of the card was not right"),
    "incorrect_number": _("The number of the card was not right"),
    "authentication_required": _("The bank wanted you to confirm the payment"),
    "payment_intent_authentication_failure": _("The bank could not make sure that it was you"),
    "processing_error": _("The bank had a problem for a moment"),
    "card_velocity_exceeded": _("The limit of the card is reached"),
    "withdrawal_count_limit_exceeded": _("The limit of the card is reached"),
    "card_not_supported": _("This kind of card cannot be used here"),
    "currency_not_supported": _("The card cannot pay in this currency"),
}
WHAT_NOW: dict[str, Promise] = {
    "processing_error": _("Please try again in a few minutes."),
    "authentication_required": _("Try again and confirm it in your bank’s app."),
    "payment_intent_authentication_failure": _("Try again and confirm it in your bank’s app."),
    "currency_not_supported": _("Try another currency or another card."),
}
DECLINED = _("The bank said no, without saying why")
TRY_ANOTHER = _("Try another card, or ask your bank.")


def why_not(payment: Payment) -> Promise:
    """Return why a payment failed, in plain words."""
    return WHY_NOT.get(payment.failure_code, DECLINED)


def what_now(payment: Payment) -> Promise:
    return WHAT_NOW.get(payment.failure_code, TRY_ANOTHER)


def is_place_kept(due: Obligation) -> bool:
    """Tell whether an appointment's place still waits for this money; true where there is none."""
    booked = due.appointment
    if booked is None or due.kind != ObligationKind.DEPOSIT or booked.state in KEPT:
        return True
    return booked.state == AppointmentState.AWAITING_PAYMENT and booked.is_live_claim(clock.now())


def kept_until(appointment: Appointment | None) -> dt.datetime | None:
    """Return until when an unpaid place is held, None when it is not."""
    if appointment is None or appointment.state != AppointmentState.AWAITING_PAYMENT:
        return None
    return appointment.held_until if appointment.is_live_claim(clock.now()) else None


def outcome_of(payment: Payment, due: Obligation, *, has_left: bool = False) -> str:
    """Return the outcome; `has_left` says that the person came back without paying."""
    if payment.state in LIVE_PAYMENT:
        return "left" if has_left else "waiting"
    if payment.state == PaymentState.RESERVED:
        return "released" if payment.wanted else "reserved"
    if payment.state != PaymentState.SUCCEEDED:
        if due.settled_at:
            return "already"
        if due.closed_at or not is_place_kept(due):
            return "time_over"
        return "failed" if payment.state == PaymentState.FAILED else "left"
    return _outcome_of_money(payment, due)


def _outcome_of_money(payment: Payment, due: Obligation) -> str:
    causes = {refund.cause for refund in payment.refunds.all()}
    if RefundCause.PLACE_LOST in causes:
        return "place_lost"
    if not payment.contract_minor:
        return "sent_back"
    if not due.settled_at:
        return "part_paid"
    is_kept = due.appointment is not None and due.appointment.state in KEPT
    return "confirmed" if is_kept and due.kind == ObligationKind.DEPOSIT else "paid"


def look_again_after(payment: Payment, outcome: str) -> int:
    """Return after how many seconds the page looks again, 0 when everything is known."""
    if outcome != "waiting":
        return 0
    waited = (clock.now() - payment.created_at).total_seconds()
    return LOOK_AGAIN if waited < PATIENT_SECONDS else LOOK_AGAIN_LATER
