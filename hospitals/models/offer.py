from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models.doctor import Doctor
from hospitals.models.hospital import Department, Hospital
from hospitals.models.money import CancellationPolicy
from hospitals.models.provenance import Sourced
from hospitals.models.treatment import BookingMode, Treatment
from medtour.lib import clock
from medtour.lib.ids import public_id
from medtour.lib.money import Money


class Tier(models.TextChoices):
    BASIC = "basic", _("Basic")
    INTERNATIONAL = "international", _("International")
    PACKAGE = "package", _("Package")


class Offer(models.Model):
    """What a hospital sells: one treatment with its timeline, what is in it and what is not."""

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    hospital = models.ForeignKey(
        Hospital, on_delete=models.PROTECT, related_name="offers", verbose_name=_("hospital")
    )
    treatment = models.ForeignKey(
        Treatment, on_delete=models.PROTECT, related_name="offers", verbose_name=_("treatment")
    )
    department = models.ForeignKey(
        Department,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="offers",
        verbose_name=_("department"),
    )
    doctors = models.ManyToManyField(
        Doctor, blank=True, related_name="offers", verbose_name=_("doctors")
    )
    title = models.CharField(
        _("title, when it differs from the treatment"), max_length=200, blank=True
    )
    booking_mode = models.CharField(_("way to book"), max_length=10, choices=BookingMode.choices)
    duration_minutes = models.PositiveSmallIntegerField(_("minutes"), default=30)
    inpatient_nights = models.PositiveSmallIntegerField(_("nights in hospital"), default=0)
    stay_days_min = models.PositiveSmallIntegerField(_("days in China, at least"), default=1)
    stay_days_max = models.PositiveSmallIntegerField(_("days in China, at most"), default=1)
    recovery_days = models.PositiveSmallIntegerField(_("days of recovery"), null=True, blank=True)
    follow_up_days = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("days of follow-up after it"),
        default=list,
        blank=True,
    )
    inclusions = models.TextField(_("what is included, one line each"), blank=True)
    exclusions = models.TextField(_("what is not included, one line each"), blank=True)
    preparation = models.TextField(_("how to prepare, one line each"), blank=True)
    evidence = models.TextField(_("evidence"), blank=True)
    evidence_source = models.TextField(_("source of the evidence"), blank=True)
    languages = ArrayField(
        models.CharField(max_length=10), verbose_name=_("languages"), default=list, blank=True
    )
    interpreter_available = models.BooleanField(_("interpreter can be booked"), default=False)
    asks_deposit_online = models.BooleanField(_("asks for a deposit online"), default=False)
    deposit_minor = models.BigIntegerField(_("fixed deposit in minor units"), null=True, blank=True)
    deposit_percent = models.PositiveSmallIntegerField(
        _("deposit as a percentage of the lowest price"), null=True, blank=True
    )
    cancellation_policy = models.ForeignKey(
        CancellationPolicy,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="offers",
        verbose_name=_("cancellation policy"),
    )
    cancellation_notice_hours = models.PositiveSmallIntegerField(
        _("free change or cancellation until this many hours before"), default=24
    )
    is_published = models.BooleanField(_("published"), default=False)
    is_demonstration = models.BooleanField(_("demonstration"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stay_days_max__gte=models.F("stay_days_min")),
                name="hospitals_offer_stay_order",
            ),
            models.CheckConstraint(
                condition=models.Q(duration_minutes__gt=0), name="hospitals_offer_lasts"
            ),
            models.CheckConstraint(
                condition=models.Q(asks_deposit_online=False)
                | models.Q(deposit_minor__gt=0, deposit_percent=None)
                | models.Q(deposit_minor=None, deposit_percent__gt=0, deposit_percent__lte=100),
                name="hospitals_offer_deposit_named",
            ),
        ]

    def __str__(self):
        return self.title or str(self.treatment)


class PriceLine(Sourced):
    """One price of an offer; it always names tier, source, date and who entered it (M6)."""

    offer = models.ForeignKey(
        Offer, on_delete=models.CASCADE, related_name="price_lines", verbose_name=_("offer")
    )
    label = models.CharField(_("for what"), max_length=200)
    tier = models.CharField(_("tier"), max_length=15, choices=Tier.choices)
    amount_minor = models.BigIntegerField(_("amount in minor units"))
    high_minor = models.BigIntegerField(_("upper end in minor units"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("entered by"),
    )
    entered_at = models.DateTimeField(default=clock.now, editable=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("price line")
        verbose_name_plural = _("price lines")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gte=0), name="hospitals_price_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(high_minor=None)
                | models.Q(high_minor__gte=models.F("amount_minor")),
                name="hospitals_price_order",
            ),
            models.CheckConstraint(condition=~models.Q(source=""), name="hospitals_price_sourced"),
        ]

    def __str__(self):
        return self.label

    @property
    def amount(self):
        return Money(self.amount_minor, self.currency)
