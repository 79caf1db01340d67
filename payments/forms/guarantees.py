"""What a patient writes to an insurer: the answer to its question, with a file."""

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models.consent import Purpose
from accounts.services.consents import GivenConsent
from accounts.uploads import LARGEST
from payments.models import DocumentKind

KINDS = (
    DocumentKind.MEDICAL_REPORT,
    DocumentKind.DISCHARGE_SUMMARY,
    DocumentKind.IDENTITY_COPY,
    DocumentKind.CARD_FRONT,
    DocumentKind.CARD_BACK,
    DocumentKind.TRANSLATION,
    DocumentKind.OTHER,
)
AGREE_HEALTH = _(
    "I agree that you keep this file about my health, encrypted, and pass it to the insurer that "
    "asked. I can take this back at any time."
)

AGREE_PAPERS = _(
    "I agree that my hospital keeps the documents about my health that this request needs, "
    "encrypted, and passes them to this insurer. I can take this back at any time."
)


class PapersForm(forms.Form):
    """The agreement without which the hospital cannot add the doctor's report to a request."""

    agree = forms.BooleanField(label=AGREE_PAPERS, error_messages={"required": _("Tick this box")})

    def given(self):
        return GivenConsent(
            Purpose.HEALTH_DATA.value, "", str(AGREE_PAPERS), get_language() or "en"
        )


class AnswerForm(forms.Form):
    """Words, a file if there is one, and the agreement to keep it where none was given before."""

    row_version = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.CharField(
        label=_("Your answer"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The insurer and the hospital read this."),
        error_messages={
            "required": _("Write your answer"),
            "max_length": _("Write 4,000 letters or fewer"),
        },
    )
    upload = forms.FileField(
        label=_("A file, if one is needed"),
        required=False,
        help_text=_(
            "A PDF, JPEG or PNG of at most 20 MB. Only this insurer and the hospital see it."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"empty": _("The file is empty. Choose another one")},
    )
    kind = forms.ChoiceField(
        label=_("What the file is"),
        required=False,
        choices=[("", "–"), *((kind.value, kind.label) for kind in KINDS)],
    )
    agree = forms.BooleanField(
        label=AGREE_HEALTH,
        required=False,
    )

    def __init__(self, *args, asks_agreement, **kwargs):
        super().__init__(*args, **kwargs)
        if not asks_agreement:
            del self.fields["agree"]

    def clean_upload(self):
        upload = self.cleaned_data["upload"]
        if upload and upload.size > LARGEST:
            raise forms.ValidationError(_("The file is too large. Choose one of at most 20 MB"))
        return upload

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("upload") and not cleaned.get("kind"):
            self.add_error("kind", _("Choose what the file is"))
        if cleaned.get("upload") and "agree" in self.fields and not cleaned.get("agree"):
            self.add_error("agree", _("Tick this box, or send your answer without a file"))
        return cleaned


class PayAloneForm(forms.Form):
    """Nothing to fill in: the page says what happens, the button does it."""
