"""What each message about a deposit shows, read again at the moment of sending (MS-05).

No message names a treatment or a patient.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from bookings.links import sign_appointment
from bookings.models import Appointment
from bookings.transitions import AppointmentState
from medtour.lib import clock, wording
from messaging.kinds import Kind, Ready, Suppressed, register
from payments.models import DepositGap, Obligation, Payment
from payments.policies import collect_at
from payments.transitions import PaymentState

Context = Mapping[str, str]
DEPOSIT = frozenset({"reference", "amount", "hospital_name", "manage_url"})
CONFIRMED = AppointmentState.CONFIRMED
WITH_ALL = ("hospital", "appointment")


def _values(obligation: Obligation, amount: str) -> dict[str, Any]:
    return {
        "reference": obligation.transfer_reference,
        "amount": amount,
        "hospital_name": obligation.hospital.name,
        "manage_url": _page(obligation.appointment),
    }


def _page(appointment: Appointment | None) -> str:
    """Return the address of the appointment, which opens without signing in."""
    if appointment is None:
        return settings.SITE_URL
    token = sign_appointment(appointment)
    path = reverse("bookings:linked_appointment", args=[token])
    return settings.SITE_URL.rstrip("/") + path


def _language() -> str:
    return translation.get_language() or "en"


def deposit_paid(context: Context) -> Ready | Suppressed:
    """Say that a deposit is paid in full."""
    obligation = Obligation.objects.select_related(*WITH_ALL).get(public_id=context["obligation"])
    if obligation.settled_at is None:
        return Suppressed("deposit is not paid")
    return Ready(_values(obligation, obligation.amount.formatted(_language())))


def place_lost(context: Context) -> Ready | Suppressed:
    """Say that money came after the place was gone, and goes back in full."""
    payment = Payment.objects.select_related(*(f"obligation__{name}" for name in WITH_ALL)).get(
        public_id=context["payment"]
    )
    if payment.state != PaymentState.SUCCEEDED:
        return Suppressed(f"payment is {payment.state}")
    return Ready(_values(payment.obligation, payment.charge.formatted(_language())))


def deposit_reserved(context: Context) -> Ready | Suppressed:
    """Say that a card keeps the deposit, and on which day it is collected."""
    payment = _of_card(context)
    appointment = payment.obligation.appointment
    if payment.state != PaymentState.RESERVED or payment.wanted or appointment is None:
        return Suppressed(f"payment is {payment.state}")
    at = collect_at(appointment.slot.starts_at, capture_before=payment.capture_before)
    day = clock.local(at, payment.obligation.hospital.time_zone).date()
    values = _values(payment.obligation, payment.charge.formatted(_language()))
    return Ready(values | {"collect_day": wording.written_date(day, _language())})


def deposit_released(context: Context) -> Ready | Suppressed:
    """Say that a card that kept the deposit was let go."""
    payment = _of_card(context)
    if payment.state not in (PaymentState.CANCELLED, PaymentState.EXPIRED):
        return Suppressed(f"payment is {payment.state}")
    return Ready(_values(payment.obligation, payment.charge.formatted(_language())))


def _of_card(context: Context) -> Payment:
    names = (*(f"obligation__{name}" for name in WITH_ALL), "obligation__appointment__slot")
    return Payment.objects.select_related(*names).get(public_id=context["payment"])


def share_paid(context: Context) -> Ready | Suppressed:
    """Thank whoever paid a share; what it is for stays with the patient (M9)."""
    payment = Payment.objects.select_related("obligation").get(public_id=context["payment"])
    if payment.state != PaymentState.SUCCEEDED or not payment.contract_minor:
        return Suppressed(f"payment is {payment.state}")
    reference = payment.obligation.transfer_reference
    return Ready({"reference": reference, "amount": payment.charge.formatted(_language())})


def without_deposit(context: Context, *, state: str) -> Ready | Suppressed:
    """Speak of an appointment whose deposit is gone, while it stands and is decided like that."""
    gap = DepositGap.objects.select_related(*(f"obligation__{name}" for name in WITH_ALL)).get(
        public_id=context["gap"]
    )
    appointment = gap.obligation.appointment
    if gap.state != state or appointment is None or appointment.state != CONFIRMED:
        return Suppressed(f"it is {gap.state}")
    return Ready(_values(gap.obligation, gap.missing.formatted(_language())))


register(Kind("payments.deposit_paid", DEPOSIT, deposit_paid))
register(Kind("payments.share_paid", frozenset({"reference", "amount"}), share_paid))
register(Kind("payments.place_lost", DEPOSIT, place_lost))
register(Kind("payments.deposit_reserved", DEPOSIT | {"collect_day"}, deposit_reserved))
register(Kind("payments.deposit_released", DEPOSIT, deposit_released))
for name, state in (
    ("payments.deposit_missing", DepositGap.State.OPEN),
    ("payments.deposit_not_collected", DepositGap.State.OPEN),
    ("payments.deposit_waived", DepositGap.State.KEPT),
):
    register(Kind(name, DEPOSIT, partial(without_deposit, state=state)))
