"""The outbox and its receipts, how people want to be reached, changed wordings."""

from messaging.enums import DUE_STATUSES, Status
from messaging.models.machine import DevelopmentMail, Heartbeat
from messaging.models.outbox import DeliveryAttempt, DeliveryEvent, Message, StaffTask
from messaging.models.reach import (
    ChannelConsent,
    ContactPoint,
    InboundMessage,
    ReachPreference,
    Suppression,
)
from messaging.models.wording import WordingVersion

__all__ = [
    "DUE_STATUSES",
    "ChannelConsent",
    "ContactPoint",
    "DeliveryAttempt",
    "DeliveryEvent",
    "DevelopmentMail",
    "Heartbeat",
    "InboundMessage",
    "Message",
    "ReachPreference",
    "StaffTask",
    "Status",
    "Suppression",
    "WordingVersion",
]
