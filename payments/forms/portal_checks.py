"""What an officer asks about one member: who, where, what, how much and when."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms.three_box_date import ThreeBoxDateField
from medtour.lib import clock
from payments.forms.amounts import AmountField
from payments.forms.insurance import CODE_LENGTH, LATEST, NUMBER_LENGTH, OLDEST_YEAR
from payments.insurance_questions import normal_number
from payments.models import Setting
from payments.presenters.categories import category_label


class CoverForm(forms.Form):
    """One question; the hospitals and categories are the insurer's own."""

    number = forms.CharField(
        label=_("Member number"),
        max_length=NUMBER_LENGTH,
        help_text=_("Spaces and hyphens do not matter."),
        widget=forms.TextInput(
            attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false", "class": "w-20"}
        ),
        error_messages={
            "required": _("Enter the member number"),
            "max_length": _("Enter a member number of 40 signs or fewer"),
        },
    )
    born = ThreeBoxDateField(label=_("Date of birth of the member"), required=True)
    hospital = forms.ModelChoiceField(
        label=_("Hospital"),
        queryset=None,
        to_field_name="slug",
        empty_label=_("Choose the hospital"),
        error_messages={
            "required": _("Choose the hospital"),
            "invalid_choice": _("Choose the hospital from the list"),
        },
    )
    category = forms.ChoiceField(
        label=_("Category of care"), error_messages={"required": _("Choose the category of care")}
    )
    setting = forms.ChoiceField(
        label=_("Setting"),
        choices=[("", "–"), *Setting.choices],
        error_messages={"required": _("Choose the setting")},
    )
    procedure_code = forms.CharField(
        label=_("Procedure code"),
        required=False,
        max_length=CODE_LENGTH,
        widget=forms.TextInput(attrs={"dir": "ltr", "class": "w-8", "autocomplete": "off"}),
        error_messages={"max_length": _("Enter a code of 12 signs or fewer")},
    )
    amount = AmountField(label=_("Estimate in CNY"))
    service_on = ThreeBoxDateField(label=_("Day of the treatment"), required=True)
    emergency = forms.BooleanField(label=_("It is an emergency"), required=False)

    def __init__(self, *args, hospitals, categories, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hospital"].queryset = hospitals
        self.fields["category"].choices = [
            ("", "–"),
            *((each, category_label(each)) for each in categories),
        ]

    def clean_number(self):
        if not normal_number(self.cleaned_data["number"]):
            raise ValidationError(_("Enter the member number"))
        return self.cleaned_data["number"]

    def clean_amount(self):
        if self.cleaned_data["amount"].minor <= 0:
            raise ValidationError(_("Enter an amount above nothing"))
        return self.cleaned_data["amount"]

    def clean_born(self):
        if not dt.date(OLDEST_YEAR, 1, 1) <= self.cleaned_data["born"] <= clock.now().date():
            raise ValidationError(_("Enter a date of birth that is in the past"))
        return self.cleaned_data["born"]

    def clean_service_on(self):
        day, today = self.cleaned_data["service_on"], clock.today("Asia/Shanghai")
        if not today - LATEST <= day <= today + LATEST:
            raise ValidationError(_("Enter a day at most a year before or after today"))
        return day
