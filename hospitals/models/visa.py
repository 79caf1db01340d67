from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models.provenance import Sourced


class VisaRule(Sourced):
    """One entry route for one passport; a passport can have several (visa data, CC BY 4.0)."""

    nationality = models.CharField(max_length=2)
    rule = models.CharField(max_length=60)
    max_stay_days = models.PositiveSmallIntegerField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    regions = models.TextField(blank=True)
    entry_ports = models.TextField(blank=True)
    onward_ticket_required = models.CharField(max_length=20, blank=True)
    medical_purpose_listed = models.CharField(max_length=200, blank=True)
    conditions = models.TextField(blank=True)

    class Meta:
        verbose_name = _("visa rule")
        verbose_name_plural = _("visa rules")
        ordering = ["nationality", "rule"]
        constraints = [
            models.UniqueConstraint(fields=["nationality", "rule"], name="hospitals_visa_rule_once")
        ]

    def __str__(self):
        return f"{self.nationality} {self.rule}"


class VisaPort(Sourced):
    name = models.CharField(max_length=120, unique=True)
    name_chinese = models.CharField(max_length=120)
    province = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    city = models.CharField(max_length=60, blank=True)
    stay_areas = models.TextField(blank=True)
    since = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("transit port")
        verbose_name_plural = _("transit ports")
        ordering = ["name"]

    def __str__(self):
        return self.name


class VisaNote(Sourced):
    topic = models.SlugField(max_length=120, unique=True)
    summary = models.TextField()
    applies_to = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("visa note")
        verbose_name_plural = _("visa notes")
        ordering = ["topic"]

    def __str__(self):
        return self.topic
