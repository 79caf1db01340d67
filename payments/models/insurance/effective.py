from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Func, Q, Value
from django.utils.translation import gettext_lazy as _

from medtour.lib import clock


class EffectiveQuerySet(models.QuerySet):
    def known(self):
        """The rows that nobody replaced since."""
        return self.filter(superseded_at=None)

    def in_force(self, day):
        """The known rows that apply on a calendar day; both ends are days in force (DP-09)."""
        return self.known().filter(
            Q(valid_until=None) | Q(valid_until__gte=day), valid_from__lte=day
        )


class EffectiveRow(models.Model):
    """A fact that applies from a day until a day and is never edited (DP-09).

    A correction is a new row and sets `superseded_at` on the old one, the only change that the
    trigger `payments_effective_row_is_final` lets through.
    """

    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"), default=clock.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    superseded_at = models.DateTimeField(_("replaced"), null=True, blank=True, editable=False)
    is_demonstration = models.BooleanField(_("demonstration"), default=False)

    objects = EffectiveQuerySet.as_manager()

    class Meta:
        abstract = True


def one_at_a_time(name, *fields):
    """Return the constraint that keeps known rows of the same `fields` from overlapping in time."""
    days = Func("valid_from", "valid_until", Value("[]"), function="daterange")
    return ExclusionConstraint(
        name=name,
        expressions=[
            *((field, RangeOperators.EQUAL) for field in fields),
            (days, RangeOperators.OVERLAPS),
        ],
        condition=Q(superseded_at=None),
    )


def in_order(name):
    """Return the constraint that the last day is not before the first."""
    return models.CheckConstraint(
        condition=Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")), name=name
    )
