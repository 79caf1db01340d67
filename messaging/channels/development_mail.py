"""A mail backend for laptops: mails become rows that /dev/mail/ shows, and nothing leaves."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from messaging.models import DevelopmentMail


class EmailBackend(BaseEmailBackend):
    """Keeps each Message-ID once; a rollback of the caller's transaction undoes the sending."""

    sends_in_transaction = True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        rows = [self._row(message) for message in email_messages]
        DevelopmentMail.objects.bulk_create(rows, ignore_conflicts=True)
        return len(rows)

    @staticmethod
    def _row(message: EmailMessage) -> DevelopmentMail:
        parsed = message.message()
        return DevelopmentMail(
            message_id=parsed["Message-ID"],
            to=", ".join(message.recipients())[:320],
            subject=message.subject[:300],
            source=parsed.as_bytes(linesep="\r\n"),
        )
