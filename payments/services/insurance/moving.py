"""Moving an appointment that an insurer pays for: the guarantee stays only if it fits (BK-13)."""

import datetime as dt

from accounts.models import User
from bookings.models import Appointment, Slot
from bookings.services import insured
from bookings.services.moves import move_appointment
from medtour.lib import clock
from payments import insurance_clocks as clocks
from payments.models import Guarantee
from payments.selectors.insurance.guarantees import clock_of, fits
from payments.services.insurance import guarantee_notices
from payments.services.insurance.guarantee_clock import terms_of
from payments.services.insurance.guarantee_moves import cancel, withdraw
from payments.services.insurance.guarantee_rows import Act, locked, note, one_move
from payments.services.insurance.guarantees import draft_again
from payments.transitions import OPEN_GUARANTEE, GuaranteeState

G = GuaranteeState
MOVED = "The appointment moved to another day."


def move_insured(
    appointment: Appointment,
    *,
    to_slot: Slot,
    by: User | None,
    actor: str,
    version: int,
    now: dt.datetime | None = None,
) -> Appointment:
    """Move an appointment, and keep its guarantee only where it fits the new day.

    Otherwise the promise ends, the same request is drawn up for the new day, and the appointment
    waits for the insurer again. One without a guarantee is simply moved. Raises what moving raises;
    a refused call changes nothing.
    """
    now = now or clock.now()
    with one_move():
        moved = move_appointment(
            appointment, to_slot=to_slot, by=by, actor=actor, version=version, now=now
        )
        standing = (*OPEN_GUARANTEE, G.APPROVED)
        found = Guarantee.objects.filter(appointment=moved, state__in=standing)
        act = Act(by, now)
        for guarantee in found.order_by("-pk"):
            _follow(locked(guarantee, act), act)
        moved.refresh_from_db(fields=["state", "held_until", "version", "confirmed_at"])
    return moved


def _follow(guarantee: Guarantee, act: Act) -> None:
    appointment = guarantee.appointment
    assert appointment is not None  # noqa: S101  (found by its appointment)
    day = clock.local(appointment.slot.starts_at, appointment.hospital.time_zone).date()
    if guarantee.state == G.APPROVED:
        if fits(guarantee, appointment=appointment, day=day):
            note(guarantee, "keep", act=act, before=guarantee.state)
            return
        cancel(guarantee, act=act, reason=MOVED)
        _ask_again(guarantee, appointment, act)
    elif guarantee.state == G.DRAFT:
        length = guarantee.service_until - guarantee.service_from
        guarantee.service_from, guarantee.service_until = day, day + length
        guarantee.row_version += 1
        guarantee.save(update_fields=["service_from", "service_until", "row_version"])
        note(guarantee, "move", act=act, before=guarantee.state)
        guarantee_notices.drafted(guarantee, by=act.by, now=act.now)
    elif not guarantee.service_from <= day <= guarantee.service_until:
        withdraw(guarantee, act=act, reason=MOVED)
        _ask_again(guarantee, appointment, act)


def _ask_again(guarantee: Guarantee, appointment: Appointment, act: Act) -> None:
    """Draw up the request for the new day, and keep the place while it is sent and answered."""
    open_ones = Guarantee.objects.filter(
        case_id=guarantee.case_id, member_id=guarantee.member_id, state__in=OPEN_GUARANTEE
    )
    if not open_ones.exists():
        draft_again(guarantee, appointment=appointment, act=act)
    calendar, rules = clock_of(terms_of(guarantee), now=act.now)
    answered = clocks.earliest_start(calendar, rules, act.now)
    starts_at = appointment.slot.starts_at
    until = clocks.place_kept_until(answered, starts_at=starts_at, now=act.now)
    insured.wait_for_guarantee_again(appointment, until=until, now=act.now)
