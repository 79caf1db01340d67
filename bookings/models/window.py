from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bookings.models.case import Case
from hospitals.models import Doctor, Offer
from medtour.lib import clock, wording
from medtour.lib.crypto import EncryptedTextField
from medtour.lib.ids import public_id


class PartOfDay(models.TextChoices):
    ANY = "any", _("Any time")
    MORNING = "morning", _("Morning")
    AFTERNOON = "afternoon", _("Afternoon")


class RequestStateChoice(models.TextChoices):
    REQUESTED = "requested", _("Waiting for the hospital")
    OFFERED = "offered", _("The hospital offers times")
    ACCEPTED = "accepted", _("Time accepted")
    DECLINED = "declined", _("Declined by the hospital")
    EXPIRED = "expired", _("Closed without an answer")
    WITHDRAWN = "withdrawn", _("Withdrawn by you")


class WindowRequest(models.Model):
    """A patient asks for dates; the hospital offers times before a deadline; one is accepted.

    The request itself claims nothing; each time the hospital offers is an appointment in state
    `offered`, which does.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, related_name="window_request", verbose_name=_("case")
    )
    offer = models.ForeignKey(
        Offer, on_delete=models.PROTECT, related_name="window_requests", verbose_name=_("offer")
    )
    booker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="window_requests",
        verbose_name=_("booked by"),
    )
    doctor = models.ForeignKey(
        Doctor,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="window_requests",
        verbose_name=_("doctor"),
    )
    first_on = models.DateField(_("first possible day"))
    last_on = models.DateField(_("last possible day"))
    part_of_day = models.CharField(
        _("part of the day"), max_length=10, choices=PartOfDay.choices, default=PartOfDay.ANY
    )
    language = models.CharField(_("language to be spoken"), max_length=10)
    interpreter_wanted = models.BooleanField(_("interpreter wanted"), default=False)
    notes = EncryptedTextField(_("notes for the hospital"), blank=True)
    state = models.CharField(
        _("state"),
        max_length=20,
        choices=RequestStateChoice.choices,
        default=RequestStateChoice.REQUESTED,
    )
    answer_by = models.DateTimeField(_("the hospital answers by"))
    version = models.PositiveIntegerField(default=1, editable=False)
    idempotency_key = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("request for dates")
        verbose_name_plural = _("requests for dates")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="bookings_request_order"
            )
        ]

    def __str__(self):
        return wording.written_days(self.first_on, self.last_on, get_language() or "en")
