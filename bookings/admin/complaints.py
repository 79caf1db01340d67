"""Complaints of the own hospital's patients, unanswered ones first; answered once, in writing."""

from django import forms
from django.contrib import admin
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.services import audit
from bookings.admin.desk_widgets import in_desk_look
from bookings.admin.discharge import CARE_TEAM
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import language_name
from bookings.models import Complaint
from bookings.services.complaints import answer_complaint
from hospitals.admin.desk import ReadOnlyDeskAdmin


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("Answer, in the patient's language"),
        max_length=8_000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class WaitsFilter(admin.SimpleListFilter):
    title = gettext_lazy("answered")
    parameter_name = "answered"

    def lookups(self, request, model_admin):
        return [("no", _("Waits for an answer")), ("yes", _("Answered"))]

    def queryset(self, request, queryset):
        if self.value() in ("yes", "no"):
            return queryset.filter(answered_at__isnull=self.value() == "no")
        return queryset


@admin.register(Complaint)
class ComplaintAdmin(ReadOnlyDeskAdmin):
    """Services own every field; the care team answers through the button."""

    audited = "desk.list_complaints"
    hospital_path = "case__hospital"
    readers = writers = CARE_TEAM
    operator_edits = False
    list_display = ["number", "waits", "filed_at", "answered_at"]
    list_filter = [WaitsFilter]
    ordering = ["-answered_at", "filed_at"]
    list_select_related = ["case"]
    fields = [
        "number",
        "patient",
        "spoken",
        "filed_at",
        "words",
        "answered_at",
        "answered_by",
        "answer",
    ]
    readonly_fields = fields
    change_form_outer_before_template = "admin/bookings/panel.html"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("case__patient", "case__hospital")

    @display(description=gettext_lazy("state"), label={"waits": "warning", "done": "success"})
    def waits(self, complaint):
        if complaint.answered_at is None:
            return "waits", _("Waits for an answer")
        return "done", _("Answered")

    @display(description=gettext_lazy("patient"))
    def patient(self, complaint):
        return str(complaint.case.patient)

    @display(description=gettext_lazy("language"))
    def spoken(self, complaint):
        return language_name(complaint.language)

    def get_urls(self):
        view = self.admin_site.admin_view(self.answer_view)
        own = path("<int:object_id>/answer/", view, name="bookings_complaint_answer")
        return [own, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        complaint = self.own_row(request, object_id, self.readers)
        audit.record(
            by=request.user,
            action="desk.view_complaint",
            target=f"bookings.complaint:{complaint.public_id}",
            patient_public_id=complaint.case.patient.public_id,
            hospital_slug=complaint.case.hospital.slug,
        )
        panel = {"acts": self._acts(request, complaint), "show_close": True}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **panel})

    def _acts(self, request, complaint):
        if complaint.answered_at is not None or not self.allows(request, CARE_TEAM, complaint):
            return []
        address = reverse("admin:bookings_complaint_answer", args=[complaint.pk])
        return [{"label": _("Answer"), "asks": True, "address": address}]

    def answer_view(self, request, object_id):
        complaint = self.own_row(request, object_id)

        def perform(cleaned):
            answer_complaint(complaint, answer=cleaned["answer"], by=request.user)
            return _("Answered. The patient is told that an answer is in My care.")

        step = Step(
            title=_("Answer the complaint"),
            explanation=_("The patient reads this as you write it. It cannot be changed later."),
            button=_("Send the answer"),
            form=in_desk_look(AnswerForm(posted(request))),
            back=change_page(complaint),
            facts=[(_("Complaint"), complaint.words)],
        )
        return run_step(self, request, step, perform)
