"""Follow-up plans at the desk: a version is only read, a change is the next version."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bookings import questions
from bookings.admin.desk_widgets import in_desk_look
from bookings.admin.discharge import CARE_TEAM
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import wall
from bookings.forms.follow_up_plan import FollowUpPlanForm, PlanScopeForm, initial_of_plan
from bookings.models import FollowUpPlan
from bookings.services.follow_up_plans import (
    is_doctor_at,
    is_doctor_somewhere,
    platform_plan,
    write_plan,
)
from hospitals.access import hospitals_of_staff
from hospitals.admin.desk import CARE_READERS, ReadOnlyDeskAdmin
from hospitals.models import Hospital


@admin.register(FollowUpPlan)
class FollowUpPlanAdmin(ReadOnlyDeskAdmin):
    """A running case keeps the version it began with."""

    readers = CARE_READERS
    writers = CARE_TEAM
    list_display = ["shown_scope", "version", "shown_days", "rules_by", "hospital", "written"]
    ordering = ["hospital_id", "offer_id", "pathway", "-version"]
    list_select_related = ["hospital", "offer__treatment", "rules_set_by"]
    change_form_outer_before_template = "admin/bookings/panel.html"
    fields = readonly_fields = [
        "shown_scope", "version", "hospital", "shown_days", "yearly_count", "shown_questions",
        "shown_rules", "rules_by", "remind_after_days", "missed_after_days", "amber_hours",
        "missed_hours", "written",
    ]  # fmt: skip

    def has_add_permission(self, request):
        return self.allows(request, self.writers)

    @display(description=gettext_lazy("for"))
    def shown_scope(self, plan):
        return str(plan)

    @display(description=gettext_lazy("days after discharge"))
    def shown_days(self, plan):
        return ", ".join(str(day) for day in plan.days)

    @display(description=gettext_lazy("questions"))
    def shown_questions(self, plan):
        return " · ".join(str(each.short) for each in questions.questions_of(plan.questions))

    @display(description=gettext_lazy("rules"))
    def shown_rules(self, plan):
        return "; ".join(rule_text(code, rule) for code, rule in plan.rules.items() if rule)

    @display(description=gettext_lazy("rules set by"))
    def rules_by(self, plan):
        doctor = plan.rules_set_by
        return (doctor.called or doctor.email) if doctor else _("no doctor yet: careful defaults")

    @display(description=gettext_lazy("written, hospital time"), ordering="created_at")
    def written(self, plan):
        return wall(plan.created_at, plan.hospital.time_zone if plan.hospital else "UTC")

    def get_urls(self):
        view = self.admin_site.admin_view(self.next)
        own = [path("<int:object_id>/next/", view, name="bookings_followupplan_next")]
        return own + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        plan = self.own_row(request, object_id, self.readers)
        acts = []
        if plan.hospital_id and self.allows(request, self.writers, plan):
            address = reverse("admin:bookings_followupplan_next", args=[plan.pk])
            acts = [{"label": _("Write a new version"), "asks": True, "address": address}]
        panel = {"acts": acts, "show_close": True}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **panel})

    def add_view(self, request, form_url="", extra_context=None):
        """Write the first plan of the hospital, of an offer or of a pathway."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        hospitals = Hospital.objects.filter(
            pk__in=hospitals_of_staff(request.user, self.writers).values("pk")
        ).order_by("slug")
        standing = platform_plan()
        form = FollowUpPlanForm(
            posted(request),
            standing=standing,
            may_set_rules=is_doctor_somewhere(request.user),
            initial=initial_of_plan(standing),
        )
        scope = PlanScopeForm(posted(request), hospitals=hospitals)
        both = BothForms(scope, form)

        def perform(_cleaned):
            write_plan(facts=form.facts(), by=request.user, **scope.cleaned_data)
            return _("The plan is there. New discharges follow it.")

        step = Step(
            title=_("Write a follow-up plan"),
            explanation=_(
                "Leave offer and pathway empty for a plan of the whole hospital. Cases that run "
                "already keep their version."
            ),
            button=_("Save the plan"),
            form=in_desk_look(both),
            back=reverse("admin:bookings_followupplan_changelist"),
        )
        return run_step(self, request, step, perform)

    def next(self, request, object_id):
        plan = self.own_row(request, object_id)
        form = FollowUpPlanForm(
            posted(request),
            standing=plan,
            may_set_rules=is_doctor_at(request.user, plan.hospital_id),
            initial=initial_of_plan(plan),
        )

        def perform(_cleaned):
            write_plan(
                plan.hospital,
                offer=plan.offer,
                pathway=plan.pathway,
                facts=form.facts(),
                by=request.user,
            )
            return _("The new version is in force for new discharges.")

        step = Step(
            title=_("New version of this plan"),
            explanation=_(
                "Cases that run already keep their version. Only a doctor of the hospital changes "
                "the questions and the rules."
            ),
            button=_("Save the new version"),
            form=in_desk_look(form),
            back=change_page(plan),
        )
        return run_step(self, request, step, perform)


class BothForms(forms.Form):
    """Two forms on one page of one act."""

    def __init__(self, scope, plan):
        super().__init__()
        self.parts = (scope, plan)
        self.fields = {**scope.fields, **plan.fields}

    def is_valid(self):
        valid = [part.is_valid() for part in self.parts]
        return all(valid)

    @property
    def cleaned_data(self):
        return {}

    def __iter__(self):
        for part in self.parts:
            yield from part

    def add_error(self, field, error):
        self.parts[1].add_error(field, error)

    def non_field_errors(self):
        return self.parts[1].non_field_errors()


def rule_text(code, rule):
    """Return one rule in words: pain: amber from 5, red from 8."""
    question = questions.QUESTIONS[code]
    parts = []
    for level, name in (("amber", _("amber")), ("red", _("red"))):
        bound = rule.get(level)
        if bound is None:
            continue
        if isinstance(bound, list):
            told = ", ".join(questions.answer_in_words(code, each) for each in bound)
            parts.append(f"{name}: {told}")
        else:
            parts.append(_("%(level)s from %(bound)s") % {"level": name, "bound": bound})
    return f"{question.short}: {'; '.join(parts)}"
