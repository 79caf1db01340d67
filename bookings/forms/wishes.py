"""Asking for dates and joining the waiting list: for whom, which days, in what language."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.forms.three_box_date import ThreeBoxDateField
from bookings.forms.consenting import NOTES_LIMIT, ConsentBoxes
from bookings.models.window import PartOfDay
from medtour.lib import clock

FURTHEST_DAYS = 365
LONGEST_WINDOW_DAYS = 92


class WishForm(ConsentBoxes):
    """A saved person, a window of days in the hospital's calendar, a language, the agreements.

    `live` maps a person's public id to the (purpose, recipient) pairs agreed to before.
    """

    who = forms.ChoiceField(
        label=_("Who is the appointment for?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who the appointment is for")},
    )
    first_on = ThreeBoxDateField(
        label=_("First day that suits you"),
        help_text=_("Day, month, year. It is a day in the hospital's city."),
    )
    last_on = ThreeBoxDateField(
        label=_("Last day that suits you"),
        help_text=_("At most three months after the first day."),
    )
    language = forms.ChoiceField(label=_("Language to be spoken"))

    def __init__(self, data=None, *, offer, patients, live, languages, **kwargs):
        self.patients = {patient.public_id: patient for patient in patients}
        chosen = (data or {}).get("who", "")
        if not chosen and len(self.patients) == 1:
            chosen = next(iter(self.patients))
        super().__init__(data, hospital=offer.hospital, live=live.get(chosen, ()), **kwargs)
        self.fields["who"].choices = [
            (patient.public_id, f"{patient.passport_name} ({patient.get_relation_display()})")
            for patient in patients
        ]
        self.fields["who"].initial = chosen
        self.fields["language"].choices = languages
        if get_language() in dict(languages):
            self.fields["language"].initial = get_language()
        self.today = clock.today(offer.hospital.time_zone)

    def clean_first_on(self):
        return self._clean_day("first_on")

    def clean_last_on(self):
        return self._clean_day("last_on")

    def _clean_day(self, name):
        day = self.cleaned_data[name]
        if day < self.today:
            raise ValidationError(_("Enter a day that is not in the past"))
        if (day - self.today).days > FURTHEST_DAYS:
            raise ValidationError(_("Enter a day within the next 12 months"))
        return day

    def clean(self):
        cleaned = super().clean()
        first_on, last_on = cleaned.get("first_on"), cleaned.get("last_on")
        if first_on and last_on and last_on < first_on:
            self.add_error("last_on", _("The last day must not be before the first day"))
        elif first_on and last_on and (last_on - first_on).days > LONGEST_WINDOW_DAYS:
            self.add_error("last_on", _("Choose a last day within three months of the first day"))
        return cleaned

    def patient(self):
        return self.patients[self.cleaned_data["who"]]

    def wish(self):
        """Return the cleaned wish by the names that the services use."""
        return {name: self.cleaned_data[name] for name in ("first_on", "last_on", "language")}


class WaitingForm(WishForm):
    """Joining the line for an offer whose times are full; nothing about health is asked."""

    field_order = ["who", "first_on", "last_on", "language", "consent_transfer"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("consent_health", None)


class AskForDatesForm(WishForm):
    part_of_day = forms.ChoiceField(
        label=_("Time of day"),
        choices=PartOfDay.choices,
        initial=PartOfDay.ANY,
        widget=forms.RadioSelect,
    )
    interpreter_wanted = forms.BooleanField(
        label=_("I would like an interpreter as well"), required=False
    )
    notes = forms.CharField(
        label=_("Anything the hospital should know?"),
        required=False,
        max_length=NOTES_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Only the hospital reads it."),
        error_messages={"max_length": _("Write 2,000 letters or fewer")},
    )
    idempotency_key = forms.CharField(max_length=40, widget=forms.HiddenInput)

    field_order = [
        "who",
        "first_on",
        "last_on",
        "part_of_day",
        "language",
        "interpreter_wanted",
        "notes",
        "consent_health",
        "consent_transfer",
    ]

    def wish(self):
        more = ("part_of_day", "interpreter_wanted", "notes")
        return super().wish() | {name: self.cleaned_data[name] for name in more}
