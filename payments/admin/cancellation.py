"""Cancellation policies at the desk: a version is only read, a change is the next version."""

import re

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import wall
from hospitals.access import hospitals_of_staff
from hospitals.admin.desk import EDITORS
from hospitals.models import CancellationPolicy, Hospital
from hospitals.policies import Ladder, LadderBroken
from hospitals.services.cancellation_policies import first_version, next_version
from payments.access import MONEY_ROLES
from payments.admin.money_desk import MoneyDeskAdmin

STEP = re.compile(r"(\d{1,5})\s*[:\s]\s*(\d{1,3})\s*%?")


class BandsField(forms.CharField):
    """One step a line, hours before the start and the percentage: 168: 100."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4, "dir": "ltr"})

    def clean(self, value):
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        found = [STEP.fullmatch(line) for line in lines]
        if not all(found):
            raise forms.ValidationError(_("Write each step like this: 168: 100"))
        try:
            return Ladder.from_pairs(match.groups() for match in found).to_pairs()
        except LadderBroken as error:
            raise forms.ValidationError(
                _("The steps must fall: fewer hours before the start, a smaller refund.")
            ) from error


class BandsForm(forms.Form):
    bands = BandsField(
        label=gettext_lazy("Steps, one a line"),
        help_text=gettext_lazy(
            "Hours before the start, then how many percent come back. "
            "168: 100 means: everything until seven days before."
        ),
    )


class FirstVersionForm(BandsForm):
    hospital = forms.ModelChoiceField(
        label=gettext_lazy("Hospital"), queryset=None, widget=UnfoldAdminSelectWidget
    )
    name = forms.CharField(
        label=gettext_lazy("Name for staff"), max_length=80, widget=UnfoldAdminTextInputWidget
    )
    field_order = ("hospital", "name", "bands")

    def __init__(self, *args, hospitals, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hospital"].queryset = hospitals
        if len(hospitals[:2]) == 1:
            self.initial.setdefault("hospital", hospitals[0])


def ladder_text(bands):
    """Return a ladder in words, best step first."""
    steps = [
        _("until %(hours)s h before: %(percent)s %%") % {"hours": hours, "percent": percent}
        for hours, percent in bands
    ]
    return " · ".join([*steps, _("later: nothing")])


@admin.register(CancellationPolicy)
class CancellationPolicyAdmin(MoneyDeskAdmin):
    """What was agreed stays agreed: bookings keep the ladder they were made with (M8)."""

    readers = EDITORS | MONEY_ROLES
    writers = EDITORS
    noted = "desk.view_policy"
    pages = {"next": "next"}  # noqa: RUF012
    list_display = ["name", "version", "ladder", "used", "hospital", "entered"]
    ordering = ["hospital_id", "name", "-version"]
    list_select_related = ["hospital"]
    fields = readonly_fields = [
        "hospital", "name", "version", "ladder", "used", "entered_by", "entered"
    ]  # fmt: skip

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("hospital", "entered_by")
        return rows.annotate(offer_count=Count("offers"))

    def has_add_permission(self, request):
        return self.allows(request, self.writers)

    @display(description=gettext_lazy("steps"))
    def ladder(self, policy):
        return ladder_text(policy.bands)

    @display(description=gettext_lazy("offers"))
    def used(self, policy):
        return policy.offer_count

    @display(description=gettext_lazy("entered, hospital time"), ordering="entered_at")
    def entered(self, policy):
        return wall(policy.entered_at, policy.hospital.time_zone)

    def acts(self, request, policy):
        return [(_("Begin a new version"), "next", True)]

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        hospitals = Hospital.objects.filter(
            pk__in=hospitals_of_staff(request.user, self.writers).values("pk")
        ).order_by("slug")

        def perform(cleaned):
            first_version(by=request.user, **cleaned)
            return _("The policy is there. Choose it in the offers that shall follow it.")

        step = Step(
            title=_("Begin a cancellation policy"),
            explanation=_("Offers that follow it show its steps as dates before anybody pays."),
            button=_("Save the policy"),
            form=FirstVersionForm(posted(request), hospitals=hospitals),
            back=reverse("admin:hospitals_cancellationpolicy_changelist"),
        )
        return run_step(self, request, step, perform)

    def next(self, request, object_id):
        policy = self.own_row(request, object_id)

        def perform(cleaned):
            next_version(policy, bands=cleaned["bands"], by=request.user)
            return _("The new version is in force for new bookings. Earlier ones keep theirs.")

        shown = "\n".join(f"{hours}: {percent}" for hours, percent in policy.bands)
        step = Step(
            title=_("New version of %(policy)s") % {"policy": policy.name},
            explanation=_(
                "Offers that follow this policy follow the new version. "
                "Whoever has paid already keeps the steps they agreed to."
            ),
            button=_("Save the new version"),
            form=BandsForm(posted(request), initial={"bands": shown}),
            back=change_page(policy),
            facts=[(_("Present steps"), ladder_text(policy.bands))],
        )
        return run_step(self, request, step, perform)
