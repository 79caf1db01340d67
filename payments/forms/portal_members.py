"""Whom an officer looks for among their own members, and a file of members."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms.three_box_date import ThreeBoxDateField
from medtour.lib import clock
from payments.forms.insurance import NUMBER_LENGTH, OLDEST_YEAR
from payments.forms.tried_files import TriedFileForm
from payments.insurance_questions import normal_name, normal_number
from payments.services.insurance.member_search import Wanted

MOST_LINES = 5_000


class MemberSearchForm(forms.Form):
    """A member number, or a name with a date of birth."""

    number = forms.CharField(
        label=_("Member number"),
        required=False,
        max_length=NUMBER_LENGTH,
        help_text=_("Spaces and hyphens do not matter."),
        widget=forms.TextInput(
            attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false", "class": "w-20"}
        ),
        error_messages={"max_length": _("Enter a member number of 40 signs or fewer")},
    )
    name = forms.CharField(
        label=_("Or the name on the card"),
        required=False,
        max_length=150,
        help_text=_("The whole name. The order of its parts does not matter."),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"max_length": _("Enter a name of 150 letters or fewer")},
    )
    born = ThreeBoxDateField(label=_("Date of birth, with the name"), required=False)

    def clean_born(self):
        born = self.cleaned_data["born"]
        if born and not dt.date(OLDEST_YEAR, 1, 1) <= born <= clock.now().date():
            raise ValidationError(_("Enter a date of birth that is in the past"))
        return born

    def clean(self):
        cleaned = super().clean()
        number, name = normal_number(cleaned.get("number", "")), cleaned.get("name", "")
        if number or self.errors:
            return cleaned
        if not normal_name(name):
            self.add_error("number", _("Enter the member number, or name and date of birth"))
        elif not cleaned.get("born"):
            self.add_error("born", _("Enter the date of birth that belongs to the name"))
        return cleaned

    def wanted(self):
        cleaned = self.cleaned_data
        return Wanted(normal_number(cleaned["number"]), cleaned["name"], cleaned["born"])


class MembersFileForm(TriedFileForm):
    """Up to 5,000 lines of members."""

    salt = "payments.members-file"
    largest = 1_500_000
    too_large = _("The file is larger than 1.5 MB. Please split it.")
