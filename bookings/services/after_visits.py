"""What is put in order once visits are over: cases of patients who did not come, and notes."""

import datetime as dt

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef

from bookings import policies
from bookings.models import Appointment, CaseEvent, WindowRequest
from bookings.models.case import Actor
from bookings.services import cases
from bookings.services.attendance import NO_SHOW, may_be_undone
from bookings.transitions import OCCUPYING, AppointmentState, CaseState
from medtour.lib import clock
from medtour.lib.errors import Refusal
from medtour.lib.locks import busy_is_a_refusal, lock_row

log = structlog.get_logger(__name__)

SWEEP = 500
# Written by quotes; with one accepted the hospital and the patient decide together what comes next.
QUOTE_ACCEPTED = "quote_accepted"


def close_no_shows(*, now: dt.datetime | None = None) -> int:
    """Withdraw cases whose patient did not come, once that cannot be taken back; returns how many.

    A case with another appointment, or with an accepted quote, is left to the hospital.
    """
    now = now or clock.now()
    notes = CaseEvent.objects.filter(action=NO_SHOW, appointment=OuterRef("pk"))
    others = Appointment.objects.filter(case=OuterRef("case"), state__in=OCCUPYING)
    accepted = CaseEvent.objects.filter(action=QUOTE_ACCEPTED, case=OuterRef("case"))
    missed = Appointment.objects.filter(
        ~Exists(notes.filter(at__gte=now - policies.NO_SHOW_UNDO)),
        ~Exists(others),
        ~Exists(accepted),
        state=AppointmentState.NO_SHOW,
        case__state=CaseState.SCHEDULED,
    )
    return sum(
        _close(pk, now=now) for pk in missed.order_by("pk").values_list("pk", flat=True)[:SWEEP]
    )


def forget_notes(*, now: dt.datetime | None = None) -> int:
    """Delete what patients wrote for a visit 30 days after it; returns how many notes went (PR-01).

    They agreed to it for that visit only. A note that came with a request for dates goes when no
    appointment of its case is ahead or that recent.
    """
    now = now or clock.now()
    over = now - policies.NOTES_KEPT
    ended = (AppointmentState.COMPLETED, AppointmentState.NO_SHOW)
    visits = Appointment.objects.filter(
        state__in=ended, slot__ends_at__lt=over, intake__isnull=False
    )
    recent = Appointment.objects.filter(case=OuterRef("case"), slot__ends_at__gte=over)
    visited = Appointment.objects.filter(case=OuterRef("case"), state__in=ended)
    requests = WindowRequest.objects.filter(~Exists(recent), Exists(visited)).exclude(notes="")
    return visits.update(intake=None) + requests.update(notes="")


def _close(pk: int, *, now: dt.datetime) -> bool:
    """Withdraw one case; one that somebody works on at this moment waits for the next run."""
    try:
        with busy_is_a_refusal(), transaction.atomic():
            missed = lock_row(Appointment.objects.select_related("case"), pk)
            if missed.state != AppointmentState.NO_SHOW or may_be_undone(missed, now=now):
                return False
            cases.withdraw_if_nothing_is_left(missed, by=None, actor=Actor.SYSTEM, now=now)
            return missed.kept_case.state == CaseState.WITHDRAWN
    except Refusal as refusal:
        log.info("no_show_later", appointment=pk, why=refusal.code)
        return False
