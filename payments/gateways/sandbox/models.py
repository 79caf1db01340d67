"""The sandbox's memory: what Stripe would know, what it would send, what is to go wrong."""

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from medtour.lib import clock

if not apps.is_installed("payments.gateways.sandbox"):
    raise ImproperlyConfigured("The payment sandbox is not installed.")


class StoredObject(models.Model):
    """One object as Stripe would show it; `owner_id` is the account, blank for the platform's.

    `about_id` is the object it belongs to: a charge's intent, a refund's charge, a balance
    transaction's source. `due_at` is when something that takes time ends by itself.
    """

    object_id = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40)
    owner_id = models.CharField(max_length=80, blank=True)
    about_id = models.CharField(max_length=120, blank=True, db_index=True)
    created_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(null=True)
    ends_well = models.BooleanField(default=True)
    label = models.CharField(max_length=250, blank=True)
    body = models.JSONField()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["kind", "owner_id", "-created_at"], name="sandbox_object_list"),
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="sandbox_due"
            ),
        ]

    def __str__(self) -> str:
        return self.object_id


class KeptAnswer(models.Model):
    """The first answer to a request with an idempotency key, given again word for word."""

    owner_id = models.CharField(max_length=80, blank=True)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "key"], name="sandbox_answer_once")
        ]

    def __str__(self) -> str:
        return self.key


class Fault(models.Model):
    """Something that is to go wrong with the next requests whose path contains `path`."""

    class Kind(models.TextChoices):
        DROPPED_BEFORE = "dropped_before", "the connection drops, nothing was done"
        DROPPED_AFTER = "dropped_after", "it was done, the connection drops before the answer"
        BUSY = "409", "another request with this key is going on"
        TOO_MANY = "429", "too many requests"
        BROKEN = "500", "an error at Stripe, forgotten at once"
        BROKEN_KEPT = "500_kept", "an error at Stripe, kept under the idempotency key"
        SLOW = "slow", "the answer takes a while"
        REFUND_WAITS = "refund_waits", "a refund stays pending"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    method = models.CharField(max_length=6, blank=True)
    path = models.CharField(max_length=120, blank=True)
    times = models.PositiveIntegerField(default=1)
    seconds = models.FloatField(default=0)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"


class Delivery(models.Model):
    """An event on its way to our webhook address: when, how often, and how far it got.

    `copies` 0 is an event that never arrives. `place` changes the order among those due together.
    """

    event = models.ForeignKey(StoredObject, on_delete=models.CASCADE, related_name="deliveries")
    deliver_after = models.DateTimeField(default=clock.now)
    place = models.IntegerField(default=0)
    copies = models.PositiveSmallIntegerField(default=1)
    delivered = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    last_status = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["place", "pk"]

    def __str__(self) -> str:
        return f"{self.event_id} {self.delivered}/{self.copies}"
