"""Which messages a person may read: their own, once there is a text."""

from django.db.models import QuerySet

from accounts.models import User
from messaging.models import Message


def messages_for(user: User) -> QuerySet[Message]:
    """Return the person's messages, newest first; secret ones (codes) keep no text to show."""
    return Message.objects.filter(recipient=user).exclude(body="").order_by("-not_before", "-pk")


def account_by_public_id(public_id: str) -> User | None:
    """Return the account that a signed address names, whoever holds the address."""
    return User.objects.filter(public_id=public_id, is_active=True).first()
