"""Starting and stopping the one clock that runs on a request, by its plan's terms (DP-06)."""

import datetime as dt

from django.utils.translation import get_language

from medtour.lib import wording
from payments import insurance_clocks as clocks
from payments.guarantee_refusals import LeadTimeTooShort, NoTermsInForce
from payments.models import Guarantee, PlanTerms, Urgency
from payments.selectors.insurance.guarantees import clock_of, terms_on

# The fields that every move of the clock writes.
CLOCK = ("answer_due_at", "question_due_at", "warn_at", "escalated_at", "overdue_at")


def terms_of(guarantee: Guarantee) -> PlanTerms:
    """Return the terms on the first day of treatment; raises NoTermsInForce."""
    terms = terms_on(guarantee.coverage, guarantee.service_from)
    if terms is None:
        raise NoTermsInForce
    return terms


def start_answer_clock(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Let the insurer's time to answer begin now."""
    calendar, rules = clock_of(terms_of(guarantee), now=now)
    span = clocks.answer_clock(calendar, rules, urgency=guarantee.urgency, sent_at=now)
    stop_clock(guarantee)
    guarantee.warn_at, guarantee.answer_due_at = span.warn_at, span.due_at


def start_question_clock(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Let the time to answer the insurer's question begin now; the insurer's own stands still."""
    calendar, rules = clock_of(terms_of(guarantee), now=now)
    span = clocks.question_clock(calendar, rules, asked_at=now)
    stop_clock(guarantee)
    guarantee.warn_at, guarantee.question_due_at = span.warn_at, span.due_at


def start_notice_clock(guarantee: Guarantee, *, happened_at: dt.datetime) -> None:
    """Let the time to tell the insurer of an emergency begin when it happened (M24)."""
    calendar, rules = clock_of(terms_of(guarantee), now=happened_at)
    span = clocks.notice_clock(rules, happened_at)
    guarantee.warn_at, guarantee.notice_due_at = span.warn_at, span.due_at


def stop_clock(guarantee: Guarantee) -> None:
    guarantee.answer_due_at = guarantee.question_due_at = guarantee.warn_at = None
    guarantee.escalated_at = guarantee.overdue_at = None


def check_lead_time(guarantee: Guarantee, *, now: dt.datetime) -> None:
    """Raise LeadTimeTooShort for a planned treatment nearer than the plan's lead time (M1)."""
    appointment = guarantee.appointment
    if guarantee.urgency != Urgency.PLANNED or appointment is None:
        return
    calendar, rules = clock_of(terms_of(guarantee), now=now)
    starts_at, zone = appointment.slot.starts_at, guarantee.hospital.time_zone
    if clocks.is_workable(calendar, rules, starts_at=starts_at, now=now):
        return
    earliest = clocks.earliest_day(calendar, rules, now=now, hospital_zone=zone)
    raise LeadTimeTooShort(
        needed=rules.lead_days,
        left=clocks.working_days_left(calendar, now, starts_at),
        earliest=wording.written_date(earliest, get_language() or "en"),
    )
