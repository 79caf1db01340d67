"""Offers and their prices: the hospital's own editors write them, with source and date."""

from decimal import Decimal

from django import forms
from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.decorators import display
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminRadioSelectWidget

from hospitals.admin.desk import EDITORS, DeskAdmin, DeskInline, OneHospitalForm
from hospitals.admin.tabs import EnglishRequired, language_tabs, text_fields
from hospitals.models import Offer, PriceLine
from hospitals.policies import WHOLE
from hospitals.services import search_index
from medtour.lib import clock
from medtour.lib.money import Money
from medtour.lib.wording import BEIJING_ZONE
from payments.selectors.payees import takes_deposits

# What hospitals ask for and what binds; other currencies are an estimate beside it.
CONTRACT_CURRENCY = "CNY"


def amount_field(label, *, required):
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=3,
        widget=UnfoldAdminDecimalFieldWidget(),
    )


class PriceLineForm(EnglishRequired, forms.ModelForm):
    """One price in whole currency units, as staff write it; stored in minor units."""

    english_required = ("label",)
    amount = amount_field(_("amount"), required=True)
    high = amount_field(_("upper end, for a range"), required=False)

    class Meta:
        model = PriceLine
        fields = [
            "tier",
            "currency",
            "valid_from",
            "valid_until",
            "source",
            "as_of",
            "confidence",
            "position",
            *text_fields("label"),
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        line = self.instance
        if line.pk:
            self.initial["amount"] = line.amount.major
            if line.high_minor is not None:
                self.initial["high"] = Money(line.high_minor, line.currency).major

    def clean_currency(self):
        currency = self.cleaned_data["currency"].upper()
        try:
            Money.from_major(1, currency)
        except ValueError as error:
            raise forms.ValidationError(_("Write the three letters of a currency.")) from error
        return currency

    def clean(self):
        cleaned = super().clean()
        amount, high = cleaned.get("amount"), cleaned.get("high")
        if amount is not None and high is not None and high < amount:
            self.add_error("high", _("The upper end is not below the amount."))
        first, last = cleaned.get("valid_from"), cleaned.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("The last day is not before the first."))
        if self.instance.offer.is_published:
            for name in ("valid_from", "valid_until"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("A published price says from when until when it holds."))
        return cleaned

    def _post_clean(self):
        cleaned = self.cleaned_data
        if cleaned.get("amount") is not None and cleaned.get("currency"):
            currency, high = cleaned["currency"], cleaned.get("high")
            self.instance.amount_minor = Money.from_major(cleaned["amount"], currency).minor
            self.instance.high_minor = (
                None if high is None else Money.from_major(high, currency).minor
            )
        super()._post_clean()


