"""Which message goes out about a guarantee and to whom; ids only, the words come at sending."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q

from accounts.models import User
from hospitals.models.staff import Role
from medtour.lib import clock
from messaging.services import Outgoing, queue
from payments.models import Guarantee, OfficerRole
from payments.selectors.insurance.guarantees import base_of
from payments.transitions import GuaranteeState

WARNED_BEFORE = dt.timedelta(days=3)


def drafted(guarantee: Guarantee, *, by: User | None, now: dt.datetime) -> None:
    """Tell the coordinators of a request that waits to be sent, unless one of them drew it up."""
    desk = coordinators_of(guarantee)
    if by not in desk:
        _send(guarantee, "desk", desk, now=now)


def submitted(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Tell the patient that the insurer was asked, and the insurer's officers that they are."""
    _send(guarantee, "submitted", [_patient(guarantee)], now=now)
    _send(guarantee, "request", officers_of(guarantee), now=now)


def answered(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Tell the insurer's officers that the request is with them again."""
    _send(guarantee, "request", officers_of(guarantee), now=now)


def asked(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Tell the patient and the coordinators that the insurer asks something."""
    _send(guarantee, "question", [_patient(guarantee)], now=now)
    _send(guarantee, "desk", coordinators_of(guarantee), now=now)


def approved(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Tell the patient and the desk, and the patient again before the promise's last day is over.

    A promise that ends within days was read just now: nothing more is said of it.
    """
    kind = "partly_approved" if guarantee.is_partial else "approved"
    _send(guarantee, kind, [_patient(guarantee)], now=now)
    _send(guarantee, "desk", coordinators_of(guarantee), now=now)
    end = end_of_promise(guarantee)
    if end is not None and end - WARNED_BEFORE > now:
        queue(_ending(guarantee, end), now=now)


def end_of_promise(guarantee: Guarantee) -> dt.datetime | None:
    """Return the instant at which the promise's last day is over at the hospital."""
    if guarantee.approved_until is None:
        return None
    return clock.day_bounds(guarantee.approved_until, guarantee.hospital.time_zone)[1]


def _ending(guarantee: Guarantee, end: dt.datetime) -> Outgoing:
    kind, ends_at = "payments.guarantee_ending", end.isoformat()
    return Outgoing(
        kind=kind,
        recipient=_patient(guarantee),
        dedupe_key=f"{kind}:{guarantee.public_id}:{ends_at}",
        context={"guarantee": guarantee.public_id, "ends_at": ends_at},
        not_before=end - WARNED_BEFORE,
    )


def declined(guarantee: Guarantee, *, now: dt.datetime) -> None:
    kind = "declined" if base_of(guarantee) is None else "more_declined"
    _send(guarantee, kind, [_patient(guarantee)], now=now)
    _send(guarantee, "desk", coordinators_of(guarantee), now=now)


def lost(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Tell the patient that a promise ended before it was used."""
    name = "expired" if guarantee.state == GuaranteeState.EXPIRED else "ended"
    _send(guarantee, name, [_patient(guarantee)], now=now)
    _send(guarantee, "desk", coordinators_of(guarantee), now=now)


def ended(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Tell the insurer's officers that nothing more is asked of them."""
    _send(guarantee, "request_ended", officers_of(guarantee), now=now)


def running_out(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Tell the coordinators that three quarters of a clock are gone, or all of it.

    A patient has nothing to choose while an earlier version of the promise stands.
    """
    _send(guarantee, "desk", coordinators_of(guarantee), now=now)
    is_late = guarantee.overdue_at and guarantee.state == GuaranteeState.SUBMITTED
    if is_late and base_of(guarantee) is None:
        _send(guarantee, "late", [_patient(guarantee)], now=now)


def place_ends(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Tell the patient once per deadline that the held place ends soon."""
    held_until = guarantee.appointment.held_until if guarantee.appointment else None
    mark = f"{held_until:%Y%m%d%H%M}" if held_until else ""
    _send(guarantee, "place_ends", [_patient(guarantee)], now=now, mark=mark)


def officers_of(guarantee: Guarantee) -> list[User]:
    """Return the insurer's officers, and its liaisons at this hospital, who are not suspended."""
    at_hospital = Q(role=OfficerRole.OFFICER) | Q(hospital=guarantee.hospital)
    rows = guarantee.insurer.officers.filter(at_hospital, suspended_at=None, user__is_active=True)
    return [row.user for row in rows.select_related("user").order_by("pk")]


def coordinators_of(guarantee: Guarantee) -> list[User]:
    rows = guarantee.hospital.memberships.filter(role=Role.COORDINATOR, user__is_active=True)
    return [row.user for row in rows.select_related("user").order_by("pk")]


def _patient(guarantee: Guarantee) -> User:
    return guarantee.case.patient.account


def _send(
    guarantee: Guarantee,
    name: str,
    recipients: Iterable[User],
    *,
    now: dt.datetime,
    mark: str = "",
) -> None:
    """Queue one message for each recipient; the same state of the row is told once.

    Reaching three quarters or the end of a clock does not change the row's version: it is part of
    what tells messages apart.
    """
    kind = f"payments.guarantee_{name}"
    step = "late" if guarantee.overdue_at else "soon" if guarantee.escalated_at else ""
    fact = mark or f"{guarantee.row_version}{step}"
    queue(
        *(
            Outgoing(
                kind=kind,
                recipient=recipient,
                dedupe_key=f"{kind}:{guarantee.public_id}:{fact}:{recipient.pk}",
                context={
                    "guarantee": guarantee.public_id,
                    "state": guarantee.state,
                    "row_version": str(guarantee.row_version),
                },
            )
            for recipient in recipients
        ),
        now=now,
    )
