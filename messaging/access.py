"""Which messages a person may read: their own, once there is a text."""

from django.db.models import QuerySet

from accounts.models import User
from messaging.models import Message


def messages_for(user: User) -> QuerySet[Message]:
    """Return the person's messages, newest first; secret ones (codes) keep no text to show."""
    return Message.objects.filter(recipient=user).exclude(body="").order_by("-not_before", "-pk")