class PriceLineFormSet(PaginationInlineFormSet):
    """A published offer keeps at least one price that has not run out (M6)."""

    def clean(self):
        super().clean()
        kept = [
            form
            for form in self.forms
            if form.is_valid() and form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        if self.instance.is_published and not kept:
            raise forms.ValidationError(
                _("Before it is published, the offer needs at least one price with its source.")
            )
        days = [form.cleaned_data.get("valid_until") for form in kept]
        today = clock.today(BEIJING_ZONE)
        if self.instance.is_published and all(day is not None and day < today for day in days):
            raise forms.ValidationError(
                _("Every price of this offer has run out. Add one that is valid today or later.")
            )


class PriceLineInline(DeskInline, StackedInline):
    model = PriceLine
    form = PriceLineForm
    formset = PriceLineFormSet
    template = StackedInline.template
    writers = EDITORS
    readonly_fields = ["entered_by", "entered_at"]
    fieldsets = (
        (
            None,
            {
                "fields": [
                    ("tier", "currency"),
                    ("amount", "high"),
                    ("valid_from", "valid_until"),
                    "position",
                    "source",
                    ("as_of", "confidence"),
                    ("entered_by", "entered_at"),
                    *text_fields("label"),
                ]
            },
        ),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("entered_by")


class Deposit(models.TextChoices):
    NONE = "none", _("None: nothing is paid before")
    FIXED = "fixed", _("A fixed amount")
    PERCENT = "percent", _("A percentage of the lowest price")


class OfferForm(OneHospitalForm):
    """An offer with its deposit as staff think of it: none, an amount, or a percentage."""

    deposit_kind = forms.ChoiceField(
        label=_("deposit"),
        choices=Deposit.choices,
        required=False,
        widget=UnfoldAdminRadioSelectWidget,
    )
    deposit_amount = amount_field(_("fixed deposit in CNY"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer = self.instance
        self.initial.setdefault("deposit_kind", deposit_kind(offer))
        if offer.deposit_minor:
            amount = Money(offer.deposit_minor, CONTRACT_CURRENCY).major
            self.initial.setdefault("deposit_amount", amount)
        policies = self.fields.get("cancellation_policy")
        if policies is not None and offer.pk:
            policies.queryset = policies.queryset.filter(hospital_id=offer.hospital_id)

    def clean(self):
        cleaned = super().clean()
        kind = cleaned.get("deposit_kind") or deposit_kind(self.instance)
        self._check_payee(cleaned, kind)
        amount, percent = cleaned.get("deposit_amount"), cleaned.get("deposit_percent")
        if kind == Deposit.FIXED and not amount and "deposit_amount" not in self.errors:
            self.add_error("deposit_amount", _("Say how much the deposit is."))
        is_part = percent is not None and 0 < percent <= WHOLE
        if kind == Deposit.PERCENT and not is_part and "deposit_percent" not in self.errors:
            self.add_error("deposit_percent", _("Write a percentage from 1 to 100."))
        fixed = Money.from_major(amount, CONTRACT_CURRENCY).minor if amount else None
        self.instance.asks_deposit_online = kind in (Deposit.FIXED, Deposit.PERCENT)
        self.instance.deposit_minor = fixed if kind == Deposit.FIXED else None
        cleaned["deposit_percent"] = percent if kind == Deposit.PERCENT else None
        return cleaned

    def _check_payee(self, cleaned, kind):
        """Refuse to put a deposit on sale that nobody could pay (M23); what is on sale stays."""
        was = self.instance
        is_on_sale = was.pk and was.is_published and was.asks_deposit_online
        hospital = cleaned.get("hospital") or getattr(was, "hospital", None)
        is_put_on_sale = cleaned.get("is_published") and kind != Deposit.NONE and not is_on_sale
        if is_put_on_sale and hospital is not None and not takes_deposits(hospital):
            self.add_error(
                "is_published",
                _(
                    "This offer asks for a deposit, but the hospital has no verified account yet "
                    "to which it could be paid. Choose no deposit, or publish it when the "
                    "platform has verified the account of the payee on the hospital’s page."
                ),
            )


def deposit_kind(offer):
    """Return how an offer asks for its deposit."""
    if not offer.asks_deposit_online:
        return Deposit.NONE
    return Deposit.FIXED if offer.deposit_minor else Deposit.PERCENT


class PublishedFilter(admin.SimpleListFilter):
    title = _("published")
    parameter_name = "published"

    def lookups(self, request, model_admin):
        return [("yes", _("Published")), ("no", _("Not published"))]

    def queryset(self, request, queryset):
        if self.value() in ("yes", "no"):
            return queryset.filter(is_published=self.value() == "yes")
        return queryset


@admin.register(Offer)
class OfferAdmin(DeskAdmin):
    """What the hospital sells; saving refreshes what visitors find."""

    form = OfferForm
    writers = EDITORS
    list_display = ["shown_title", "hospital", "booking_mode", "is_published", "is_demonstration"]
    list_select_related = ["hospital", "treatment"]
    list_filter = [PublishedFilter, "booking_mode"]
    search_fields = ["treatment__name_en", "treatment__name_zh_hans", "title_en", "hospital__slug"]
    ordering = ["hospital_id", "pk"]
    autocomplete_fields = ["doctors"]
    readonly_fields = ["is_demonstration"]
    inlines = [PriceLineInline]
    fieldsets = (
        (
            None,
            {
                "fields": [
                    ("hospital", "department"),
                    ("treatment", "booking_mode"),
                    ("is_published", "is_demonstration"),
                    "doctors",
                    ("duration_minutes", "inpatient_nights"),
                    ("stay_days_min", "stay_days_max"),
                    ("recovery_days", "follow_up_days"),
                    ("languages", "interpreter_available"),
                    "deposit_kind",
                    ("deposit_amount", "deposit_percent"),
                    ("cancellation_policy", "cancellation_notice_hours"),
                    "evidence_source",
                ]
            },
        ),
        *language_tabs(Offer, "title", "inclusions", "exclusions", "preparation", "evidence"),
    )

    @display(description=_("offer"))
    def shown_title(self, offer):
        return str(offer)

    def save_model(self, request, obj, form, change):
        if change:
            obj.version += 1
        super().save_model(request, obj, form, change)

    def save_formset(self, request, form, formset, change):
        for line in formset.save(commit=False):
            if isinstance(line, PriceLine):
                line.entered_by = request.user
            line.save()
        for gone in formset.deleted_objects:
            gone.delete()
        formset.save_m2m()

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        search_index.index_offer(form.instance.pk)
