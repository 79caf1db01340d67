"""Requests for dates: the hospital answers before the deadline with times, or says no and why."""

import datetime as dt

from django.contrib import admin
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.decorators import display

from accounts.services import audit
from bookings.admin.forms import OfferTimesForm, ReasonForm
from bookings.admin.free_times import free_slots
from bookings.admin.states import DESK_STATES
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import language_name, wall
from bookings.models import WindowRequest
from bookings.models.window import PartOfDay, RequestStateChoice
from bookings.services import windows
from bookings.transitions import OPEN_REQUEST, RequestState
from hospitals.admin.desk import CARE_READERS, PLANNERS, ReadOnlyDeskAdmin
from medtour.lib import clock

CHIPS = {
    **dict.fromkeys(RequestStateChoice.values),
    RequestState.REQUESTED: "warning",
    RequestState.OFFERED: "info",
    RequestState.ACCEPTED: "success",
    RequestState.DECLINED: "danger",
}
DESK_STATES_OF_REQUESTS = {
    **dict(RequestStateChoice.choices),
    RequestState.REQUESTED: gettext_lazy("Waiting for your answer"),
    RequestState.OFFERED: gettext_lazy("Times offered"),
    RequestState.WITHDRAWN: gettext_lazy("Withdrawn by the patient"),
}
NOON = dt.time(12)


class OpenFilter(admin.SimpleListFilter):
    """Open requests unless another choice is made."""

    title = gettext_lazy("state")
    parameter_name = "show"
    states = {
        "open": OPEN_REQUEST,
        "waiting": (RequestState.REQUESTED,),
        "offered": (RequestState.OFFERED,),
    }

    def lookups(self, request, model_admin):
        return [
            ("open", pgettext_lazy("requests", "Open")),
            ("waiting", gettext_lazy("Waiting for your answer")),
            ("offered", gettext_lazy("Times offered")),
            ("all", gettext_lazy("All")),
        ]

    def choices(self, changelist):
        return list(super().choices(changelist))[1:]

    def value(self):
        return super().value() or "open"

    def queryset(self, request, queryset):
        states = self.states.get(self.value())
        return queryset.filter(state__in=states) if states else queryset


