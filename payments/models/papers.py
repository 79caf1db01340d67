from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from medtour.lib import clock
from medtour.lib.crypto import EncryptedTextField
from medtour.lib.ids import public_id
from payments.models.payment import Payment
from payments.models.refund import Refund


class Receipt(models.Model):
    """A numbered paper for money received or paid back; its facts are frozen when it is issued.

    The PDF is made from `facts` in any of our languages whenever it is asked for. A payment and a
    refund have one receipt each. Numbers have no gaps in a hospital's year. `payer` is what the
    patient calls whoever paid, or the name they gave; `facts` name nobody.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    number = models.CharField(_("number"), max_length=24, unique=True)
    payment = models.OneToOneField(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="receipt"
    )
    refund = models.OneToOneField(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="receipt"
    )
    facts = models.JSONField()
    payer = EncryptedTextField(_("paid by"), blank=True)
    issued_at = models.DateTimeField(_("issued"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(payment__isnull=False, refund=None)
                | models.Q(payment=None, refund__isnull=False),
                name="payments_receipt_for_one_thing",
            )
        ]

    def __str__(self):
        return self.number


class FapiaoRequest(models.Model):
    """A wish for the hospital's fapiao; the hospital issues it, we keep its number (PY-14)."""

    class Title(models.TextChoices):
        PERSON = "person", _("a person")
        COMPANY = "company", _("a company or organisation")

    class State(models.TextChoices):
        REQUESTED = "requested", _("Asked for")
        ISSUED = "issued", _("Issued by the hospital")
        REFUSED = "refused", _("Not possible")

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="fapiao_requests", verbose_name=_("payment")
    )
    title_kind = models.CharField(_("made out to"), max_length=10, choices=Title.choices)
    title = EncryptedTextField(_("name on the fapiao"))
    tax_number = EncryptedTextField(_("tax number"), blank=True)
    address = EncryptedTextField(_("address"), blank=True)
    email = EncryptedTextField(_("e-mail address"), blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.REQUESTED
    )
    number = models.CharField(_("fapiao number"), max_length=40, blank=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField(_("asked"), default=clock.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(_("recorded"), null=True, blank=True)

    class Meta:
        verbose_name = _("request for a fapiao")
        verbose_name_plural = _("requests for a fapiao")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["payment"],
                condition=models.Q(state__in=("requested", "issued")),
                name="payments_fapiao_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="issued") | ~models.Q(number=""),
                name="payments_fapiao_numbered",
            ),
        ]

    def __str__(self):
        return self.public_id
