"""Notes about health and the two agreements a booking may need; no box is ticked beforehand."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models.consent import Purpose
from accounts.services.consents import GivenConsent

NOTES_LIMIT = 2000


def transfer_text(hospital):
    return _(
        "I agree that Medtour sends the patient’s name, date of birth, telephone number, language "
        "and my note to %(hospital)s in China, so that the hospital can prepare this visit. "
        "I can withdraw this in My care. What was sent before stays with the hospital."
    ) % {"hospital": hospital}


def health_text():
    return _(
        "I agree that Medtour keeps what I write about health, encrypted, only for this visit."
    )


class ConsentBoxes(forms.Form):
    """The agreements still missing for one person and one hospital, each with its exact words."""

    consent_health = forms.BooleanField(required=False)
    consent_transfer = forms.BooleanField(
        error_messages={
            "required": gettext_lazy(
                "Tick this box to go on: without your agreement we may not send your details to "
                "the hospital"
            )
        }
    )

    def __init__(self, *args, hospital, live=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.hospital = hospital
        self.fields["consent_transfer"].label = transfer_text(hospital)
        self.fields["consent_health"].label = health_text()
        for name, purpose, recipient in self._boxes():
            if (purpose, recipient) in live:
                del self.fields[name]

    def _boxes(self):
        return (
            ("consent_health", Purpose.HEALTH_DATA.value, ""),
            ("consent_transfer", Purpose.HOSPITAL_TRANSFER.value, self.hospital.slug),
        )

    def clean(self):
        cleaned = super().clean()
        asks = "consent_health" in self.fields
        if asks and cleaned.get("notes") and not cleaned.get("consent_health"):
            self.add_error(
                "consent_health",
                ValidationError(
                    _("Tick this box so that we may keep your note, or leave the note empty")
                ),
            )
        return cleaned

    def given(self):
        """Return the boxes that were ticked, with the words that stood beside them."""
        return tuple(
            GivenConsent(
                purpose=purpose,
                recipient=recipient,
                text=str(self.fields[name].label),
                language=translation.get_language(),
            )
            for name, purpose, recipient in self._boxes()
            if self.cleaned_data.get(name)
        )


class NotesForm(ConsentBoxes):
    """An optional note for the hospital, then the agreements."""

    notes = forms.CharField(
        label=gettext_lazy("Anything the hospital should know?"),
        required=False,
        max_length=NOTES_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "For example why you come, allergies, a metal implant, or help with walking. "
            "Only the hospital reads it."
        ),
        error_messages={"max_length": gettext_lazy("Write 2,000 letters or fewer")},
    )
    field_order = ["notes", "consent_health", "consent_transfer"]


class WhoForm(forms.Form):
    """Choose a saved person, or somebody new."""

    NEW = "new"

    who = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose who the appointment is for")},
    )

    def __init__(self, *args, patients, **kwargs):
        super().__init__(*args, **kwargs)
        saved = [
            (patient.public_id, f"{patient.passport_name} ({patient.get_relation_display()})")
            for patient in patients
        ]
        self.fields["who"].choices = [*saved, (self.NEW, gettext_lazy("Somebody else"))]
        self.fields["who"].label = gettext_lazy("Who is the appointment for?")