@admin.register(WindowRequest)
class WindowRequestAdmin(ReadOnlyDeskAdmin):
    audited = "desk.list_requests"
    hospital_path = "offer__hospital"
    readers = CARE_READERS
    writers = PLANNERS
    list_display = ["deadline", "chip", "patient_name", "shown_offer", "days", "spoken"]
    list_filter = [OpenFilter]
    search_fields = ["=public_id", "case__patient__passport_name"]
    ordering = ["answer_by", "pk"]
    list_select_related = ["offer__hospital", "offer__treatment", "case__patient", "booker"]
    change_form_outer_before_template = "admin/bookings/panel.html"
    fieldsets = (
        (
            None,
            {
                "fields": [
                    ("deadline", "shown_state"),
                    ("patient_name", "shown_offer"),
                    ("days", "part_of_day"),
                    ("spoken", "interpreter_wanted"),
                    "doctor",
                    "notes",
                    "offered_times",
                ]
            },
        ),
    )
    readonly_fields = [
        "deadline",
        "shown_state",
        "patient_name",
        "shown_offer",
        "days",
        "spoken",
        "offered_times",
    ]

    @display(description=gettext_lazy("answer by, hospital time"), ordering="answer_by")
    def deadline(self, row):
        return wall(row.answer_by, row.offer.hospital.time_zone)

    @display(description=gettext_lazy("state"), label=CHIPS, ordering="state")
    def chip(self, row):
        return row.state, DESK_STATES_OF_REQUESTS[row.state]

    @display(description=gettext_lazy("state"))
    def shown_state(self, row):
        return DESK_STATES_OF_REQUESTS[row.state]

    @display(description=gettext_lazy("language"), ordering="language")
    def spoken(self, row):
        return language_name(row.language)

    @display(description=gettext_lazy("patient"))
    def patient_name(self, row):
        return str(row.case.patient)

    @display(description=gettext_lazy("offer"))
    def shown_offer(self, row):
        return str(row.offer)

    @display(description=gettext_lazy("days wished for"))
    def days(self, row):
        return str(row)

    @display(description=gettext_lazy("offered times"), empty_value="–")
    def offered_times(self, row):
        offered = row.offered_appointments.select_related("slot").order_by("slot__starts_at")
        zone = row.offer.hospital.time_zone
        lines = [(wall(one.slot.starts_at, zone), DESK_STATES[one.state]) for one in offered]
        return format_html_join("", "<div>{} · {}</div>", lines) or None

    def get_urls(self):
        own = [
            path(
                "<int:object_id>/offer-times/",
                self.admin_site.admin_view(self.offer_times),
                name="bookings_windowrequest_offer_times",
            ),
            path(
                "<int:object_id>/decline/",
                self.admin_site.admin_view(self.decline),
                name="bookings_windowrequest_decline",
            ),
        ]
        return own + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        row = self.own_row(request, object_id, self.readers)
        audit.record(
            by=request.user,
            action="desk.view_request",
            target=f"bookings.windowrequest:{row.public_id}",
            patient_public_id=row.case.patient.public_id,
            hospital_slug=row.offer.hospital.slug,
        )
        panel = {"acts": self._acts(request, row), "show_close": True}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **panel})

    def _acts(self, request, row):
        if row.state not in OPEN_REQUEST or not self.allows(request, self.writers, row):
            return []
        acts = [(_("Offer times"), "offer_times"), (_("Decline with a reason"), "decline")]
        return [
            {
                "label": label,
                "asks": True,
                "address": reverse(f"admin:bookings_windowrequest_{act}", args=[row.pk]),
            }
            for label, act in acts
        ]

    def offer_times(self, request, object_id):
        row = self.own_row(request, object_id)

        def perform(cleaned):
            windows.offer_times(row, slots=list(cleaned["slots"]), by=request.user)
            return _("The times are offered. The patient is told.")

        slots = self._fitting_slots(request, row)
        step = Step(
            title=_("Offer times"),
            explanation=_(
                "Free times in the days the patient asked for, in hospital time. "
                "The patient chooses one of those you offer."
            ),
            button=_("Offer these times"),
            form=OfferTimesForm(posted(request), slots=slots, zone=row.offer.hospital.time_zone),
            back=change_page(row),
            nothing="" if slots else _("No time is free in these days. Add working hours first."),
        )
        return run_step(self, request, step, perform)

    def _fitting_slots(self, request, row):
        """Return the free times inside the patient's days, part of the day and choice of doctor."""
        zone = row.offer.hospital.time_zone
        begin, _end = clock.day_bounds(row.first_on, zone)
        _begin, end = clock.day_bounds(row.last_on, zone)
        slots = free_slots(request.user, row.offer_id, begin=begin, end=end)
        if row.doctor_id:
            slots = slots.filter(doctor_id=row.doctor_id)
        if row.part_of_day == PartOfDay.ANY:
            return slots
        wants_morning = row.part_of_day == PartOfDay.MORNING
        fitting = [
            slot.pk
            for slot in slots
            if (clock.local(slot.starts_at, zone).time() < NOON) == wants_morning
        ]
        return slots.filter(pk__in=fitting)

    def decline(self, request, object_id):
        row = self.own_row(request, object_id)

        def perform(cleaned):
            windows.decline_request(row, by=request.user, reason=cleaned["reason"])
            return _("Declined. The patient is told.")

        step = Step(
            title=_("Decline this request"),
            explanation=_("The patient gets a message with your reason. This cannot be undone."),
            button=_("Decline the request"),
            form=ReasonForm(posted(request)),
            back=change_page(row),
        )
        return run_step(self, request, step, perform)
