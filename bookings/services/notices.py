"""Which message goes out for which event; ids and instants only, the words come at sending."""

import datetime as dt

from accounts.models import User
from bookings import policies
from bookings.models import Appointment, WaitingEntry, WindowRequest
from medtour.lib import clock
from messaging.services import Outgoing, queue

ADMISSION = "bookings.admission_day"


def _about(appointment: Appointment) -> dict[str, str]:
    return {
        "appointment": appointment.public_id,
        "starts_at": appointment.slot.starts_at.isoformat(),
        "version": str(appointment.version),
    }


def _ahead(appointment: Appointment, *, by: User, now: dt.datetime) -> list[Outgoing]:
    """Return what goes out before the visit: reminders, the preparation, the visa."""
    about, starts_at = _about(appointment), appointment.slot.starts_at
    due: list[tuple[str, dt.datetime | None]] = [
        (_kind_of_reminder(reminder.kind, appointment), reminder.due_at)
        for reminder in policies.reminders(starts_at, now)
    ]
    due.append(("bookings.pre_visit", policies.instructions_at(starts_at, now)))
    due.append(("bookings.visa_deadline", policies.visa_notice_at(starts_at, now)))
    return [
        Outgoing(
            kind=kind,
            recipient=by,
            dedupe_key=f"{kind}:{appointment.public_id}:{about['starts_at']}",
            context=about,
            not_before=due_at,
        )
        for kind, due_at in due
        if due_at is not None
    ]


def _kind_of_reminder(kind: str, appointment: Appointment) -> str:
    """Return what is sent a day before: whoever stays the night reads about the admission."""
    stays = appointment.slot.offer.inpatient_nights > 0
    return ADMISSION if stays and kind == "bookings.reminder_24h" else kind


def of_confirmed(
    appointment: Appointment, *, booker: User, now: dt.datetime
) -> tuple[Outgoing, ...]:
    """Return the confirmation and all that goes out before the visit."""
    return (
        Outgoing(
            kind="bookings.appointment_confirmed",
            recipient=booker,
            # With the version: what was confirmed once, lost and confirmed again is told again.
            dedupe_key=f"bookings.appointment_confirmed:{appointment.public_id}:{appointment.version}",
            context=_about(appointment),
        ),
        *_ahead(appointment, by=booker, now=now),
    )


def confirmed(appointment: Appointment, *, booker: User, now: dt.datetime | None = None) -> None:
    """Tell the booker and queue what goes out before the visit, all with one statement."""
    now = now or clock.now()
    queue(*of_confirmed(appointment, booker=booker, now=now), now=now)


def moved(
    appointment: Appointment,
    *,
    booker: User,
    from_starts_at: dt.datetime,
    actor: str,
    now: dt.datetime | None = None,
) -> None:
    """Tell the booker of the new time; reminders of the old one find it changed and stay silent."""
    now = now or clock.now()
    queue(
        Outgoing(
            kind="bookings.appointment_moved",
            recipient=booker,
            dedupe_key=f"bookings.appointment_moved:{appointment.public_id}:{appointment.version}",
            context={
                **_about(appointment),
                "from_starts_at": from_starts_at.isoformat(),
                "moved_by": str(actor),
            },
        ),
        *_ahead(appointment, by=booker, now=now),
        now=now,
    )


def cancelled(appointment: Appointment, *, booker: User) -> None:
    queue(
        Outgoing(
            kind="bookings.appointment_cancelled",
            recipient=booker,
            dedupe_key=f"bookings.appointment_cancelled:{appointment.public_id}",
            context=_about(appointment),
        )
    )


def deposit_lapsed(appointment: Appointment, *, booker: User) -> None:
    queue(
        Outgoing(
            kind="bookings.deposit_lapsed",
            recipient=booker,
            dedupe_key=f"bookings.deposit_lapsed:{appointment.public_id}",
            context=_about(appointment),
        )
    )


def guarantee_lapsed(appointment: Appointment, *, booker: User) -> None:
    queue(
        Outgoing(
            kind="bookings.guarantee_lapsed",
            recipient=booker,
            dedupe_key=f"bookings.guarantee_lapsed:{appointment.public_id}",
            context=_about(appointment),
        )
    )


def request_received(request: WindowRequest) -> None:
    _about_request("bookings.request_received", request)


def times_offered(request: WindowRequest) -> None:
    _about_request("bookings.times_offered", request)


def request_declined(request: WindowRequest) -> None:
    _about_request("bookings.request_declined", request)


def request_expired(request: WindowRequest) -> None:
    _about_request("bookings.request_expired", request)


def _about_request(kind: str, request: WindowRequest) -> None:
    queue(
        Outgoing(
            kind=kind,
            recipient=request.booker,
            dedupe_key=f"{kind}:{request.public_id}:{request.version}",
            context={"request": request.public_id, "version": str(request.version)},
        )
    )


def waiting_joined(entry: WaitingEntry) -> None:
    _about_entry("bookings.waiting_joined", entry)


def waiting_ended(entry: WaitingEntry) -> None:
    _about_entry("bookings.waiting_ended", entry)


def _about_entry(kind: str, entry: WaitingEntry) -> None:
    queue(
        Outgoing(
            kind=kind,
            recipient=entry.booker,
            dedupe_key=f"{kind}:{entry.public_id}",
            context={"waiting_entry": entry.public_id},
        )
    )


def place_offered(appointment: Appointment, *, booker: User) -> None:
    queue(
        Outgoing(
            kind="bookings.place_offered",
            recipient=booker,
            dedupe_key=f"bookings.place_offered:{appointment.public_id}",
            context=_about(appointment),
        )
    )
