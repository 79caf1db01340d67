"""The verbs of the outbox; other apps queue messages by these names."""

from messaging.services.outbox import Outgoing, insertion, mark_read, queue

__all__ = ["Outgoing", "insertion", "mark_read", "queue"]
