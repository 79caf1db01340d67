"""Where a fact comes from: no statement about a real hospital stands without this."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Confidence(models.TextChoices):
    HIGH = "high", _("Official page, press article or two agreeing sources")
    MEDIUM = "medium", _("One press, trade or project source")
    LOW = "low", _("Not confirmed")


class Sourced(models.Model):
    """A row that says its source, the date of the fact and how far it can be trusted.

    `as_of` keeps the precision of the source: a year, a month, a day or "undated page".
    """

    source = models.TextField(_("source"))
    as_of = models.CharField(_("date of the fact"), max_length=20)
    confidence = models.CharField(_("confidence"), max_length=10, choices=Confidence.choices)

    class Meta:
        abstract = True

    @property
    def is_low_confidence(self):
        return self.confidence == Confidence.LOW
