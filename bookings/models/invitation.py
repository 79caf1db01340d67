from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.models.appointment import Appointment
from bookings.models.case import Case
from medtour.lib import clock
from medtour.lib.crypto import EncryptedJSONField
from medtour.lib.ids import public_id, reference


class InvitationLetter(models.Model):
    """A hospital's letter for a visa, as it was issued; never changed, a newer one replaces it.

    `facts` are the passport's and the stay's (`bookings.services.invitations.InvitationFacts`),
    encrypted. The letter is good only while the appointment it names is confirmed at `starts_at`.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    number = models.CharField(_("number"), max_length=12, default=reference, editable=False)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("case")
    )
    appointment = models.ForeignKey(
        Appointment,
        on_delete=models.PROTECT,
        related_name="invitations",
        verbose_name=_("appointment"),
    )
    starts_at = models.DateTimeField(_("appointment at"))
    facts = EncryptedJSONField(_("what the letter says"))
    is_demonstration = models.BooleanField(default=False, editable=False)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("issued by"),
    )
    issued_at = models.DateTimeField(_("issued"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("invitation letter")
        verbose_name_plural = _("invitation letters")
        ordering = ["-pk"]

    def __str__(self):
        return self.number
