"""Appointments of the own hospital: who comes when, and what can be done about it."""

from django.contrib import admin
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.services import audit
from bookings.admin.attendance import AttendanceActs
from bookings.admin.before_visit import BeforeVisitActs
from bookings.admin.day_filter import DayFilter
from bookings.admin.forms import CancelForm, MoveForm
from bookings.admin.free_times import free_slots
from bookings.admin.states import (
    CHIPS,
    DESK_STATES,
    StateFilter,
    WithdrawnTimeFilter,
    action_words,
    desk_state,
    state_words,
)
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import language_name, wall
from bookings.models import Appointment, CaseEvent
from bookings.models.case import Actor
from bookings.services.moves import MOVABLE
from bookings.transitions import CANCELLABLE, AppointmentState
from hospitals.admin.desk import CARE_READERS, DAY_READERS, PLANNERS, DeskInline, ReadOnlyDeskAdmin
from medtour.lib import clock
from medtour.templatetags.show import money_text
from payments.models import RefundCause
from payments.selectors.refund_preview import refund_preview
from payments.services.cancellation import cancel_by_hospital
from payments.services.insurance.moving import move_insured


def note_view(request, appointment):
    """Write down that a person of the staff opened this patient's appointment (PR-07)."""
    patient = appointment.patient
    audit.record(
        by=request.user,
        action="desk.view_appointment",
        target=f"bookings.appointment:{appointment.public_id}",
        patient_public_id=patient.public_id if patient else "",
        hospital_slug=appointment.hospital.slug,
    )


class HistoryInline(DeskInline):
    """Every move of the appointment, oldest first."""

    model = CaseEvent
    fk_name = "appointment"
    fields = readonly_fields = ["at", "what", "state_before", "state_after", "actor", "reason"]
    verbose_name_plural = gettext_lazy("history")
    hide_title = True

    @display(description=gettext_lazy("what happened"))
    def what(self, event):
        return action_words(event.action)

    @display(description=gettext_lazy("from"), empty_value="–")
    def state_before(self, event):
        return state_words(event.action, event.before)

    @display(description=gettext_lazy("to"), empty_value="–")
    def state_after(self, event):
        return state_words(event.action, event.after)

    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(Appointment)
