import datetime as dt

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.models import Case
from hospitals.models import Offer, PriceLine
from hospitals.models.offer import Tier
from hospitals.models.provenance import Confidence
from medtour.lib import clock
from medtour.lib.crypto import EncryptedTextField
from medtour.lib.ids import public_id
from medtour.lib.money import Money


class Quote(models.Model):
    """One version of a written estimate for a case (QM-03); it binds once the patient accepts it.

    A version with `replaces` that was accepted before is a change order (M5): until it is accepted
    the older one stays in force. Sums are kept with the version: `low_minor` and `high_minor` are
    the range, `likely_minor` the most likely total of what is included. `language` is the one that
    the hospital wrote its own words in.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Waiting for the patient")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        SUPERSEDED = "superseded", _("Replaced by a newer version")
        EXPIRED = "expired", _("Expired")

    # A version that was never accepted can be superseded too; it has no answer.
    ONCE_ACCEPTED = (State.ACCEPTED, State.SUPERSEDED)

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="quotes", verbose_name=_("case")
    )
    offer = models.ForeignKey(
        Offer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="quotes",
        verbose_name=_("offer"),
    )
    version = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.DRAFT)
    replaces = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replaced_by",
        verbose_name=_("replaces"),
    )
    change_reason = models.CharField(_("why it changes"), max_length=300, blank=True)
    language = models.CharField(_("written in"), max_length=10, default="en")
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    low_minor = models.BigIntegerField(_("at least, in minor units"), default=0)
    likely_minor = models.BigIntegerField(_("most likely, in minor units"), default=0)
    high_minor = models.BigIntegerField(_("at most, in minor units"), default=0)
    complications = models.TextField(_("what happens if there are complications"), blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    deposit_minor = models.BigIntegerField(_("deposit in minor units"), default=0)
    ladder = models.JSONField(default=list)
    insurer_share_minor = models.BigIntegerField(
        _("insurer's share in minor units"), null=True, blank=True
    )
    drawn_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("drawn up by"),
    )
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)
    issued_at = models.DateTimeField(_("issued"), null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("issued by"),
    )
    read_at = models.DateTimeField(_("first read"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answer_language = models.CharField(max_length=10, blank=True)
    decline_reason = EncryptedTextField(_("why the patient declined"), blank=True)

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        ordering = ["case", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="payments_quote_version"),
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state="draft"),
                name="payments_quote_one_draft",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state="issued"),
                name="payments_quote_one_issued",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state="accepted"),
                name="payments_quote_one_accepted",
            ),
            models.CheckConstraint(
                condition=models.Q(low_minor__gte=0)
                & models.Q(low_minor__lte=models.F("likely_minor"))
                & models.Q(likely_minor__lte=models.F("high_minor")),
                name="payments_quote_range",
            ),
            models.CheckConstraint(
                condition=models.Q(deposit_minor__gte=0, deposit_minor__lte=models.F("high_minor")),
                name="payments_quote_deposit",
            ),
            models.CheckConstraint(
                condition=models.Q(insurer_share_minor=None)
                | models.Q(
                    insurer_share_minor__gte=0,
                    insurer_share_minor__lte=models.F("likely_minor"),
                ),
                name="payments_quote_insurer_part",
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft")
                | models.Q(state="superseded")
                | models.Q(issued_at__isnull=False, valid_until__isnull=False)
                & ~models.Q(complications=""),
                name="payments_quote_complete",
            ),
        ]

    def __str__(self):
        return f"{self.case} · {self.version}"

    @property
    def is_change_order(self):
        """Whether it follows a version that the patient had accepted (M5)."""
        before = self.replaces
        return (
            before is not None and before.state in self.ONCE_ACCEPTED and bool(before.answered_at)
        )

    @property
    def bill(self):
        """The final bill measured against it, or None."""
        return getattr(self, "final_bill", None)

    @property
    def ends_at(self):
        """The instant its last day is over at the hospital; None while no day is set."""
        if self.valid_until is None:
            return None
        return clock.day_bounds(self.valid_until, self.case.hospital.time_zone)[1]

    @property
    def last_minute(self):
        """The last minute it can be accepted, as a clock shows it."""
        return self.ends_at - dt.timedelta(minutes=1) if self.valid_until else None

    @property
    def low(self):
        return Money(self.low_minor, self.currency)

    @property
    def likely(self):
        return Money(self.likely_minor, self.currency)

    @property
    def high(self):
        return Money(self.high_minor, self.currency)

    @property
    def deposit(self):
        return Money(self.deposit_minor, self.currency)


class Inclusion(models.TextChoices):
    INCLUDED = "included", _("Included")
    OPTIONAL = "optional", _("Optional")
    EXCLUDED = "excluded", _("Not included")


class QuoteLine(models.Model):
    """One line of a quote; an issued version's lines never change (trigger).

    A line from the price list carries copies of its source, its date and its translated names
    (`label_words`, by language code); nothing here follows a later change of the list.
    """

    quote = models.ForeignKey(
        Quote, on_delete=models.PROTECT, related_name="lines", verbose_name=_("quote")
    )
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(_("for what"), max_length=200)
    label_words = models.JSONField(default=dict, blank=True, editable=False)
    tier = models.CharField(_("tier"), max_length=15, choices=Tier.choices)
    quantity = models.DecimalField(_("quantity"), max_digits=8, decimal_places=2, default=1)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    unit_price_minor = models.BigIntegerField(_("unit price in minor units"))
    high_unit_price_minor = models.BigIntegerField(
        _("unit price at most, in minor units"), null=True, blank=True
    )
    inclusion = models.CharField(_("included"), max_length=10, choices=Inclusion.choices)
    price_line = models.ForeignKey(
        PriceLine,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("from the price list"),
    )
    source = models.TextField(_("source"), blank=True)
    as_of = models.CharField(_("date of the price"), max_length=20, blank=True)
    confidence = models.CharField(
        _("confidence"), max_length=10, choices=Confidence.choices, blank=True
    )

    class Meta:
        verbose_name = _("quote line")
        verbose_name_plural = _("quote lines")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(unit_price_minor__gte=0, quantity__gt=0),
                name="payments_quote_line_positive",
            ),
        ]

    def __str__(self):
        return self.label


class FinalBill(models.Model):
    """What the hospital billed in the end, against the quote in force (M4, QM-03); never changed.

    `total_minor` is all that the hospital wrote down; the patient owes `agreed_minor`, the part
    that the accepted quote covers (M5).
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    quote = models.OneToOneField(
        Quote, on_delete=models.PROTECT, related_name="final_bill", verbose_name=_("quote")
    )
    total_minor = models.BigIntegerField(_("total in minor units"))
    agreed_minor = models.BigIntegerField(_("agreed, in minor units"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    variance_reason = models.CharField(_("why it differs"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    recorded_at = models.DateTimeField(_("recorded"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("final bill")
        verbose_name_plural = _("final bills")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(agreed_minor__gte=0, agreed_minor__lte=models.F("total_minor")),
                name="payments_bill_not_negative",
            )
        ]

    def __str__(self):
        return self.public_id

    @property
    def total(self):
        return Money(self.total_minor, self.currency)

    @property
    def agreed(self):
        return Money(self.agreed_minor, self.currency)


class BillLine(models.Model):
    """One billed line; `agreed_minor` of it was accepted with the quote, and the page says so (M5).

    A line without `quote_line` was never agreed; one above its quoted line's end only in part.
    """

    bill = models.ForeignKey(
        FinalBill, on_delete=models.CASCADE, related_name="lines", verbose_name=_("final bill")
    )
    quote_line = models.ForeignKey(
        QuoteLine,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("quote line"),
    )
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(_("for what"), max_length=200)
    amount_minor = models.BigIntegerField(_("amount in minor units"))
    agreed_minor = models.BigIntegerField(_("agreed, in minor units"), default=0)

    class Meta:
        verbose_name = _("billed line")
        verbose_name_plural = _("billed lines")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(agreed_minor__gte=0, agreed_minor__lte=models.F("amount_minor")),
                name="payments_bill_line_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(quote_line__isnull=False) | models.Q(agreed_minor=0),
                name="payments_bill_line_agreed",
            ),
        ]

    def __str__(self):
        return self.label
