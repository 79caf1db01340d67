"""What the desk types at discharge: lists are written one thing a line, parts between bars."""

import datetime as dt

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bookings.models.discharge import Pathway, TranslationStatus
from bookings.services.discharges import DischargeFacts
from hospitals.models import Offer
from medtour.lib import clock

BAR = "|"


class LinesField(forms.CharField):
    """Cleans to a list of dicts, one a line, its parts separated by a bar; errors name the line."""

    default_error_messages = {
        "parts": _("Line %(line)s: write %(form)s"),
        "date": _("Line %(line)s: write the date as 2026-12-31"),
    }

    def __init__(self, *, parts, needed, form, dates=(), **kwargs):
        super().__init__(required=False, **kwargs)
        self.parts, self.needed, self.form, self.dates = parts, needed, form, dates

    def clean(self, value):
        text = super().clean(value)
        lines = enumerate(text.splitlines(), start=1)
        return [self._row(number, line) for number, line in lines if line.strip()]

    def prepare_value(self, value):
        if not isinstance(value, list):
            return value
        return "\n".join(f" {BAR} ".join(row.get(name, "") for name in self.parts) for row in value)

    def _row(self, number, line):
        written = [part.strip() for part in line.split(BAR)]
        found = dict(zip(self.parts, written, strict=False))
        if len(written) > len(self.parts) or not all(found.get(name) for name in self.needed):
            told = {"line": number, "form": self.form}
            raise ValidationError(self.error_messages["parts"], code="parts", params=told)
        for name in self.dates:
            self._check_date(number, found[name])
        return {name: found.get(name, "") for name in self.parts}

    def _check_date(self, number, text):
        try:
            dt.date.fromisoformat(text)
        except ValueError:
            told = {"line": number}
            raise ValidationError(self.error_messages["date"], code="date", params=told) from None


def _text(label, *, rows, required=False, hint=""):
    box = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, required=required, help_text=hint, max_length=20_000, widget=box
    )


class DischargeForm(forms.Form):
    """The discharge papers; `is_doctor` lets a doctor state that no tests are needed (M17)."""

    offer = forms.ModelChoiceField(label=_("Offer"), queryset=Offer.objects.none(), required=False)
    pathway = forms.ChoiceField(label=_("Pathway"), choices=Pathway.choices)
    discharged_on = forms.DateField(
        label=_("Discharged on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    summary_zh = _text(_("Summary in Chinese"), rows=6, required=True)
    language = forms.ChoiceField(label=_("Patient's language"), choices=settings.LANGUAGES)
    summary = _text(_("Summary in the patient's language"), rows=6, required=True)
    translation_status = forms.ChoiceField(
        label=_("Who stands behind the translation"), choices=TranslationStatus.choices
    )
    translator_name = forms.CharField(
        label=_("Name of the translator or of the clinician who checked"),
        max_length=150,
        required=False,
    )
    medicines = LinesField(
        label=_("Medicines, one line each: INN | dose in the patient's language"),
        help_text=_("For example: paracetamol | 500 mg, up to 4 times a day, for 5 days"),
        parts=("inn", "dose"),
        needed=("inn", "dose"),
        form=_("INN | dose"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    implants = LinesField(
        label=_("Implants, one line each: name | UDI"),
        parts=("name", "udi"),
        needed=("name", "udi"),
        form=_("name | UDI"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    restrictions = _text(_("What to avoid, in the patient's language"), rows=3)
    flying = _text(_("Flying: from when, and with which care"), rows=2)
    warning_signs = _text(
        _("Warning signs, one line each, in the patient's language"), rows=4, required=True
    )
    tests = LinesField(
        label=_("Tests that are due, one line each: test | date | when to tell the hospital"),
        help_text=_("For example: Haemoglobin | 2026-12-31 | below 90 g/L"),
        parts=("test", "due_on", "threshold"),
        needed=("test", "due_on", "threshold"),
        form=_("test | date | when to tell the hospital"),
        dates=("due_on",),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    no_tests_needed = forms.BooleanField(
        label=_("As a doctor I state that no tests are needed"), required=False
    )
    contact = _text(_("Contact at the hospital: who, telephone, hours"), rows=2, required=True)

    def __init__(self, *args, case, is_doctor, **kwargs):
        super().__init__(*args, **kwargs)
        self.case = case
        offers = Offer.objects.filter(hospital_id=case.hospital_id, treatment_id=case.treatment_id)
        self.fields["offer"].queryset = offers.select_related("treatment").order_by("pk")
        if not is_doctor:
            del self.fields["no_tests_needed"]

    def clean_contact(self):
        contact = self.cleaned_data["contact"]
        if len(contact) > 300:
            raise ValidationError(_("Write 300 letters at most."))
        return contact

    def clean_discharged_on(self):
        day = self.cleaned_data["discharged_on"]
        if day > clock.today(self.case.hospital.time_zone):
            raise ValidationError(_("This day has not come yet at the hospital."))
        return day

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("no_tests_needed") and cleaned.get("tests"):
            self.add_error(
                "no_tests_needed", _("You wrote tests above. Take them out, or untick this.")
            )
        return cleaned

    def facts(self):
        """Return what was written as the service takes it."""
        return DischargeFacts(**self.cleaned_data)


def initial_of(discharge):
    """Return the first values of the form for correcting the papers."""
    names = DischargeForm.base_fields
    return {name: getattr(discharge, name) for name in names} if discharge else {}
