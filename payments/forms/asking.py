"""What a patient asks the hospital for after paying: a fapiao, or everything back with proof."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from payments.models import FapiaoRequest, RefundCause
from payments.services.claims import LARGEST_PROOF

PROVED_CAUSES = (
    RefundCause.VISA_REFUSED,
    RefundCause.GUARANTEE_REFUSED,
    RefundCause.MEDICALLY_UNFIT,
)
CAUSE_WORDS = {
    RefundCause.VISA_REFUSED: _("My visa was refused"),
    RefundCause.GUARANTEE_REFUSED: _("My insurer refused to pay"),
    RefundCause.MEDICALLY_UNFIT: _("A doctor says I am not well enough"),
}
PROOF_HINT = _("The letter as a photo or a PDF, at most 5 MB. Only the hospital reads it.")


class FapiaoForm(forms.Form):
    title_kind = forms.ChoiceField(
        label=_("Who is it made out to?"),
        choices=FapiaoRequest.Title.choices,
        initial=FapiaoRequest.Title.PERSON,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who it is made out to")},
    )
    title = forms.CharField(
        label=_("Name on the fapiao"),
        max_length=150,
        help_text=_("A person’s name as in the passport, or the registered name of a company."),
        error_messages={
            "required": _("Enter the name for the fapiao"),
            "max_length": _("Enter a name of 150 letters or fewer"),
        },
    )
    tax_number = forms.CharField(
        label=_("Tax number"),
        required=False,
        max_length=40,
        help_text=_("A company in China needs it. A person does not."),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
        error_messages={"max_length": _("Enter a tax number of 40 signs or fewer")},
    )
    address = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("Write 300 letters or fewer")},
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("Hospitals often send the fapiao as a file."),
        error_messages={"invalid": _("Enter an e-mail address like name@example.com")},
    )

    def clean(self):
        cleaned = super().clean()
        is_company = cleaned.get("title_kind") == FapiaoRequest.Title.COMPANY
        if is_company and not cleaned.get("tax_number") and not self.has_error("tax_number"):
            self.add_error("tax_number", _("Enter the tax number of the company"))
        return cleaned


class ClaimForm(forms.Form):
    """A reason that brings everything back, what happened, and the letter that proves it."""

    cause = forms.ChoiceField(
        label=_("What happened?"),
        choices=[(cause.value, CAUSE_WORDS[cause]) for cause in PROVED_CAUSES],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happened")},
    )
    statement = forms.CharField(
        label=_("Anything the hospital should know?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("Write 2,000 letters or fewer")},
    )
    proof = forms.FileField(
        label=_("The letter that proves it"),
        help_text=PROOF_HINT,
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={
            "required": _("Choose the file with the letter"),
            "empty": _("The file is empty. Choose another one"),
        },
    )

    def clean_proof(self):
        proof = self.cleaned_data["proof"]
        if proof.size > LARGEST_PROOF:
            raise ValidationError(_("The file is too large. Choose one of at most 5 MB"))
        return proof
