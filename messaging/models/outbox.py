"""The outbox: one row a message, written in the transaction of the business change it tells of."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from medtour.lib import clock
from medtour.lib.crypto import EncryptedJSONField, EncryptedTextField
from medtour.lib.ids import public_id
from messaging.enums import AttemptState, Channel, Status
from messaging.models.reach import ContactPoint


class Message(models.Model):
    """One logical notification to one person in one language and clock (RL-01, MS-05).

    `context` holds public ids and instants, never names or health data. The text is rendered at
    sending, from what is true then, and kept for the in-app copy.

    `channel` is the one it goes out by at present; the attempts below name each their own. Columns
    with a default of the database are left out of the statement that queues.
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
    channel = models.CharField(
        _("channel"), max_length=10, choices=Channel.choices, blank=True, default="", db_default=""
    )
    event_at = models.DateTimeField(null=True, blank=True)
    fell_back_at = models.DateTimeField(null=True, blank=True)
    wording_version = models.PositiveIntegerField(default=0, db_default=0)
    resent_after = models.PositiveSmallIntegerField(default=0, db_default=0)

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
            models.Index(
                fields=["event_at"],
                condition=models.Q(channel="whatsapp", status__in=("sent", "delivered")),
                name="messaging_message_unread",
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
    channel = models.CharField(
        max_length=10, choices=Channel.choices, blank=True, default="", db_default=""
    )
    state = models.CharField(
        max_length=10,
        choices=AttemptState.choices,
        default=AttemptState.SENDING,
        db_default=AttemptState.SENDING.value,
    )
    contact = models.ForeignKey(
        ContactPoint, null=True, blank=True, on_delete=models.PROTECT, db_index=False
    )
    provider_id = models.CharField(max_length=200, blank=True, default="", db_default="")
    provider_code = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="messaging_attempt_number"),
            models.UniqueConstraint(
                fields=["channel", "provider_id"],
                condition=~models.Q(provider_id=""),
                name="messaging_attempt_provider_id",
            ),
        ]

    def __str__(self):
        return f"{self.message_id} #{self.number}"


class DeliveryEvent(models.Model):
    """One thing a provider said about one attempt; the same news twice is one row (MS-04)."""

    attempt = models.ForeignKey(
        DeliveryAttempt,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="events",
        verbose_name=_("delivery attempt"),
    )
    channel = models.CharField(max_length=10, choices=Channel.choices)
    provider_id = models.CharField(max_length=200)
    state = models.CharField(max_length=20)
    code = models.CharField(max_length=40, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "provider_id", "state"], name="messaging_event_once"
            )
        ]

    def __str__(self):
        return f"{self.channel} {self.state}"


class StaffTask(models.Model):
    """Nothing reached the person: somebody has to call them (MS-05)."""

    message = models.OneToOneField(
        Message, on_delete=models.CASCADE, related_name="staff_task", verbose_name=_("message")
    )
    reason = models.CharField(_("reason"), max_length=120)
    opened_at = models.DateTimeField(_("since"), default=clock.now)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("done by"),
    )
    note = models.CharField(_("what was done"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("person to call")
        verbose_name_plural = _("people to call")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.message_id}"
