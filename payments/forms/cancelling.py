"""Cancelling what was paid for: why, and the sum that the page promised."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bookings.forms.choosing import CancelForm
from payments.forms.asking import CAUSE_WORDS, PROVED_CAUSES
from payments.models import RefundCause
from payments.selectors.refund_preview import Preview


def promise_of(preview: Preview) -> str:
    """Return the promised sums as one word, to be compared when the form comes back."""
    return " ".join(f"{money.currency}-{money.minor}" for money in preview.totals.values())


class CancelPaidForm(CancelForm):
    """`preview` is what comes back at this instant; less than was shown is never done silently."""

    cause = forms.ChoiceField(
        label=_("Why do you cancel?"),
        choices=[
            (RefundCause.PATIENT_CANCELLED.value, _("I changed my plans")),
            *((cause.value, CAUSE_WORDS[cause]) for cause in PROVED_CAUSES),
        ],
        widget=forms.RadioSelect,
        help_text=_(
            "For the last three you get everything back once the hospital has read your letter. "
            "We ask you for it on the next page."
        ),
        error_messages={"required": _("Choose why you cancel")},
    )
    promised = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ["version", "promised", "cause", "reason"]

    def __init__(self, *args, preview, **kwargs):
        super().__init__(*args, **kwargs)
        self.promise = promise_of(preview)
        self.initial |= {"promised": self.promise, "cause": RefundCause.PATIENT_CANCELLED.value}
        if not preview.rest:
            self.fields["cause"].help_text = ""
        self.fields["reason"].label = _("Anything the hospital should know?")

    def clean_promised(self):
        if self.cleaned_data["promised"] != self.promise:
            # The page shows the present sum again, so the next try carries it.
            self.data = self.data.copy()
            self.data[self.add_prefix("promised")] = self.promise
            raise ValidationError(
                _("What comes back has changed while you looked. Please look at it again.")
            )
        return self.promise
