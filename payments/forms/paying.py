"""Before somebody pays: the currency with the amount they saw, and that they read the terms."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from payments.forms.amounts import AmountField

LABEL_LIMIT, NAME_LIMIT = 60, 100


class PayForm(forms.Form):
    """`charges` are the amounts that the page shows; a choice names its amount, so that nobody is
    charged another one than they saw. The cleaned currency is that amount.
    """

    currency = forms.CharField(
        max_length=24, error_messages={"required": _("Choose a currency to be charged")}
    )
    agreed = forms.BooleanField(
        label=_("I have read the terms and agree to them"),
        error_messages={"required": _("Read the terms and tick the box to go on")},
    )

    def __init__(self, data=None, *, charges, **kwargs):
        self.charges = {charge.value: charge for charge in charges}
        super().__init__(data, **kwargs)

    def clean_currency(self):
        value = self.cleaned_data["currency"]
        if value in self.charges:
            return self.charges[value].amount
        known = {charge.amount.currency for charge in self.charges.values()}
        if value.partition("-")[0] in known:
            raise ValidationError(
                _("The amount has changed since you opened this page. Please look at it again.")
            )
        raise ValidationError(_("Choose one of the currencies on this page"))


class PayShareForm(PayForm):
    name = forms.CharField(
        label=_("Your name"),
        required=False,
        max_length=NAME_LIMIT,
        help_text=_("For the receipt. The person who asked you sees it as well."),
        error_messages={"max_length": _("Enter a name of 100 letters or fewer")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        required=False,
        help_text=_("For the receipt only."),
        error_messages={"invalid": _("Enter an e-mail address like name@example.com")},
    )


class ShareForm(forms.Form):
    label = forms.CharField(
        label=_("Who pays this part?"),
        max_length=LABEL_LIMIT,
        help_text=_("A name that both of you know, such as “Aunt May”. Nothing about health."),
        error_messages={
            "required": _("Enter a name for the person who pays"),
            "max_length": _("Enter a name of 60 letters or fewer"),
        },
    )
    amount = AmountField()

    def __init__(self, data=None, *, most, **kwargs):
        super().__init__(data, **kwargs)
        self.most = most
        self.fields["amount"].currency = most.currency
        self.fields["amount"].label = _("How much, in %(currency)s?") % {"currency": most.currency}

    def clean_amount(self):
        return _within(self.cleaned_data["amount"], self.most)


class TopUpForm(forms.Form):
    """How much more to pay towards a quote; `most` is what the quote leaves."""

    amount = AmountField()

    def __init__(self, data=None, *, most, **kwargs):
        super().__init__(data, **kwargs)
        self.most = most
        self.fields["amount"].currency = most.currency
        self.fields["amount"].label = _("How much, in %(currency)s?") % {"currency": most.currency}

    def clean_amount(self):
        return _within(self.cleaned_data["amount"], self.most)


def _within(amount, most):
    if amount.minor <= 0:
        raise ValidationError(_("Enter an amount of more than nothing"))
    if amount.minor > most.minor:
        raise ValidationError(_("Enter an amount that is not more than what is left"))
    return amount
