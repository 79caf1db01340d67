"""The waiting list of the own hospital, in the order in which it is served."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.services import audit
from bookings.admin.times import language_name
from bookings.models import WaitingEntry
from bookings.models.waiting import WaitingStateChoice
from hospitals.admin.desk import PLANNERS, ReadOnlyDeskAdmin

CHIPS = dict.fromkeys(WaitingStateChoice.values) | {
    "waiting": "warning",
    "offered": "info",
    "accepted": "success",
}


@admin.register(WaitingEntry)
class WaitingEntryAdmin(ReadOnlyDeskAdmin):
    audited = "desk.list_waiting"
    hospital_path = "offer__hospital"
    readers = PLANNERS
    writers = PLANNERS
    list_display = [
        "created_at",
        "chip",
        "patient",
        "shown_offer",
        "first_on",
        "last_on",
        "spoken",
    ]
    list_filter = ["state"]
    ordering = ["pk"]
    list_select_related = ["offer__treatment", "offer__hospital", "patient"]
    fields = [
        "shown_state",
        "patient",
        "shown_offer",
        "first_on",
        "last_on",
        "spoken",
        "created_at",
    ]
    readonly_fields = ["shown_state", "shown_offer", "spoken", "created_at"]

    @display(description=_("state"), label=CHIPS, ordering="state")
    def chip(self, entry):
        return entry.state, entry.get_state_display()

    @display(description=_("state"))
    def shown_state(self, entry):
        return entry.get_state_display()

    @display(description=_("offer"))
    def shown_offer(self, entry):
        return str(entry.offer)

    @display(description=_("language"), ordering="language")
    def spoken(self, entry):
        return language_name(entry.language)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        entry = self.own_row(request, object_id, self.readers)
        audit.record(
            by=request.user,
            action="desk.view_waiting",
            target=f"bookings.waitingentry:{entry.public_id}",
            patient_public_id=entry.patient.public_id,
            hospital_slug=entry.offer.hospital.slug,
        )
        return super().change_view(request, object_id, form_url, extra_context)
