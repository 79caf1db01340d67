from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models.hospital import Hospital
from hospitals.policies import Ladder, LadderBroken
from medtour.lib import clock


def validate_bands(bands):
    """Refuse bands that are not a ladder."""
    try:
        Ladder.from_pairs(bands)
    except LadderBroken as error:
        raise ValidationError(
            _("The steps must fall: fewer hours before the start, a smaller refund.")
        ) from error


class CancellationPolicy(models.Model):
    """A version of a hospital's cancellation ladder: [[hours before, refund percent], …] (BK-10).

    A version never changes; a new ladder is a new version, and what was agreed stays agreed.
    """

    hospital = models.ForeignKey(
        Hospital,
        on_delete=models.PROTECT,
        related_name="cancellation_policies",
        verbose_name=_("hospital"),
    )
    name = models.CharField(_("name for staff"), max_length=80)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    bands = models.JSONField(_("steps"), validators=[validate_bands])
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("entered by"),
    )
    entered_at = models.DateTimeField(_("entered"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("cancellation policy")
        verbose_name_plural = _("cancellation policies")
        ordering = ["hospital", "name", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["hospital", "name", "version"], name="hospitals_cancellation_version"
            )
        ]

    def __str__(self):
        return f"{self.name} · {self.version}"

    @property
    def ladder(self):
        return Ladder.from_pairs(self.bands)


class ExchangeRate(models.Model):
    """One reference rate: units of `currency` for one euro, with its day and source (PY-12)."""

    day = models.DateField(_("day"))
    currency = models.CharField(_("currency"), max_length=3)
    per_euro = models.DecimalField(_("for one euro"), max_digits=20, decimal_places=8)
    source = models.CharField(_("source"), max_length=80)
    fetched_at = models.DateTimeField(_("fetched"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["-day", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["day", "currency"], name="hospitals_rate_once"),
            models.CheckConstraint(
                condition=models.Q(per_euro__gt=0), name="hospitals_rate_positive"
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.currency}"
