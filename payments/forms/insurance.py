"""What a patient types to ask an insurer, and the agreement to share it with that insurer."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.three_box_date import ThreeBoxDateField
from accounts.models.consent import Purpose
from accounts.services.consents import GivenConsent
from medtour.lib import clock
from payments.insurance_questions import normal_number

LATEST = dt.timedelta(days=366)
OLDEST_YEAR = 1900
NUMBER_LENGTH, CODE_LENGTH = 40, 12
SECOND = "second_"


def card_fields(*, required):
    """Return the three boxes of one card, as they are asked twice."""
    return {
        "insurer": forms.ModelChoiceField(
            queryset=None,
            to_field_name="slug",
            required=required,
            label=gettext_lazy("Insurer"),
            empty_label=gettext_lazy("Choose your insurer"),
            error_messages={
                "required": gettext_lazy("Choose your insurer"),
                "invalid_choice": gettext_lazy("Choose your insurer from the list"),
            },
        ),
        "number": forms.CharField(
            required=required,
            max_length=NUMBER_LENGTH,
            label=gettext_lazy("Member number"),
            help_text=gettext_lazy(
                "As it stands on your insurance card. Spaces and hyphens do not matter."
            ),
            widget=forms.TextInput(
                attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false", "class": "w-20"}
            ),
            error_messages={
                "required": gettext_lazy("Enter the member number from your card"),
                "max_length": gettext_lazy("Enter a member number of 40 signs or fewer"),
            },
        ),
        "born": ThreeBoxDateField(
            required=required,
            label=gettext_lazy("Date of birth of the member"),
            help_text=gettext_lazy("Day, month, year, for example 27 3 1984."),
        ),
    }


class InsuranceForm(forms.Form):
    """One card, maybe a second, the day, and the few questions that only some answers need."""

    service_on = ThreeBoxDateField(
        label=gettext_lazy("When will the treatment be?"),
        help_text=gettext_lazy("A day you have in mind is enough. You book later."),
        required=True,
    )
    emergency = forms.BooleanField(required=False, label=gettext_lazy("It is an emergency"))
    accident = forms.BooleanField(
        required=False, label=gettext_lazy("It is because of an accident")
    )
    diagnosis_code = forms.CharField(
        required=False,
        max_length=CODE_LENGTH,
        label=gettext_lazy("Code of the illness"),
        help_text=gettext_lazy(
            "Only if your doctor wrote one down, for example E11.9. Leave it empty otherwise."
        ),
        widget=forms.TextInput(attrs={"dir": "ltr", "class": "w-8", "autocomplete": "off"}),
        error_messages={"max_length": gettext_lazy("Enter a code of 12 signs or fewer")},
    )
    condition_onset_on = ThreeBoxDateField(
        required=False,
        label=gettext_lazy("When did this illness begin?"),
        help_text=gettext_lazy("Only if you know. The year and about which month are enough."),
    )
    last_treated_on = ThreeBoxDateField(
        required=False,
        label=gettext_lazy("When was it last treated?"),
        help_text=gettext_lazy("The last visit, medicine or test because of it."),
    )
    rest = ("emergency", "accident", "diagnosis_code", "condition_onset_on", "last_treated_on")

    def __init__(self, *args, insurers, asks_day, **kwargs):
        super().__init__(*args, **kwargs)
        for prefix, required in (("", True), (SECOND, False)):
            for name, field in card_fields(required=required).items():
                self.fields[prefix + name] = field
            self.fields[f"{prefix}insurer"].queryset = insurers
        if not asks_day:
            del self.fields["service_on"]
        self.order_fields(["insurer", "number", "born"])

    def first_card(self):
        return [self[name] for name in ("insurer", "number", "born")]

    def second_card(self):
        return [self[SECOND + name] for name in ("insurer", "number", "born")]

    def more_questions(self):
        return [self[name] for name in self.rest]

    def opens_second(self):
        return any(bound.value() not in (None, "", [None] * 3) for bound in self._second_texts())

    def opens_more(self):
        return any(self[name].errors or self[name].value() for name in self.rest[:3])

    def _second_texts(self):
        return [self[f"{SECOND}insurer"], self[f"{SECOND}number"]]

    def clean_service_on(self):
        day = self.cleaned_data["service_on"]
        today = clock.today("Asia/Shanghai")
        if day and not today <= day <= today + LATEST:
            raise ValidationError(_("Enter a day from today until a year from now"))
        return day

    def clean(self):
        cleaned = super().clean()
        for prefix in ("", SECOND):
            self._clean_card(cleaned, prefix)
        started = [cleaned.get(SECOND + name) for name in ("insurer", "number", "born")]
        if any(started) and not all(started):
            for name in ("insurer", "number", "born"):
                if not cleaned.get(SECOND + name) and SECOND + name not in self.errors:
                    self.add_error(SECOND + name, _("Fill in all three boxes of the second card"))
        return cleaned

    def _clean_card(self, cleaned, prefix):
        number, born = cleaned.get(f"{prefix}number"), cleaned.get(f"{prefix}born")
        if number and not normal_number(number):
            self.add_error(f"{prefix}number", _("Enter the member number from your card"))
        if born and not dt.date(OLDEST_YEAR, 1, 1) <= born <= clock.now().date():
            self.add_error(f"{prefix}born", _("Enter a date of birth that is in the past"))

    def answers(self):
        """Return what was typed as plain text, to be sealed until the person has agreed."""
        kept = {}
        for name, value in self.cleaned_data.items():
            if isinstance(value, dt.date):
                kept[name] = value.isoformat()
            elif name.endswith("insurer"):
                kept[name] = value.slug if value else ""
            else:
                kept[name] = value
        return kept


DATES = ("service_on", "born", "second_born", "condition_onset_on", "last_treated_on")


def initial_of(answers):
    """Return the boxes' first values from the sealed answers."""
    return {
        name: dt.date.fromisoformat(value) if name in DATES and value else value
        for name, value in answers.items()
    }


