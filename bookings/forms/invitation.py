"""What the desk types for an invitation letter."""

import datetime as dt
import re
import unicodedata

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from bookings.models import Appointment
from bookings.selectors.invitations import InvitationFacts
from medtour.lib import clock
from medtour.lib.money import babel_locale

PASSPORT = re.compile(r"[A-Z0-9]{5,20}")
MOST_COMPANIONS = 5


def nationality_choices() -> list[tuple[str, str]]:
    """Return (ISO code, name) of the world's countries, by name."""
    names = Locale.parse(babel_locale(translation.get_language() or "en")).territories
    choices = [(code, name) for code, name in names.items() if re.fullmatch(r"[A-Z]{2}", code)]
    return sorted(choices, key=lambda each: unicodedata.normalize("NFKD", each[1]).casefold())


def _day(label):
    box = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=box)


class InvitationForm(forms.Form):
    """The facts of one letter; the person's are taken from the booking, and can be put right."""

    name = forms.CharField(label=_("Name as in the passport"), max_length=150)
    date_of_birth = _day(_("Date of birth"))
    nationality = forms.ChoiceField(label=_("Nationality"), choices=nationality_choices)
    passport_number = forms.CharField(label=_("Passport number"), max_length=20)
    companions = forms.CharField(
        label=_("Companions, one name as in the passport a line"),
        required=False,
        max_length=800,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    first_on = _day(_("Expected in China from"))
    last_on = _day(_("Expected in China until"))
    contact = forms.CharField(label=_("Contact at the hospital: name and office"), max_length=200)
    telephone = forms.CharField(label=_("Telephone of the contact"), max_length=40)

    def clean_passport_number(self):
        number = "".join(self.cleaned_data["passport_number"].split()).upper()
        if not PASSPORT.fullmatch(number):
            raise ValidationError(_("Write the number as it is in the passport: letters, digits."))
        return number

    def clean_companions(self):
        lines = self.cleaned_data["companions"].splitlines()
        names = [" ".join(line.split()) for line in lines if line.strip()]
        if len(names) > MOST_COMPANIONS:
            raise ValidationError(_("Write five companions at most."))
        return names

    def facts(self) -> InvitationFacts:
        """Return what was written as the service takes it."""
        return InvitationFacts(**self.cleaned_data)


def first_values(appointment: Appointment) -> dict[str, object]:
    """Return what is known already: the person, and the stay that the offer names."""
    patient, offer = appointment.kept_patient, appointment.slot.offer
    day = clock.local(appointment.slot.starts_at, appointment.hospital.time_zone).date()
    nights = max(offer.stay_days_max, offer.inpatient_nights + 1, 1)
    return {
        "name": patient.passport_name,
        "date_of_birth": patient.date_of_birth,
        "first_on": day - dt.timedelta(days=1),
        "last_on": day + dt.timedelta(days=nights),
        "telephone": str(appointment.hospital.telephone or ""),
    }
