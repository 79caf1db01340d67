"""Times on sale: services make them from working hours; staff vouch, withdraw, or add a place."""

from django import forms
from django.contrib import admin
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.services import audit
from bookings.access import appointments_of_staff
from bookings.admin.day_filter import DayFilter
from bookings.admin.forms import PlainForm, ReasonForm
from bookings.admin.states import DESK_STATES
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import language_name, wall
from bookings.models import Slot
from bookings.services import slots
from bookings.transitions import OCCUPYING
from hospitals.access import hospitals_of_staff
from hospitals.admin.desk import CARE_READERS, PLANNERS, ReadOnlyDeskAdmin
from medtour.lib import clock

FREE, FULL, OFF = "free", "full", "off"
CHIPS = {FREE: "success", FULL: "info", OFF: "danger"}
CHIP_TEXTS = {
    FREE: gettext_lazy("Free"),
    FULL: gettext_lazy("Full"),
    OFF: pgettext_lazy("slot", "Withdrawn"),
}


def state_of(slot):
    if slot.withdrawn_at:
        return OFF
    return FREE if slot.is_open else FULL


class SlotDayFilter(DayFilter):
    path = ""


class HospitalForm(forms.Form):
    hospital = forms.ModelChoiceField(
        label=gettext_lazy("Hospital"),
        queryset=None,
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args, hospitals, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hospital"].queryset = hospitals


def appointment_rows(user, appointments):
    """Return text and address of each appointment hit; seeing them is noted (PR-07)."""
    keys = [row.pk for row in appointments]
    if keys:
        audit.record(by=user, action="desk.list_appointments", target="bookings.appointment:hit")
    return [
        {
            "text": f"{wall(one.slot.starts_at, one.hospital.time_zone)} · "
            f"{one.patient or one.reference} · {DESK_STATES[one.state]}",
            "address": change_page(one),
        }
        for one in appointments_of_staff(user)
        .filter(pk__in=keys)
        .select_related("slot", "hospital", "patient")
        .order_by("slot__starts_at", "pk")
    ]


@admin.register(Slot)
class SlotAdmin(ReadOnlyDeskAdmin):
    readers = CARE_READERS
    writers = PLANNERS
    list_display = ["hospital_time", "chip", "shown_offer", "doctor", "places", "confirmed"]
    list_filter = [SlotDayFilter]
    ordering = ["starts_at", "pk"]
    list_select_related = ["hospital", "offer__treatment", "doctor", "equipment"]
    actions_list = ["confirm_all"]
    list_before_template = "admin/bookings/day_links.html"
    change_form_outer_before_template = "admin/bookings/panel.html"
    fieldsets = (
        (
            None,
            {
                "fields": [
                    ("hospital_time", "shown_state"),
                    ("places", "confirmed"),
                    ("shown_offer", "doctor"),
                    "spoken",
                ]
            },
        ),
    )
    readonly_fields = [
        "hospital_time",
        "shown_state",
        "places",
        "shown_offer",
        "doctor",
        "spoken",
        "confirmed",
    ]

    @display(description=gettext_lazy("hospital time"), ordering="starts_at")
    def hospital_time(self, slot):
        return wall(slot.starts_at, slot.hospital.time_zone)

    @display(description=gettext_lazy("state"), label=CHIPS)
    def chip(self, slot):
        return state_of(slot), CHIP_TEXTS[state_of(slot)]

    @display(description=gettext_lazy("state"))
    def shown_state(self, slot):
        return CHIP_TEXTS[state_of(slot)]

    @display(description=gettext_lazy("offer"))
    def shown_offer(self, slot):
        return str(slot.offer)

    @display(description=gettext_lazy("doctor or room"), empty_value="–")
    def doctor(self, slot):
        return slot.doctor or slot.equipment

    @display(description=gettext_lazy("places taken"))
    def places(self, slot):
        return _("%(taken)s of %(all)s") % {"taken": slot.booked, "all": slot.capacity}

    @display(description=gettext_lazy("last confirmed"), ordering="last_confirmed_at")
    def confirmed(self, slot):
        return wall(slot.last_confirmed_at, slot.hospital.time_zone)

    @display(description=gettext_lazy("languages"), empty_value="–")
    def spoken(self, slot):
        return ", ".join(str(language_name(code)) for code in slot.languages)

    def get_urls(self):
        own = [
            path(
                "<int:object_id>/withdraw/",
                self.admin_site.admin_view(self.withdraw),
                name="bookings_slot_withdraw",
            ),
            path(
                "<int:object_id>/add-place/",
                self.admin_site.admin_view(self.add_place),
                name="bookings_slot_add_place",
            ),
        ]
        return own + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        slot = self.own_row(request, object_id, self.readers)
        panel = {"acts": self._acts(request, slot), "show_close": True}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **panel})

    def _acts(self, request, slot):
        ahead = slot.withdrawn_at is None and slot.starts_at > clock.now()
        if not ahead or not self.allows(request, self.writers, slot):
            return []
        acts = [(_("Add a place"), "add_place"), (_("Withdraw this time"), "withdraw")]
        return [
            {
                "label": label,
                "asks": True,
                "address": reverse(f"admin:bookings_slot_{act}", args=[slot.pk]),
            }
            for label, act in acts
        ]

    def withdraw(self, request, object_id):
        slot = self.own_row(request, object_id)
        hit = slot.appointments.filter(state__in=OCCUPYING)
        rows = appointment_rows(request.user, hit)

        def perform(_cleaned):
            left = len(slots.withdraw_slot(slot, by=request.user))
            return ngettext(
                "Withdrawn. %(count)s appointment stays until you move or cancel it.",
                "Withdrawn. %(count)s appointments stay until you move or cancel them.",
                left,
            ) % {"count": left}

        step = Step(
            title=_("Withdraw this time"),
            explanation=_("Nobody can book it any more. This cannot be undone."),
            button=_("Withdraw the time"),
            form=PlainForm(posted(request)),
            back=change_page(slot),
            rows=rows,
            rows_title=_("These appointments stay until you move or cancel each of them:"),
        )
        return run_step(self, request, step, perform)

    def add_place(self, request, object_id):
        slot = self.own_row(request, object_id)

        def perform(cleaned):
            slots.add_place(slot, by=request.user, reason=cleaned["reason"])
            return _("One place was added.")

        step = Step(
            title=_("Add a place"),
            explanation=_("Only as many extra places as your hospital's rules allow."),
            button=_("Add a place"),
            form=ReasonForm(posted(request)),
            back=change_page(slot),
        )
        return run_step(self, request, step, perform)

    def has_confirm_permission(self, request, object_id=None):
        return self.allows(request, self.writers)

    @action(
        description=gettext_lazy("Confirm all times"),
        url_path="confirm-all",
        icon="verified",
        permissions=["confirm"],
    )
    def confirm_all(self, request):
        hospitals = hospitals_of_staff(request.user, self.writers)

        def perform(cleaned):
            count = slots.confirm_slots(cleaned["hospital"], by=request.user)
            return ngettext(
                "%(count)s time was confirmed.", "%(count)s times were confirmed.", count
            ) % {"count": count}

        step = Step(
            title=_("Confirm all times"),
            explanation=_(
                "You vouch that all free times are true. Patients see when this was last said; "
                "times that nobody confirmed for 14 days are hidden."
            ),
            button=_("Confirm all times"),
            form=HospitalForm(posted(request), hospitals=hospitals),
            back=reverse("admin:bookings_slot_changelist"),
        )
        return run_step(self, request, step, perform)
