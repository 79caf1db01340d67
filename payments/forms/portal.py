"""What an insurer's officer writes to answer a request: a yes, a question, a no."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms.three_box_date import ThreeBoxDateField
from payments.forms.amounts import AmountField

LONGEST = 4000
LONGEST_APPEAL = 3650


def words_field(label, *, required=True, help_text="", missing=""):
    """Return a box for plain words; both sides read them."""
    return forms.CharField(
        label=label,
        required=required,
        help_text=help_text,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        error_messages={
            "required": missing or _("Write what it is about"),
            "max_length": _("Write 4,000 letters or fewer"),
        },
    )


def reference_field():
    return forms.CharField(
        label=_("Your own reference"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "class": "w-20"}),
        error_messages={"max_length": _("Write 60 signs or fewer")},
    )


class OfficerForm(forms.Form):
    """An answer to the version of the request that the officer has read."""

    row_version = forms.IntegerField(widget=forms.HiddenInput)


class ApproveForm(OfficerForm):
    """How much is promised, on which days, and under which conditions."""

    valid_from = ThreeBoxDateField(label=_("Good from"), required=True)
    valid_until = ThreeBoxDateField(
        label=_("Good until"),
        required=True,
        help_text=_("Both days count. Every day of the treatment must lie between them."),
    )
    excluded_items = words_field(
        _("What is left out"),
        required=False,
        help_text=_("The patient reads this and pays for these things."),
    )
    conditions = words_field(_("Conditions"), required=False)
    insurer_reference = reference_field()
    is_open = forms.BooleanField(
        label=_("There is no upper limit"),
        required=False,
        help_text=_("Leave the amount empty then. You pay what your plan pays of the bill."),
    )
    field_order = ("row_version", "amount", "is_open", "valid_from", "valid_until")

    def __init__(self, *args, guarantee, **kwargs):
        super().__init__(*args, **kwargs)
        self.guarantee = guarantee
        self.fields["amount"] = AmountField(
            currency=guarantee.currency,
            label=_("Amount you promise, in %(currency)s") % {"currency": guarantee.currency},
            help_text=_("Enter less than was asked to approve a part."),
            required=False,
        )
        self.order_fields(self.field_order)

    def clean_amount(self):
        amount = self.cleaned_data["amount"]
        if amount is not None and not 0 < amount.minor <= self.guarantee.estimate_minor:
            raise ValidationError(
                _("Enter an amount above nothing and not above the hospital’s estimate")
            )
        return amount

    def clean(self):
        cleaned = super().clean()
        if "amount" in cleaned and (cleaned["amount"] is None) != cleaned["is_open"]:
            self.add_error(
                "amount", _("Enter the amount, or leave it empty and tick that there is no limit")
            )
        first, last = cleaned.get("valid_from"), cleaned.get("valid_until")
        if first and first > self.guarantee.service_from:
            self.add_error("valid_from", _("Enter the first day of the treatment or earlier"))
        if last and last < self.guarantee.service_until:
            self.add_error("valid_until", _("Enter the last day of the treatment or later"))
        return cleaned


class QuestionForm(OfficerForm):
    """One question to the hospital and the patient."""

    question = words_field(
        _("Your question"),
        help_text=_("The hospital and the patient read this. Your clock stops until they answer."),
        missing=_("Write your question"),
    )


class DeclineForm(OfficerForm):
    """Why the answer is no, and how long an appeal is taken."""

    code = forms.CharField(
        label=_("Reason code"),
        max_length=40,
        help_text=_("The code that your own papers use."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "class": "w-20"}),
        error_messages={
            "required": _("Enter the reason code"),
            "max_length": _("Enter a code of 40 signs or fewer"),
        },
    )
    reason = words_field(
        _("Reason in plain words"),
        help_text=_("The patient reads this, so please write it for somebody who is ill."),
        missing=_("Write the reason"),
    )
    appeal_days = forms.IntegerField(
        label=_("Days in which you take an appeal"),
        required=False,
        min_value=1,
        max_value=LONGEST_APPEAL,
        help_text=_("Counted from today. Leave it empty if you take none."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "w-4", "dir": "ltr"}),
        error_messages={
            "invalid": _("Enter a number of days"),
            "min_value": _("Enter one day or more"),
            "max_value": _("Enter 3,650 days or fewer"),
        },
    )
    insurer_reference = reference_field()
