"""The words that the outbox, the channels and a person's wishes share."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    EMAIL = "email", _("e-mail")
    WHATSAPP = "whatsapp", "WhatsApp"
    SMS = "sms", _("text message (SMS)")


PHONE_CHANNELS = (Channel.WHATSAPP, Channel.SMS)


class Category(models.TextChoices):
    """What a message is for; a person agrees to each on its own (MS-03)."""

    SERVICE = "service", _("Your bookings and payments")
    FOLLOW_UP = "follow_up", _("Questions after your treatment")
    MARKETING = "marketing", _("News from Medtour")


# Only these can be ended by one click in a mail (MS-06).
OPTIONAL_CATEGORIES = (Category.FOLLOW_UP, Category.MARKETING)


class Status(models.TextChoices):
    QUEUED = "queued", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("arrived")
    READ = "read", _("read")
    FAILED = "failed", _("failed, will be tried again")
    DEAD = "dead", _("given up")
    SUPPRESSED = "suppressed", _("not sent: no longer true")


DUE_STATUSES = (Status.QUEUED, Status.SENDING, Status.FAILED)
LEFT_STATUSES = (Status.SENT, Status.DELIVERED, Status.READ)


class AttemptState(models.TextChoices):
    SENDING = "sending", _("being sent")
    SENT = "sent", _("handed over")
    DELIVERED = "delivered", _("arrived")
    READ = "read", _("read")
    FAILED = "failed", _("failed")
    REFUSED = "refused", _("refused for good")
    UNKNOWN = "unknown", _("not known")


# How far a receipt has come; news of an earlier step changes nothing (MS-04).
PROGRESS = {
    AttemptState.SENDING: 0,
    AttemptState.UNKNOWN: 0,
    AttemptState.SENT: 1,
    AttemptState.DELIVERED: 2,
    AttemptState.READ: 3,
}


class Place(models.TextChoices):
    AUTOMATIC = "automatic", _("Work it out from my appointments")
    CHINA = "china", _("I am in mainland China")
    ABROAD = "abroad", _("I am not in mainland China")


class Intent(models.TextChoices):
    """What somebody who wrote to us wants."""

    WORDS = "words", _("a message to read")
    STOP = "stop", _("stop")
    START = "start", _("start again")
