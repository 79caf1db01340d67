from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models import Insurer
from medtour.lib import clock
from medtour.lib.crypto import EncryptedTextField


class MachineClient(models.Model):
    """A program of one insurer; its secret and scopes live with the identity provider's client."""

    client_id = models.CharField(_("client"), max_length=100, unique=True)
    insurer = models.ForeignKey(
        Insurer, on_delete=models.PROTECT, related_name="machine_clients", verbose_name=_("insurer")
    )
    name = models.CharField(_("name"), max_length=120)
    allowed_addresses = ArrayField(
        models.GenericIPAddressField(),
        verbose_name=_("addresses it may call from"),
        default=list,
        blank=True,
        help_text=_("Put a comma between two addresses. Leave empty to allow every address."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("machine client")
        verbose_name_plural = _("machine clients")
        ordering = ["insurer", "name"]

    def __str__(self):
        return self.name


class InsurerSuspension(models.Model):
    """An insurer whose programs are let in no more, until the row is taken away."""

    insurer = models.OneToOneField(
        Insurer, on_delete=models.PROTECT, related_name="suspension", verbose_name=_("insurer")
    )
    reason = models.CharField(_("reason"), max_length=300)
    suspended_at = models.DateTimeField(_("suspended"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("suspended insurer")
        verbose_name_plural = _("suspended insurers")
        ordering = ["insurer"]

    def __str__(self):
        return str(self.insurer)


class IdempotentAnswer(models.Model):
    """The first answer to a request with an Idempotency-Key, given again when it is repeated."""

    client_id = models.CharField(max_length=100)
    key = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = EncryptedTextField(blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["client_id", "key"], name="payments_idempotency_key")
        ]
        indexes = [models.Index(fields=["created_at"], name="payments_idempotency_age")]

    def __str__(self):
        return self.key


class InsurerConnection(models.Model):
    """How to ask an insurer that answers itself; without one our own engine answers."""

    insurer = models.OneToOneField(
        Insurer, on_delete=models.PROTECT, related_name="connection", verbose_name=_("insurer")
    )
    base_url = models.URLField(_("address"))
    secret_name = models.CharField(
        _("setting that holds the secret"), max_length=80, help_text=_("never the secret itself")
    )
    is_active = models.BooleanField(_("active"), default=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    open_until = models.DateTimeField(_("not asked before"), null=True, blank=True)

    class Meta:
        verbose_name = _("connection to an insurer")
        verbose_name_plural = _("connections to insurers")

    def __str__(self):
        return self.base_url
