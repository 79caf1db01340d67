"""Follow-up tasks of the own hospital: who has to be called until when, and what they answered."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.services import audit
from bookings.admin.desk_widgets import in_desk_look
from bookings.admin.discharge import CARE_TEAM
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import language_name, wall
from bookings.models import FollowUpTask
from bookings.models.discharge import TranslationStatus
from bookings.models.follow_up import FollowUpStateChoice, Level
from bookings.selectors.desk_answers import shown_answers, shown_calls
from bookings.selectors.follow_ups import newest_answer
from bookings.selectors.outcomes import outcomes_of
from bookings.services import follow_ups
from bookings.services.follow_up_answers import add_translation
from bookings.transitions import FOLLOW_UP, FollowUpState
from hospitals.access import hospitals_of_staff
from hospitals.admin.desk import CARE_READERS, ReadOnlyDeskAdmin
from medtour.lib import clock

LEVEL_CHIPS = {
    Level.RED: "danger",
    Level.AMBER: "warning",
    Level.MISSED: "warning",
    Level.GREEN: "success",
    "": None,
}
STATE_CHIPS = dict.fromkeys(FollowUpStateChoice.values) | {
    FollowUpState.ESCALATED: "danger",
    FollowUpState.ANSWERED: "success",
    FollowUpState.ASKED: "info",
    FollowUpState.DUE: "warning",
}
CLOSABLE = (
    FollowUpState.DUE,
    FollowUpState.ANSWERED,
    FollowUpState.MISSED,
    FollowUpState.ESCALATED,
)


class ToDoFilter(admin.SimpleListFilter):
    """What waits for a call, unless another choice is made."""

    title = gettext_lazy("what to show")
    parameter_name = "show"
    conditions = {
        "calls": {"state": FollowUpState.ESCALATED},
        "red": {"state": FollowUpState.ESCALATED, "level": Level.RED},
        "amber": {"state": FollowUpState.ESCALATED, "level": Level.AMBER},
        "missed": {"state": FollowUpState.ESCALATED, "level": Level.MISSED},
        "due": {"state__in": (FollowUpState.DUE, FollowUpState.ASKED)},
        "answered": {"state": FollowUpState.ANSWERED},
    }

    def lookups(self, request, model_admin):
        return [
            ("calls", gettext_lazy("To be called")),
            ("red", gettext_lazy("Red")),
            ("amber", gettext_lazy("Amber")),
            ("missed", gettext_lazy("No answer")),
            ("due", gettext_lazy("Asked, waiting for an answer")),
            ("answered", gettext_lazy("Answered")),
            ("all", gettext_lazy("All")),
        ]

    def choices(self, changelist):
        return list(super().choices(changelist))[1:]

    def value(self):
        return super().value() or "calls"

    def queryset(self, request, queryset):
        return queryset.filter(**self.conditions.get(self.value(), {}))


class CallForm(forms.Form):
    has_reached = forms.TypedChoiceField(
        label=gettext_lazy("Was the patient reached?"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("What was said"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class OutcomeForm(forms.Form):
    outcome = forms.CharField(
        label=gettext_lazy("What came of it"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class TranslationForm(forms.Form):
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the translation"),
        choices=[("zh-hans", gettext_lazy("Chinese")), ("en", gettext_lazy("English"))],
    )
    text = forms.CharField(
        label=gettext_lazy("Translation"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Who stands behind the translation"), choices=TranslationStatus.choices
    )
    translator_name = forms.CharField(
        label=gettext_lazy("Name of the translator or of the clinician who checked"),
        max_length=150,
        required=False,
    )


@admin.register(FollowUpTask)
class FollowUpTaskAdmin(ReadOnlyDeskAdmin):
    """Services own every field; the care team acts through the buttons."""

    audited = "desk.list_follow_ups"
    hospital_path = "case__hospital"
    readers = CARE_READERS
    writers = CARE_TEAM
    list_display = ["until", "chip", "state_chip", "patient_name", "case", "day", "due_on"]
    list_filter = [ToDoFilter]
    search_fields = ["=case__reference", "case__patient__passport_name"]
    ordering = [F("target_at").asc(nulls_last=True), "due_on", "pk"]
    list_select_related = ["case__hospital", "case__patient"]
    change_form_outer_before_template = "admin/bookings/panel.html"
    change_form_outer_after_template = "admin/bookings/follow_up.html"
    fields = readonly_fields = [
        "until", "shown_state", "patient_name", "patient_phone", "patient_spoken", "case",
        "day", "due_on", "asked", "answered", "outcome",
    ]  # fmt: skip

    @display(description=gettext_lazy("call until, hospital time"), ordering="target_at")
    def until(self, task):
        if task.target_at is None:
            return "–"
        when = wall(task.target_at, task.case.hospital.time_zone)
        return _("OVERDUE: %(when)s") % {"when": when} if task.target_at < clock.now() else when

    @display(description=gettext_lazy("level"), label=LEVEL_CHIPS, ordering="level")
    def chip(self, task):
        return task.level, task.get_level_display() or "–"

    @display(description=gettext_lazy("state"), label=STATE_CHIPS, ordering="state")
    def state_chip(self, task):
        return task.state, task.get_state_display()

    @display(description=gettext_lazy("state"))
    def shown_state(self, task):
        return f"{task.get_state_display()} · {task.get_level_display() or '–'}"

    @display(description=gettext_lazy("patient"))
    def patient_name(self, task):
        return str(task.case.patient)

    @display(description=gettext_lazy("telephone"))
    def patient_phone(self, task):
        return str(task.case.patient.phone) or "–"

    @display(description=gettext_lazy("language to be spoken"))
    def patient_spoken(self, task):
        return language_name(task.case.patient.language)

    @display(description=gettext_lazy("asked, hospital time"))
    def asked(self, task):
        return wall(task.asked_at, task.case.hospital.time_zone)

    @display(description=gettext_lazy("answered, hospital time"))
    def answered(self, task):
        return wall(task.answered_at, task.case.hospital.time_zone)

    def get_urls(self):
        acts = {"call": self.call, "close": self.close, "translate": self.translate}
        own = [
            path(
                f"<int:object_id>/{act}/",
                self.admin_site.admin_view(view),
                name=f"bookings_followuptask_{act}",
            )
            for act, view in acts.items()
        ]
        outcomes = self.admin_site.admin_view(self.outcomes)
        own.append(path("outcomes/", outcomes, name="bookings_followuptask_outcomes"))
        return own + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        task = self.own_row(request, object_id, self.readers)
        audit.record(
            by=request.user,
            action="desk.view_follow_up",
            target=f"bookings.followuptask:{task.public_id}",
            patient_public_id=task.case.patient.public_id,
            hospital_slug=task.case.hospital.slug,
        )
        shown = {
            "acts": self._acts(request, task),
            "answers": shown_answers(task),
            "calls": shown_calls(task),
            "show_close": True,
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})

    def _acts(self, request, task):
        if not self.allows(request, self.writers, task):
            return []
        newest = newest_answer(task)
        closes = task.state in CLOSABLE and FollowUpState.CLOSED in FOLLOW_UP[task.state]
        possible = [
            (_("Record a call"), "call", task.state != FollowUpState.PLANNED),
            (_("Close with an outcome"), "close", closes),
            (
                _("Translate the patient's words"),
                "translate",
                newest and newest.answers.get("words"),
            ),
        ]
        return [
            {
                "label": label,
                "asks": True,
                "address": reverse(f"admin:bookings_followuptask_{act}", args=[task.pk]),
            }
            for label, act, fits in possible
            if fits
        ]

    def call(self, request, object_id):
        task = self.own_row(request, object_id)

        def perform(cleaned):
            follow_ups.record_call(task, by=request.user, **cleaned)
            return _("The call is recorded.")

        step = Step(
            title=_("Record a call"),
            explanation=_("Write it down even when nobody answered. It cannot be changed later."),
            button=_("Record the call"),
            form=in_desk_look(CallForm(posted(request))),
            back=change_page(task),
            facts=[(_("Telephone"), str(task.case.patient.phone) or "–")],
        )
        return run_step(self, request, step, perform)

    def close(self, request, object_id):
        task = self.own_row(request, object_id)

        def perform(cleaned):
            follow_ups.close_task(task, outcome=cleaned["outcome"], by=request.user)
            return _("Closed.")

        step = Step(
            title=_("Close with an outcome"),
            explanation=_("A red answer is closed only after a call is recorded."),
            button=_("Close the task"),
            form=in_desk_look(OutcomeForm(posted(request))),
            back=change_page(task),
        )
        return run_step(self, request, step, perform)

    def translate(self, request, object_id):
        task = self.own_row(request, object_id)
        newest = newest_answer(task)
        original = newest.answers.get("words", "") if newest else ""

        def perform(cleaned):
            add_translation(newest, by=request.user, **cleaned)
            return _("The translation stands beside the original.")

        step = Step(
            title=_("Translate the patient's words"),
            explanation=_("The original stays as it is. Say who stands behind the translation."),
            button=_("Save the translation"),
            form=in_desk_look(TranslationForm(posted(request))),
            back=change_page(task),
            facts=[(_("Original"), original)],
            nothing="" if original else _("The patient wrote no words of their own."),
        )
        return run_step(self, request, step, perform)

    def outcomes(self, request):
        """Show how patients of each offer did, once there are enough of them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        hospitals = hospitals_of_staff(request.user, self.readers)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Outcomes"),
            "rows": outcomes_of(hospitals),
        }
        audit.record(
            by=request.user, action="desk.open_outcomes", target="bookings.followuptask:outcomes"
        )
        return TemplateResponse(request, "admin/bookings/outcomes.html", context)
