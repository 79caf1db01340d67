"""How a person wants to be reached: a number, what they agreed to, what must not be used."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from medtour.lib import clock
from medtour.lib.crypto import EncryptedTextField
from medtour.lib.ids import public_id
from messaging.enums import Category, Channel, Intent, Place


class ReachPreference(models.Model):
    """What a person chose on "How we reach you"; without a row everything goes by e-mail."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="reach"
    )
    preferred = models.CharField(
        _("how we reach you first"), max_length=10, choices=Channel.choices, blank=True
    )
    place = models.CharField(
        _("where you are"), max_length=10, choices=Place.choices, default=Place.AUTOMATIC
    )
    second_language = models.CharField(
        _("second language"), max_length=10, choices=settings.LANGUAGES, blank=True
    )

    class Meta:
        verbose_name = _("how to reach a person")
        verbose_name_plural = _("how to reach people")

    def __str__(self):
        return f"{self.user_id}"


class ContactPoint(models.Model):
    """A person's phone number in E.164, used only once its code was typed back (MS-03).

    `fingerprint` finds the row of a number that writes to us; the number itself stays encrypted.
    `whatsapp_user` is the same of the id by which WhatsApp names a person who hides their number.
    `last_inbound_at` opens WhatsApp's window of 24 hours (MS-01).
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contact_points"
    )
    number = EncryptedTextField()
    fingerprint = models.CharField(max_length=64, db_index=True)
    whatsapp_user = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False, db_index=True
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    code_channel = models.CharField(max_length=10, choices=Channel.choices)
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True, blank=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    last_inbound_at = models.DateTimeField(null=True, blank=True)
    whatsapp_refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("phone number")
        verbose_name_plural = _("phone numbers")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(removed_at=None),
                name="messaging_contact_one_live",
            )
        ]

    def __str__(self):
        return f"…{self.number[-3:]}"


class ChannelConsent(models.Model):
    """One ticked box: category, channel, the text shown, its language, when and where (MS-03).

    A row without `given_at` notes that a person ended what goes without asking (follow-up by
    e-mail). Withdrawing sets `withdrawn_at`; nothing else ever changes.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="channel_consents"
    )
    category = models.CharField(max_length=10, choices=Category.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    source = models.CharField(max_length=40)
    given_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("agreement to a channel")
        verbose_name_plural = _("agreements to channels")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "category", "channel"],
                condition=models.Q(withdrawn_at=None),
                name="messaging_consent_one_live",
            ),
            models.CheckConstraint(
                condition=models.Q(given_at__isnull=False) | models.Q(withdrawn_at__isnull=False),
                name="messaging_consent_given_or_ended",
            ),
        ]

    def __str__(self):
        return f"{self.category} {self.channel}"


class Suppression(models.Model):
    """An address not to be used for a category: it bounced, or its owner complained (MS-07)."""

    class Reason(models.TextChoices):
        BOUNCE = "bounce", _("the address does not exist")
        COMPLAINT = "complaint", _("marked as unwanted")
        STAFF = "staff", _("stopped by staff")

    channel = models.CharField(max_length=10, choices=Channel.choices)
    fingerprint = models.CharField(max_length=64)
    category = models.CharField(max_length=10, choices=Category.choices)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    created_at = models.DateTimeField(default=clock.now)
    lifted_at = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("account"),
    )

    class Meta:
        verbose_name = _("address not used")
        verbose_name_plural = _("addresses not used")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint", "channel", "category"],
                condition=models.Q(lifted_at=None),
                name="messaging_suppression_one_live",
            )
        ]

    def __str__(self):
        return f"{self.channel} {self.category} {self.reason}"


class InboundMessage(models.Model):
    """What somebody wrote to our number, for staff to read; encrypted like everything they say."""

    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    provider_id = models.CharField(max_length=200)
    contact = models.ForeignKey(
        ContactPoint,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="inbound",
        verbose_name=_("phone number"),
    )
    number = EncryptedTextField()
    body = EncryptedTextField(blank=True)
    intent = models.CharField(_("wish"), max_length=10, choices=Intent.choices)
    received_at = models.DateTimeField(_("received"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("done by"),
    )

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "provider_id"], name="messaging_inbound_once"
            )
        ]

    def __str__(self):
        return f"{self.channel} {self.received_at:%Y-%m-%d %H:%M} UTC"
