"""What a visitor says on the page of times: day and language to look at, time to take."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms.people import SPOKEN_LANGUAGES
from medtour.lib import clock

FURTHEST_DAYS = 365


class LookForm(forms.Form):
    """The allow-listed query of the page of times; anything else falls back to the default."""

    start = forms.DateField(required=False)
    day = forms.DateField(required=False)
    language = forms.ChoiceField(
        choices=[(code, code) for code in SPOKEN_LANGUAGES], required=False
    )

    def __init__(self, *args, zone, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = clock.today(zone)

    def _possible(self, name):
        day = self.cleaned_data[name]
        ahead = (day - self.today).days if day else -1
        return day if 0 <= ahead <= FURTHEST_DAYS else None

    def clean_start(self):
        return self._possible("start")

    def clean_day(self):
        return self._possible("day")


class TakeForm(forms.Form):
    """One time to take, in one language, maybe with an interpreter, maybe for a known person."""

    slot = forms.CharField(
        max_length=32,
        error_messages={"required": _("Choose a time"), "max_length": _("Choose a time")},
    )
    language = forms.CharField(max_length=10)
    interpreter_wanted = forms.BooleanField(required=False)
    idempotency_key = forms.CharField(max_length=64)
    patient = forms.CharField(max_length=32, required=False)

    def clean_language(self):
        """Allow what people can choose; a field of choices would copy them all each time."""
        language = self.cleaned_data["language"]
        if language not in SPOKEN_LANGUAGES:
            unknown = forms.ChoiceField.default_error_messages["invalid_choice"]
            raise ValidationError(unknown, params={"value": language})
        return language


class OtherTimeForm(forms.Form):
    """Another time for an appointment, and the version of the appointment that was looked at."""

    slot = forms.CharField(max_length=32, error_messages={"required": _("Choose a time")})
    version = forms.IntegerField(min_value=1)


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Why do you cancel?"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The hospital sees this. Please do not write about your health here."),
        error_messages={"max_length": _("Write 300 letters or fewer")},
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def clean_reason(self):
        reason = " ".join(self.cleaned_data["reason"].split())
        if any(ord(sign) < 32 for sign in reason):
            raise ValidationError(_("Write the reason in letters only"))
        return reason
