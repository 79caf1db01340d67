"""The first page of the desk: what this hospital's day asks for, in a fixed number of queries."""

from django.db.models import Count, F, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.services import audit
from bookings.access import (
    appointments_of_staff,
    complaints_of_staff,
    records_requests_of_staff,
    requests_of_staff,
    slots_of_staff,
)
from bookings.admin.appointments import CHIPS, DESK_STATES
from bookings.admin.steps import change_page
from bookings.admin.times import days_at_hospitals, wall
from bookings.transitions import AppointmentState, RequestState
from hospitals.access import hospitals_of_staff
from hospitals.admin.desk import CARE_READERS, DAY_READERS
from medtour.lib import clock
from payments.selectors.desk import money_counts

MOST_ROWS = 12
EXPECTED = (AppointmentState.CONFIRMED, AppointmentState.ARRIVED, AppointmentState.COMPLETED)


def add_today(request, context):
    """Return the index page's context with the day of the person's hospitals added."""
    hospitals = hospitals_of_staff(request.user, DAY_READERS)
    names = list(hospitals.order_by("slug")[:3])
    if not names:
        return {**context, "day": None}
    audit.record(by=request.user, action="desk.open_day", target="bookings.appointment:today")
    return {
        **context,
        "day": {
            "hospitals": names,
            "figures": _figures(request.user, hospitals),
            "arrivals": _arrivals(request.user, hospitals),
            "requests": _requests(request.user),
            "money": _money(request.user),
        },
    }


def _figures(user, hospitals):
    now = clock.now()
    today = days_at_hospitals(user, path="slot__", first=0, count=1)
    week = days_at_hospitals(user, path="", first=0, count=7)
    held = Q(state=AppointmentState.HELD, held_until__gt=now)
    offered = Q(state=AppointmentState.OFFERED, held_until__gt=now)
    mine = appointments_of_staff(user).filter(hospital__in=hospitals)
    expected = mine.filter(today, state__in=EXPECTED).count()
    kept = mine.filter(held | offered).aggregate(
        held=Count("pk", filter=held), offered=Count("pk", filter=offered)
    )
    free = slots_of_staff(user).filter(
        week, hospital__in=hospitals, is_open=True, starts_at__gt=now
    )
    places = free.aggregate(left=Sum(F("capacity") - F("booked")))["left"] or 0
    return [
        {"label": _("Expected today"), "value": expected},
        {"label": _("Held by visitors now"), "value": kept["held"]},
        {"label": _("Offered, waiting for patients"), "value": kept["offered"]},
        {"label": _("Free places, next 7 days"), "value": places},
        {
            "label": _("Complaints without an answer"),
            "value": complaints_of_staff(user).filter(answered_at=None).count(),
        },
        {
            "label": _("Records sent, to be read"),
            "value": records_requests_of_staff(user)
            .filter(closed_at=None, sent_at__isnull=False)
            .count(),
        },
    ]


def _arrivals(user, hospitals):
    today = days_at_hospitals(user, path="slot__", first=0, count=1)
    rows = (
        appointments_of_staff(user)
        .filter(today, hospital__in=hospitals, state__in=EXPECTED)
        .select_related(
            "hospital", "slot__offer__treatment", "slot__doctor", "patient", "interpreter"
        )
        .order_by("slot__starts_at", "pk")[:MOST_ROWS]
    )
    return [
        {
            "when": wall(row.slot.starts_at, row.hospital.time_zone),
            "patient": str(row.patient),
            "offer": str(row.slot.offer),
            "doctor": str(row.slot.doctor or "–"),
            "interpreter": str(row.interpreter or "–"),
            "state": DESK_STATES[row.state],
            "chip": CHIPS.get(row.state, ""),
            "address": change_page(row),
        }
        for row in rows
    ]


def _requests(user):
    rows = (
        requests_of_staff(user)
        .filter(
            state=RequestState.REQUESTED,
            offer__hospital__in=hospitals_of_staff(user, CARE_READERS),
        )
        .select_related("offer__hospital", "offer__treatment", "case__patient")
        .order_by("answer_by", "pk")[:MOST_ROWS]
    )
    return [
        {
            "deadline": wall(row.answer_by, row.offer.hospital.time_zone),
            "patient": str(row.case.patient),
            "offer": str(row.offer),
            "address": change_page(row),
        }
        for row in rows
    ]


def _money(user):
    """Return labels, counts and addresses of what waits; None for people without money's pages."""
    counts = money_counts(user)
    if counts is None:
        return None
    lists = [
        (_("Alerts"), counts.alerts, "moneyalert", "alert=open"),
        (_("Refunds to approve"), counts.refunds_to_approve, "refund", "waits=approval"),
        (_("Refunds to pay by bank"), counts.refunds_to_pay, "refund", "waits=bank"),
        (_("Claims to read"), counts.claims, "refundclaim", "state__exact=asked"),
        (_("Disputes to answer"), counts.disputes, "dispute", "state__exact=open"),
        (_("Appointments without deposit"), counts.gaps, "depositgap", "waits=yes"),
        (_("Fapiao asked for"), counts.fapiaos, "fapiaorequest", "state__exact=requested"),
    ]
    return [
        {
            "label": label,
            "value": value,
            "address": f"{reverse(f'admin:payments_{model}_changelist')}?{query}",
        }
        for label, value, model, query in lists
    ]