def share_text(insurer):
    return _(
        "I agree that Medtour sends the member number, the date of birth, the treatment, its day "
        "and its price to %(insurer)s, and what I answered about an emergency or an illness, so "
        "that they can say whether they pay. I can withdraw this in My care. What was sent before "
        "stays with them."
    ) % {"insurer": insurer.name}


class AgreeForm(forms.Form):
    """Whose insurance it is, and one box for every insurer that was not agreed to before."""

    def __init__(self, *args, patients, insurers, live, **kwargs):
        super().__init__(*args, **kwargs)
        self.insurers = {f"share_{one.slug}": one for one in insurers if one.slug not in live}
        if len(patients) > 1:
            self.fields["who"] = forms.ChoiceField(
                label=gettext_lazy("Who is the treatment for?"),
                widget=forms.RadioSelect,
                choices=[(one.public_id, one.passport_name) for one in patients],
                error_messages={"required": gettext_lazy("Choose who the treatment is for")},
            )
        for name, insurer in self.insurers.items():
            self.fields[name] = forms.BooleanField(
                label=share_text(insurer),
                error_messages={
                    "required": gettext_lazy(
                        "Tick this box to go on: without your agreement we may not ask the insurer"
                    )
                },
            )

    def given(self):
        """Return the boxes that were ticked, with the words that stood beside them."""
        return tuple(
            GivenConsent(
                purpose=Purpose.INSURER_TRANSFER.value,
                recipient=insurer.slug,
                text=str(self.fields[name].label),
                language=translation.get_language(),
            )
            for name, insurer in self.insurers.items()
            if self.cleaned_data.get(name)
        )


def photo_text():
    return _(
        "I agree that Medtour keeps these photos, encrypted, and shows them to the hospital and to "
        "this insurer when they are needed for this payment."
    )


class CardPhotoForm(forms.Form):
    """Photos of the card's two sides; either alone is fine, neither is needed for an answer."""

    front = forms.FileField(
        required=False,
        label=gettext_lazy("Front of the card"),
        help_text=gettext_lazy("A photo as JPEG or PNG, or a PDF, at most 20 MB."),
    )
    back = forms.FileField(required=False, label=gettext_lazy("Back of the card"))

    def __init__(self, *args, has_agreed, **kwargs):
        super().__init__(*args, **kwargs)
        if not has_agreed:
            self.fields["consent_health"] = forms.BooleanField(
                label=photo_text(),
                error_messages={
                    "required": gettext_lazy("Tick this box so that we may keep the photos")
                },
            )

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not self.photos():
            self.add_error("front", _("Choose a photo of the front or the back"))
        return cleaned

    def photos(self):
        return {
            side: self.cleaned_data[side]
            for side in ("front", "back")
            if self.cleaned_data.get(side)
        }

    def given(self):
        if "consent_health" not in self.fields:
            return ()
        return (
            GivenConsent(
                purpose=Purpose.HEALTH_DATA.value,
                recipient="",
                text=str(self.fields["consent_health"].label),
                language=translation.get_language(),
            ),
        )
