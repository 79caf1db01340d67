from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models.provenance import Sourced


class BookingMode(models.TextChoices):
    INSTANT = "instant", _("Book a time at once")
    WINDOW = "window", _("Ask for dates")
    CASE = "case", _("Open a case")


class Specialty(Sourced):
    """A medical specialty with its SNOMED CT code (FHIR c80-practice-codes) when it has one."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    synonyms = models.TextField(_("other words, for search"), blank=True)
    snomed_ct_code = models.CharField(max_length=20, blank=True)
    snomed_display = models.CharField(max_length=120, blank=True)
    map_quality = models.CharField(max_length=20, blank=True)
    group = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("specialty")
        verbose_name_plural = _("specialties")
        ordering = ["code"]

    def __str__(self):
        return self.name


class Treatment(models.Model):
    """Something a patient can come for; timing and price evidence each carry their own source."""

    slug = models.SlugField(max_length=80, unique=True)
    specialty = models.ForeignKey(
        Specialty, on_delete=models.PROTECT, related_name="treatments", verbose_name=_("specialty")
    )
    booking_mode = models.CharField(max_length=10, choices=BookingMode.choices)
    name = models.CharField(_("name"), max_length=160)
    summary = models.TextField(_("what it is"), blank=True)
    what_happens = models.TextField(_("what usually happens"), blank=True)
    text_review = models.CharField(max_length=20, default="draft")
    synonyms = models.TextField(_("other words, for search"), blank=True)
    stay_days_min = models.PositiveSmallIntegerField(null=True, blank=True)
    stay_days_max = models.PositiveSmallIntegerField(null=True, blank=True)
    inpatient_nights = models.PositiveSmallIntegerField(null=True, blank=True)
    follow_up_days = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    remote_consultation = models.CharField(max_length=40, blank=True)
    flags = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    timing_source = models.TextField(blank=True)
    timing_confidence = models.CharField(max_length=10, blank=True)
    as_of = models.CharField(max_length=20)

    class Meta:
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")
        ordering = ["slug"]

    def __str__(self):
        return self.name


class PriceEvidence(Sourced):
    """What somebody reported or published about a treatment's price in China; not a quote."""

    treatment = models.OneToOneField(
        Treatment,
        on_delete=models.CASCADE,
        related_name="price_evidence",
        verbose_name=_("treatment"),
    )
    low_minor = models.BigIntegerField()
    high_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="CNY")
    basis = models.CharField(max_length=80)
    note = models.TextField(blank=True)

    class Meta:
        verbose_name = _("reported price")
        verbose_name_plural = _("reported prices")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(low_minor__gte=0, high_minor__gte=models.F("low_minor")),
                name="hospitals_price_evidence_order",
            )
        ]

    def __str__(self):
        return f"{self.treatment_id} {self.currency} {self.low_minor}"


class PriceBenchmark(Sourced):
    """What the same treatment is reported to cost in a patient's home country."""

    treatment = models.ForeignKey(
        Treatment,
        on_delete=models.CASCADE,
        related_name="price_benchmarks",
        verbose_name=_("treatment"),
    )
    country = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(null=True, blank=True)
    low_minor = models.BigIntegerField(null=True, blank=True)
    high_minor = models.BigIntegerField(null=True, blank=True)
    basis = models.CharField(max_length=160)

    class Meta:
        verbose_name = _("price abroad")
        verbose_name_plural = _("prices abroad")
        ordering = ["country", "pk"]

    def __str__(self):
        return f"{self.treatment_id} {self.country}"
