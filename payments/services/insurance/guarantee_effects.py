"""What the moves of a guarantee do to the appointment it is for (DP-07, BK-13)."""

import datetime as dt

from accounts.models import User
from bookings.models import Case
from bookings.services import insured
from bookings.transitions import AppointmentState
from medtour.lib import clock
from medtour.lib.locks import lock_row
from payments import insurance_clocks as clocks
from payments.models import FinalBill, Guarantee, Obligation
from payments.selectors.insurance.claim_parts import promised_of_bill
from payments.selectors.insurance.guarantees import asks_own_part, fits, in_contract_currency
from payments.services.bills import ask_for_balance_anew


def keep_place(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Keep the place while a clock runs, and a day longer to choose; raises HoldExpired."""
    appointment, due_at = guarantee.appointment, guarantee.clock_due_at
    if appointment is None or due_at is None:
        return
    until = clocks.place_kept_until(due_at, starts_at=appointment.slot.starts_at, now=now)
    insured.keep_for_guarantee(appointment, until=until, now=now)


def promise(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Confirm the appointment of an approved guarantee, or ask for the patient's share first.

    A promise that came after the place was lost leaves the appointment as it ended.
    """
    appointment = guarantee.appointment
    if appointment is None:
        return
    day = clock.local(appointment.slot.starts_at, appointment.hospital.time_zone).date()
    if fits(guarantee, appointment=appointment, day=day):
        insured.confirm_guaranteed(appointment, now=now, pays_share=_pays_share(guarantee))


def leave_choice(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Keep a waiting place for a day, in which the patient pays, takes another time or cancels."""
    appointment = guarantee.appointment
    if appointment is None or appointment.state != AppointmentState.AWAITING_GUARANTEE:
        return
    if appointment.is_live_claim(now):
        until = clocks.place_kept_until(now, starts_at=appointment.slot.starts_at, now=now)
        insured.keep_for_guarantee(appointment, until=until, now=now)


def lose_promise(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Take an appointment that rested on a guarantee back to waiting, with a day to choose."""
    appointment = guarantee.appointment
    if appointment is None or appointment.state != AppointmentState.CONFIRMED:
        return
    until = clocks.place_kept_until(now, starts_at=appointment.slot.starts_at, now=now)
    insured.wait_for_guarantee_again(appointment, until=until, now=now)


def ask_patient_instead(guarantee: Guarantee, *, by: User | None, now: dt.datetime) -> None:
    """Ask the patient for the part of a bill that a guarantee promised and that nobody pays now.

    A bill with a claim is left alone, and what another insurer promised is not asked for. Call it
    after the guarantee was ended, in its transaction: whoever records a bill meanwhile waits for
    the case, and finds no promise.
    """
    lock_row(Case.objects.only("pk"), guarantee.case_id)
    bills = FinalBill.objects.filter(quote__case=guarantee.case_id, claim=None)
    bill = bills.select_related("quote__case__hospital").first()
    if bill is not None:
        promised = promised_of_bill(bill.quote.case, bill.agreed).minor
        ask_for_balance_anew(bill.quote, by=by, promised=promised, now=now)


def _pays_share(guarantee: Guarantee) -> bool:
    """Tell whether a deposit for the patient's own part is still to be paid."""
    appointment = guarantee.appointment
    assert appointment is not None  # noqa: S101  (the caller asked)
    share = in_contract_currency(guarantee.own_part)
    if share is None or not asks_own_part(appointment.slot.offer, share):
        return False
    paid = Obligation.objects.filter(appointment=appointment, settled_at__isnull=False)
    return not paid.exists()
