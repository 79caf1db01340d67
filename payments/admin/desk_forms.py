"""What cashier and coordinator fill in about money."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from payments.admin.money_desk import CheckedForm
from payments.forms.amounts import AmountField
from payments.models import Place, RefundCause

# Causes that a frozen rule finds by itself are not for people to choose.
BY_PEOPLE = [
    (cause.value, cause.label)
    for cause in RefundCause
    if cause not in (RefundCause.PLACE_LOST, RefundCause.PAID_TWICE)
]


def amount_field(currency, label):
    return AmountField(
        currency=currency,
        label=_("%(label)s in %(currency)s") % {"label": label, "currency": currency},
        widget=UnfoldAdminTextInputWidget(),
    )


class ReceiptForm(CheckedForm):
    """A transfer as the bank statement has it."""

    received_on = forms.DateField(label=_("Day it arrived"), widget=UnfoldAdminSingleDateWidget)
    remitter = forms.CharField(
        label=_("Sender, as the bank names them"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
    )
    bank_reference = forms.CharField(
        label=_("The bank’s reference of the transfer"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "dir": "ltr"}),
        help_text=_("One transfer is recorded once: its reference tells it apart."),
    )
    field_order = ("amount", "received_on", "remitter", "bank_reference")

    def __init__(self, *args, currency, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["amount"] = amount_field(currency, _("Amount"))
        self.order_fields(self.field_order)


class RefundForm(CheckedForm):
    cause = forms.ChoiceField(label=_("Cause"), choices=BY_PEOPLE, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_(
            "Whoever approves it reads this, and the patient when the appointment is cancelled. "
            "Write no health details."
        ),
    )
    place = forms.ChoiceField(
        label=_("The appointment"),
        choices=Place.choices,
        required=False,
        widget=UnfoldAdminRadioSelectWidget,
        help_text=_(
            "A confirmed appointment stands on this money. Without a coordinator, "
            "somebody else must agree to either answer."
        ),
    )
    field_order = ("amount", "cause", "reason", "place")

    def __init__(self, *args, currency, asks_place, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["amount"] = amount_field(currency, _("Amount"))
        if not asks_place:
            del self.fields["place"]
        self.order_fields(self.field_order)


class BankReferenceForm(forms.Form):
    bank_reference = forms.CharField(
        label=_("The bank’s reference of the transfer"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "dir": "ltr"}),
    )


class FapiaoNumberForm(forms.Form):
    number = forms.CharField(
        label=_("Number on the fapiao"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "dir": "ltr"}),
    )


class OptionalReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("The patient reads this. Write no health details."),
    )


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("What was done"),
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Write no names and no health details."),
    )
