from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Patient
from bookings.transitions import OPEN_WAITING
from hospitals.models import Offer
from medtour.lib import clock, wording
from medtour.lib.ids import public_id


class WaitingStateChoice(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    OFFERED = "offered", _("A place is offered")
    ACCEPTED = "accepted", _("Place taken")
    EXPIRED = "expired", _("Ended")
    LEFT = "left", _("You left the list")


class WaitingEntry(models.Model):
    """A place in the line for an offer that is full; the line is served in order (BK-11)."""

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    offer = models.ForeignKey(
        Offer, on_delete=models.PROTECT, related_name="waiting_entries", verbose_name=_("offer")
    )
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="waiting_entries", verbose_name=_("patient")
    )
    booker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="waiting_entries",
        verbose_name=_("booked by"),
    )
    first_on = models.DateField(_("first possible day"))
    last_on = models.DateField(_("last possible day"))
    language = models.CharField(_("language to be spoken"), max_length=10)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=WaitingStateChoice.choices,
        default=WaitingStateChoice.WAITING,
    )
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("waiting-list entry")
        verbose_name_plural = _("waiting list")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "offer"],
                condition=Q(state__in=OPEN_WAITING),
                name="bookings_waiting_once",
            ),
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="bookings_waiting_order"
            ),
        ]
        indexes = [
            models.Index(
                fields=["offer", "id"],
                condition=Q(state="waiting"),
                name="bookings_waiting_line",
            )
        ]

    def __str__(self):
        return wording.written_days(self.first_on, self.last_on, get_language() or "en")
