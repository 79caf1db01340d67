from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from medtour.lib import clock


class CalendarFeed(models.Model):
    """The address under which an account's calendar program reads its appointments (BK-09).

    Only a hash of the address's secret is kept: it is shown once and cannot be shown again. A
    revoked one opens nothing, and stays as a line of what was once given out.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="calendar_feeds",
        verbose_name=_("account"),
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("made"), default=clock.now, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(revoked_at=None), name="bookings_feed_one_live"
            )
        ]

    def __str__(self):
        return f"{self.account_id} {self.created_at:%Y-%m-%d}"
