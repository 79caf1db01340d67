"""What every page of money at the desk shares: who reads it, its buttons, and steps asked twice."""

import hashlib
from dataclasses import replace

from django import forms
from django.urls import path, reverse

from accounts.services import audit
from bookings.admin.steps import posted, run_step, show_step
from hospitals.admin.desk import ReadOnlyDeskAdmin
from medtour.lib.errors import Refusal
from payments.access import MONEY_ROLES

PANEL = "admin/bookings/panel.html"


class MoneyDeskAdmin(ReadOnlyDeskAdmin):
    """Services own every field; cashier and coordinator act through the buttons.

    `pages` are the addresses of a row's acts and the methods that answer them; `noted` is the word
    in the audit trail for opening a row; `case_path` leads to the case that the row is about.
    """

    readers = writers = MONEY_ROLES
    change_form_outer_before_template = PANEL
    pages = {}  # noqa: RUF012
    noted = ""
    case_path = ""

    def get_urls(self):
        meta = self.opts
        own = [
            path(
                f"<int:object_id>/{act}/",
                self.admin_site.admin_view(getattr(self, name)),
                name=f"{meta.app_label}_{meta.model_name}_{act}",
            )
            for act, name in self.pages.items()
        ]
        return own + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        row = self.own_row(request, object_id, self.readers)
        self.note(request, row, self.noted)
        context = {**self.more_context(request, row), **(extra_context or {})}
        context |= {"acts": self.shown_acts(request, row), "show_close": True}
        return super().change_view(request, object_id, form_url, context)

    def more_context(self, request, row):
        return {}

    def acts(self, request, row):
        """Return (label, page, whether it makes sense now) of every button."""
        return []

    def shown_acts(self, request, row):
        if not self.allows(request, self.writers, row):
            return []
        return [
            {"label": label, "asks": True, "address": self.act_address(row, act)}
            for label, act, fits in self.acts(request, row)
            if fits
        ]

    def act_address(self, row, act):
        meta = self.opts
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_{act}", args=[row.pk])

    def note(self, request, row, action):
        """Write down who opened what; a patient's name is never in it (PR-07)."""
        case = follow(row, self.case_path) if self.case_path else None
        hospital = follow(row, self.hospital_path)
        audit.record(
            by=request.user,
            action=action,
            target=f"{self.opts.label_lower}:{getattr(row, 'public_id', row.pk)}",
            patient_public_id=case.patient.public_id if case else "",
            hospital_slug=hospital.slug if hospital else "",
        )


def follow(row, road):
    for name in road.split("__"):
        row = getattr(row, name)
    return row


class CheckedForm(forms.Form):
    """A form whose consequences are shown first; saved once the same is sent again."""

    checked = forms.CharField(required=False, widget=forms.HiddenInput)

    def was_checked(self, facts):
        """Tell whether exactly this was shown before; from now on it was."""
        told = [(name, str(self.data.get(name, ""))) for name in self.fields if name != "checked"]
        said = [(str(name), str(value)) for name, value in facts]
        mark = hashlib.sha256(repr((told, said)).encode()).hexdigest()[:32]
        if self.cleaned_data["checked"] == mark:
            return True
        self.data = {**self.data.dict(), "checked": mark}
        return False


def run_checked_step(model_admin, request, step, *, facts_of, perform):
    """Show what a filled form would do, and do it when the person sends it once more.

    `facts_of(cleaned)` returns names and values of what will be; should they have changed in the
    meantime, the new ones are shown before anything is done.
    """
    if posted(request) is None or not step.form.is_valid():
        return show_step(model_admin, request, step)
    try:
        facts = facts_of(step.form.cleaned_data)
    except Refusal as refusal:
        step.form.add_error(None, str(refusal.message))
        return show_step(model_admin, request, step, status=refusal.status)
    shown = replace(step, facts=facts)
    if not step.form.was_checked(facts):
        return show_step(model_admin, request, shown)
    return run_step(model_admin, request, shown, perform)
