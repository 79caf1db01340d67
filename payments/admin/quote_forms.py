"""What staff fill in for a quote or a final bill, in whole currency units as they write them."""

from decimal import Decimal

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from hospitals.admin.offers import amount_field
from hospitals.models import Offer
from hospitals.models.offer import Tier
from medtour.lib.money import Money
from payments.models import Inclusion, Quote, QuoteLine
from payments.services.bills import Billed
from payments.services.quote_drafts import QuoteTerms

EXTRA_LINES = 3


class FindCaseForm(forms.Form):
    case = forms.CharField(
        label=_("Reference of the case"),
        max_length=12,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("Ten letters and digits, on every page and message of the case."),
    )


class DrawUpForm(forms.Form):
    """Begin a quote from scratch or from an offer's prices."""

    offer = forms.ModelChoiceField(
        label=_("Price list"),
        queryset=Offer.objects.none(),
        required=False,
        empty_label=_("No price list: write every line by hand"),
        widget=UnfoldAdminSelectWidget,
        help_text=_("Its prices are copied. A later change of the price list changes no quote."),
    )
    tier = forms.ChoiceField(
        label=_("Tier"),
        choices=[("", _("The first tier of the list")), *Tier.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Prices of two tiers are two ways to be treated, so one is copied."),
    )

    def __init__(self, *args, offers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["offer"].queryset = offers


def minor_of(amount, currency):
    return None if amount is None else Money.from_major(amount, currency).minor


class TermsForm(forms.Form):
    """Everything a quote says beside its lines."""

    likely = amount_field(_("Most likely total of what is included"), required=False)
    complications = forms.CharField(
        label=_("What happens to the price if there are complications"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    valid_until = forms.DateField(
        label=_("Valid until, last day"), required=False, widget=UnfoldAdminSingleDateWidget
    )
    deposit = amount_field(_("Deposit"), required=False)
    insurer_share = amount_field(_("Insurer’s share, if it is known"), required=False)
    language = forms.ChoiceField(
        label=_("Language you write in"),
        choices=settings.LANGUAGES,
        widget=UnfoldAdminSelectWidget,
    )
    change_reason = forms.CharField(
        label=_("Why the quote changes"),
        max_length=300,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("The patient reads this. Write no health details."),
    )

    def __init__(self, *args, quote, **kwargs):
        self.quote = quote
        super().__init__(*args, initial=self._from(quote), **kwargs)
        if not quote.is_change_order:
            del self.fields["change_reason"]

    @staticmethod
    def _from(quote):
        share = quote.insurer_share_minor
        return {
            "likely": quote.likely.major,
            "complications": quote.complications,
            "valid_until": quote.valid_until,
            "deposit": quote.deposit.major,
            "insurer_share": None if share is None else Money(share, quote.currency).major,
            "language": quote.language,
            "change_reason": quote.change_reason,
        }

    def terms(self):
        cleaned, currency = self.cleaned_data, self.quote.currency
        return QuoteTerms(
            likely_minor=minor_of(cleaned["likely"], currency),
            complications=cleaned["complications"],
            valid_until=cleaned["valid_until"],
            deposit_minor=minor_of(cleaned["deposit"], currency) or 0,
            insurer_share_minor=minor_of(cleaned["insurer_share"], currency),
            change_reason=cleaned.get("change_reason", ""),
            language=cleaned["language"],
            currency=currency,
        )


class LineForm(forms.Form):
    """One line of a quote; an empty name leaves the line out."""

    key = forms.IntegerField(required=False, widget=forms.HiddenInput)
    label = forms.CharField(
        label=_("For what"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )
    tier = forms.ChoiceField(
        label=_("Tier"),
        choices=[("", _("Choose")), *Tier.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    inclusion = forms.ChoiceField(
        label=_("Included"), choices=Inclusion.choices, widget=UnfoldAdminSelectWidget
    )
    quantity = forms.DecimalField(
        label=_("Quantity"),
        min_value=Decimal("0.01"),
        max_digits=8,
        decimal_places=2,
        required=False,
        widget=UnfoldAdminDecimalFieldWidget(),
    )
    unit = forms.CharField(
        label=_("Unit"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget
    )
    price = amount_field(_("Unit price"), required=False)
    high = amount_field(_("Unit price, upper end"), required=False)

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("label"):
            return cleaned
        if cleaned.get("price") is None and "price" not in self.errors:
            self.add_error("price", _("Write the price of one unit."))
        low, high = cleaned.get("price"), cleaned.get("high")
        if low is not None and high is not None and high < low:
            self.add_error("high", _("The upper end is not below the amount."))
        return cleaned

    def line(self, currency):
        """Return the unsaved line; its key says which one it was before."""
        cleaned = self.cleaned_data
        return QuoteLine(
            pk=cleaned["key"],
            label=cleaned["label"],
            tier=cleaned["tier"],
            inclusion=cleaned["inclusion"],
            quantity=cleaned["quantity"] or Decimal(1),
            unit=cleaned["unit"],
            unit_price_minor=minor_of(cleaned["price"], currency),
            high_unit_price_minor=minor_of(cleaned["high"], currency),
        )


class LineFormSet(forms.BaseFormSet):
    def lines(self, currency):
        """Return the lines in their order, those without a name left out."""
        return [form.line(currency) for form in self.forms if form.cleaned_data.get("label")]


QuoteLines = forms.formset_factory(
    LineForm, formset=LineFormSet, extra=EXTRA_LINES, max_num=100, absolute_max=110
)


def line_initial(line: QuoteLine, quote: Quote):
    high = line.high_unit_price_minor
    return {
        "key": line.pk,
        "label": line.label,
        "tier": line.tier,
        "inclusion": line.inclusion,
        "quantity": line.quantity.normalize(),
        "unit": line.unit,
        "price": Money(line.unit_price_minor, quote.currency).major,
        "high": None if high is None else Money(high, quote.currency).major,
    }


class ReasonIfAboveForm(forms.Form):
    reason = forms.CharField(
        label=_("Why the bill differs from the quote"),
        max_length=300,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("Needed above 10 %. The patient reads this. Write no health details."),
    )


class BilledForm(forms.Form):
    """One line of the bill: a quoted line, or something else that was never agreed."""

    key = forms.IntegerField(required=False, widget=forms.HiddenInput)
    label = forms.CharField(
        label=_("For what"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )
    amount = amount_field(_("Billed"), required=False)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("amount") is not None and not cleaned.get("label"):
            self.add_error("label", _("Say what this amount is for."))
        return cleaned

    def billed(self, quoted, currency):
        cleaned = self.cleaned_data
        amount = Money.from_major(cleaned["amount"], currency).minor
        return Billed(cleaned["label"], amount, quoted.get(cleaned["key"]))


class BilledFormSet(forms.BaseFormSet):
    def billed(self, quote):
        """Return the lines with an amount, each with the quoted line it was put beside."""
        quoted = {line.pk: line for line in quote.lines.all()}
        filled = [form for form in self.forms if form.cleaned_data.get("amount") is not None]
        return [form.billed(quoted, quote.currency) for form in filled]


BilledLines = forms.formset_factory(
    BilledForm, formset=BilledFormSet, extra=EXTRA_LINES, max_num=100, absolute_max=110
)
