"""What people type about the persons they book for."""

import unicodedata

import phonenumbers
from babel import Locale
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.forms.three_box_date import ThreeBoxDateField
from accounts.models.patient import Relation
from accounts.services.patients import PatientDetails, normalised_name
from medtour.lib import clock, wording
from medtour.lib.money import babel_locale

SPOKEN_LANGUAGES = (
    "en", "zh-hans", "ru", "id", "vi", "mn", "ar", "fr", "ja", "ko", "es", "th", "kk", "bn", "lo",
)  # fmt: skip
OLDEST_BIRTH_YEAR = 1900


def territory_choices() -> list[tuple[str, str]]:
    """Return (ISO region, "Mongolia +976") for every region that has telephone numbers."""
    locale = Locale.parse(babel_locale(translation.get_language() or settings.LANGUAGE_CODE))
    choices = [
        (region, f"{locale.territories.get(region, region)} +{code}")
        for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
        for region in regions
        if region != "001"
    ]
    return sorted(choices, key=lambda choice: unicodedata.normalize("NFKD", choice[1]).casefold())


class PassportNameField(forms.CharField):
    """One name in any letters: single names, apostrophes and long names are fine (AX-05)."""

    def __init__(self, **kwargs):
        super().__init__(max_length=150, **kwargs)
        self.error_messages["required"] = _("Enter the full name as it is in the passport")
        self.error_messages["max_length"] = _("Enter a name of 150 letters or fewer")
        self.widget.attrs |= {"autocomplete": "name", "spellcheck": "false"}

    def to_python(self, value):
        return normalised_name(super().to_python(value) or "")

    def validate(self, value):
        super().validate(value)
        if any(unicodedata.category(sign) == "Cc" for sign in value):
            raise ValidationError(_("Enter the name in letters only"))
        if not any(sign.isalpha() for sign in value):
            raise ValidationError(self.error_messages["required"])


class PatientForm(forms.Form):
    """The person to be treated, as the hospital registers them."""

    passport_name = PassportNameField(
        label=_("Full name, as in the passport"),
        help_text=_(
            "Copy the letters from the bottom two lines of the photo page, for example "
            "SAMPLE NAME. One name alone is fine."
        ),
    )
    relation = forms.ChoiceField(
        label=_("Who is this person?"),
        choices=Relation.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who this person is")},
    )
    date_of_birth = ThreeBoxDateField(
        label=_("Date of birth"),
        required=False,
        help_text=_(
            "Day, month, year, for example 27 3 1984. For an adult you can leave this empty."
        ),
    )
    phone_country = forms.ChoiceField(
        label=_("Country of the telephone number"),
        error_messages={"required": _("Choose the country of the telephone number")},
    )
    phone = forms.CharField(
        label=_("Telephone number"),
        max_length=40,
        help_text=_("The hospital calls or writes only about this visit."),
        error_messages={"required": _("Enter a telephone number, for example 201 555 0123")},
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel", "class": "w-20"}
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        empty = ("", _("Choose a country"))
        self.fields["phone_country"].choices = [empty, *territory_choices()]

    def clean_date_of_birth(self):
        born = self.cleaned_data["date_of_birth"]
        if born and not OLDEST_BIRTH_YEAR <= born.year <= clock.now().year:
            raise ValidationError(_("Enter a year of birth from 1900 until this year"))
        if born and born > clock.now().date():
            raise ValidationError(_("Enter a date of birth that is in the past"))
        return born

    def clean(self):
        cleaned = super().clean()
        missing = "date_of_birth" not in self.errors and not cleaned.get("date_of_birth")
        if cleaned.get("relation") == Relation.CHILD and missing:
            self.add_error("date_of_birth", _("Enter the date of birth of the child"))
        if cleaned.get("phone") and cleaned.get("phone_country"):
            self._clean_phone(cleaned)
        return cleaned

    def _clean_phone(self, cleaned):
        try:
            number = phonenumbers.parse(cleaned["phone"], cleaned["phone_country"])
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            self.add_error(
                "phone",
                _("Enter a telephone number of this country; check the number of digits"),
            )
            return
        cleaned["phone"] = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def details(self, language):
        """Return the cleaned person; `language` is the one to be spoken."""
        return PatientDetails(
            relation=self.cleaned_data["relation"],
            passport_name=self.cleaned_data["passport_name"],
            date_of_birth=self.cleaned_data["date_of_birth"],
            phone=self.cleaned_data["phone"],
            language=language,
        )


class SavedPersonForm(PatientForm):
    """A person kept in the profile, with the language they speak with a doctor."""

    language = forms.ChoiceField(label=_("Language to be spoken"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        page = translation.get_language() or settings.LANGUAGE_CODE
        self.fields["language"].choices = [
            (code, wording.language_name(code, page)) for code in SPOKEN_LANGUAGES
        ]
        self.fields["language"].initial = page


def phone_parts(e164):
    """Return what the two telephone boxes show for a stored number."""
    try:
        number = phonenumbers.parse(str(e164))
    except phonenumbers.NumberParseException:
        return {"phone_country": "", "phone": str(e164)}
    return {
        "phone_country": phonenumbers.region_code_for_number(number) or "",
        "phone": phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL),
    }


def patient_initial(patient):
    """Return the first values of `PatientForm` for a saved person."""
    return {
        "passport_name": patient.passport_name,
        "relation": patient.relation,
        "date_of_birth": patient.date_of_birth,
        **(phone_parts(patient.phone) if patient.phone else {}),
    }