class AppointmentAdmin(AttendanceActs, BeforeVisitActs, ReadOnlyDeskAdmin):
    """Services own every field; staff act through the buttons."""

    audited = "desk.list_appointments"
    readers = DAY_READERS
    writers = PLANNERS
    list_display = [
        "hospital_time",
        "chip",
        "patient_name",
        "spoken",
        "interpreter",
        "doctor",
        "offer",
    ]
    list_filter = [DayFilter, StateFilter, WithdrawnTimeFilter]
    search_fields = ["=reference", "patient__passport_name"]
    ordering = ["slot__starts_at", "pk"]
    list_select_related = [
        "hospital",
        "slot__offer__treatment",
        "slot__doctor",
        "patient",
        "interpreter",
    ]
    inlines = [HistoryInline]
    change_form_outer_before_template = "admin/bookings/panel.html"
    list_before_template = "admin/bookings/day_links.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("hospital_time", "patient_time"),
                    ("shown_state", "reference"),
                    ("hospital", "offer"),
                    ("patient_name", "patient_birth"),
                    ("patient_phone", "spoken"),
                    ("doctor", "interpreter"),
                    "notes",
                    ("ended_by", "ended_reason"),
                )
            },
        ),
    )

    def get_readonly_fields(self, request, obj=None):
        return [name for part in self.fieldsets[0][1]["fields"] for name in _names(part)]

    @display(description=gettext_lazy("hospital time"), ordering="slot__starts_at")
    def hospital_time(self, appointment):
        return wall(appointment.slot.starts_at, appointment.hospital.time_zone)

    @display(description=gettext_lazy("patient's time"))
    def patient_time(self, appointment):
        zone = appointment.booker.time_zone if appointment.booker else "UTC"
        return wall(appointment.slot.starts_at, zone)

    @display(description=gettext_lazy("state"), label=CHIPS, ordering="state")
    def chip(self, appointment):
        state = desk_state(appointment)
        return state, DESK_STATES[state]

    @display(description=gettext_lazy("state"))
    def shown_state(self, appointment):
        return DESK_STATES[desk_state(appointment)]

    @display(description=gettext_lazy("language"), ordering="language")
    def spoken(self, appointment):
        return language_name(appointment.language)

    @display(description=gettext_lazy("patient"), empty_value="–")
    def patient_name(self, appointment):
        return str(appointment.patient) if appointment.patient else None

    @display(description=gettext_lazy("date of birth"), empty_value="–")
    def patient_birth(self, appointment):
        return appointment.patient.date_of_birth if appointment.patient else None

    @display(description=gettext_lazy("telephone"), empty_value="–")
    def patient_phone(self, appointment):
        return str(appointment.patient.phone) if appointment.patient else None

    @display(description=gettext_lazy("doctor or room"), empty_value="–")
    def doctor(self, appointment):
        return appointment.slot.doctor or appointment.slot.equipment

    @display(description=gettext_lazy("offer"))
    def offer(self, appointment):
        return str(appointment.slot.offer)

    @display(description=gettext_lazy("notes from the patient"), empty_value="–")
    def notes(self, appointment):
        booked = appointment.state not in (AppointmentState.HELD, AppointmentState.OFFERED)
        return (appointment.intake or {}).get("notes") if booked else None

    def get_fieldsets(self, request, obj=None):
        if obj is None or self.allows(request, CARE_READERS, obj):
            return super().get_fieldsets(request, obj)
        fields = [part for part in self.fieldsets[0][1]["fields"] if part != "notes"]
        return ((None, {"fields": fields}),)

    def get_urls(self):
        acts = {
            **self.attendance_views(),
            **self.before_visit_views(),
            "cancel": self.cancel,
            "move": self.move,
        }
        own = [
            path(
                f"<int:object_id>/{act}/",
                self.admin_site.admin_view(view),
                name=f"bookings_appointment_{act}",
            )
            for act, view in acts.items()
        ]
        return own + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        appointment = self.own_row(request, object_id, self.readers)
        note_view(request, appointment)
        panel = {"acts": self._acts(request, appointment), "show_close": True}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **panel})

    def _acts(self, request, appointment):
        """Return the buttons that make sense now: label, address, and whether it asks first."""
        if not self.allows(request, self.writers, appointment):
            return []
        movable = appointment.state in MOVABLE
        cancellable = appointment.state in CANCELLABLE
        possible = [
            *self.attendance_acts(appointment),
            *self.before_visit_acts(request, appointment),
            (_("Move to another time"), "move", True, movable),
            (_("Cancel with a reason"), "cancel", True, cancellable),
        ]
        return [
            {
                "label": label,
                "asks": asks,
                "address": reverse(f"admin:bookings_appointment_{act}", args=[appointment.pk]),
            }
            for label, act, asks, fits in possible
            if fits
        ]

    def cancel(self, request, object_id):
        appointment = self.own_row(request, object_id)
        slot = appointment.slot
        form = CancelForm(
            posted(request),
            initial={"version": appointment.version},
            slot_is_ahead=slot.withdrawn_at is None and slot.starts_at > clock.now(),
        )

        def perform(cleaned):
            cancel_by_hospital(
                appointment,
                by=request.user,
                reason=cleaned["reason"],
                version=cleaned["version"],
                time_stays_usable=form.time_stays_usable,
            )
            if form.time_stays_usable:
                return _("Cancelled. The patient is told.")
            return _("Cancelled. The patient is told. Nobody else can book this time.")

        step = Step(
            title=_("Cancel this appointment"),
            explanation=_("The patient gets a message with your reason. This cannot be undone."),
            button=_("Cancel the appointment"),
            form=form,
            back=change_page(appointment),
            facts=what_goes_back(appointment),
        )
        return run_step(self, request, step, perform)

    def move(self, request, object_id):
        appointment = self.own_row(request, object_id)
        slots = free_slots(request.user, appointment.slot.offer_id).exclude(pk=appointment.slot_id)

        def perform(cleaned):
            move_insured(
                appointment,
                to_slot=cleaned["slot"],
                by=request.user,
                actor=Actor.HOSPITAL,
                version=cleaned["version"],
            )
            return _("Moved. The patient is told the new time.")

        step = Step(
            title=_("Move to another time"),
            explanation=_("The patient gets a message with the old and the new time."),
            button=_("Move the appointment"),
            form=MoveForm(
                posted(request),
                slots=slots,
                zone=appointment.hospital.time_zone,
                initial={"version": appointment.version},
            ),
            back=change_page(appointment),
        )
        return run_step(self, request, step, perform)


def _names(part):
    return [part] if isinstance(part, str) else list(part)


def what_goes_back(appointment):
    """Return what cancelling for the hospital sends back, and how; nothing where nobody paid."""
    preview = refund_preview(appointment, cause=RefundCause.HOSPITAL_CANCELLED)
    if not preview.totals:
        return []
    first, last = preview.days
    sums = " · ".join(money_text(money) for money in preview.totals.values())
    facts = [
        (_("Goes back"), sums),
        (
            _("With the payer after"),
            _("%(first)s to %(last)s days") % {"first": first, "last": last},
        ),
    ]
    if any(line.waits for line in preview.lines):
        facts.append((_("Waits"), _("A payer disputes it: nothing goes before the bank decides.")))
    return facts
