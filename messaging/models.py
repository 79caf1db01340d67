"""The outbox: one row a message, written in the transaction of the business change it tells of."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from medtour.lib import clock
from medtour.lib.crypto import EncryptedJSONField, EncryptedTextField
from medtour.lib.ids import public_id


class Status(models.TextChoices):
    QUEUED = "queued", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed, will be tried again")
    DEAD = "dead", _("given up")
    SUPPRESSED = "suppressed", _("not sent: no longer true")


DUE_STATUSES = (Status.QUEUED, Status.SENDING, Status.FAILED)


class Message(models.Model):
    """One logical notification to one person in one language and clock (RL-01, MS-05).

    `context` holds public ids and instants, never names or health data. The text is rendered at
    sending, from what is true then, and kept for the in-app copy.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    kind = models.CharField(max_length=80)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
        verbose_name=_("recipient"),
    )
    address = models.EmailField(_("e-mail address"))
    locale = models.CharField(max_length=10)
    time_zone = models.CharField(max_length=64)
    dedupe_key = models.CharField(max_length=160)
    context = EncryptedJSONField(default=dict)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    status_reason = models.CharField(max_length=120, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(default=clock.now)
    next_attempt_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    subject = EncryptedTextField(blank=True)
    body = EncryptedTextField(blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["dedupe_key"], name="messaging_message_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=models.Q(status__in=("queued", "sending", "failed")),
                name="messaging_message_due",
            ),
            models.Index(fields=["recipient", "-id"], name="messaging_message_inbox"),
        ]

    def __str__(self):
        return f"{self.kind} {self.created_at:%Y-%m-%d %H:%M} UTC"


class DeliveryAttempt(models.Model):
    """One try to hand a message to its channel."""

    message = models.ForeignKey(
        Message,
        on_delete=models.CASCADE,
        related_name="delivery_attempts",
        verbose_name=_("message"),
    )
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="messaging_attempt_number")
        ]

    def __str__(self):
        return f"{self.message_id} #{self.number}"


class DevelopmentMail(models.Model):
    """A mail kept in the database instead of sent, so that a laptop can open it in the browser.

    The unique Message-ID makes handing the same mail over twice harmless.
    """

    message_id = models.CharField(max_length=200)
    to = models.CharField(max_length=320)
    subject = models.CharField(max_length=300)
    source = models.BinaryField()
    received_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["message_id"], name="messaging_development_mail_once")
        ]

    def __str__(self):
        return self.message_id


class Heartbeat(models.Model):
    """When a background process last proved that it works (RL-05)."""

    process = models.CharField(max_length=20, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self):
        return self.process
