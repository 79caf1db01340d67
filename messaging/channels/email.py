"""E-mail: a plain-text part, a designed HTML part, and headers that machines understand."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused

import structlog
from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from medtour.lib.papers import PaperBroken
from messaging import kinds
from messaging.channels.protocol import AddressRefused, Parcel
from messaging.enums import OPTIONAL_CATEGORIES, Channel
from messaging.kinds import Attachment
from messaging.models import Message
from messaging.stop_links import stop_address

log = structlog.get_logger(__name__)
_connection: ContextVar[BaseEmailBackend | None] = ContextVar("mail_connection", default=None)


def sends_in_transaction() -> bool:
    """Tell whether handing a mail over is a row in our own database, undone by a rollback."""
    return getattr(get_connection(), "sends_in_transaction", False)


@contextmanager
def one_connection() -> Iterator[None]:
    """Let every mail sent within go over one connection to the mail server.

    It is opened by the first mail, and anew after one that failed in any way but a refused address.
    """
    connection = get_connection()
    kept = _connection.set(connection)
    try:
        yield
    finally:
        _connection.reset(kept)
        _closed(connection)


def _closed(connection: BaseEmailBackend) -> None:
    """Close a connection; one that is broken already closes just as well."""
    try:
        connection.close()
    except (OSError, SMTPException):
        log.info("mail_connection_was_gone")


class EmailSender:
    """Django's mail backend, whichever the site uses: SMTP, a provider by anymail, a table.

    The same message may go twice: both times under the same Message-ID (decision 004).
    """

    name = Channel.EMAIL.value
    repeats_safely = True

    def is_configured(self) -> bool:
        return True

    def languages(self) -> frozenset[str]:
        return frozenset(dict(settings.LANGUAGES))

    def send(self, parcel: Parcel) -> str:
        """Hand one mail over; raises `AddressRefused`, or what the mail backend raises."""
        mail, connection = _mail(parcel), _connection.get()
        try:
            if connection is not None:
                connection.open()
            mail.connection = connection
            mail.send()
        except (SMTPRecipientsRefused, AnymailRecipientsRefused) as error:
            raise AddressRefused from error
        except BaseException:
            if connection is not None:
                _closed(connection)
            raise
        status = getattr(mail, "anymail_status", None)
        return str(getattr(status, "message_id", None) or "")


def _mail(parcel: Parcel) -> EmailMultiAlternatives:
    message, rendered = parcel.message, parcel.rendered
    mail = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[parcel.to],
        headers={
            "Message-ID": message_id(message),
            # RFC 3834: no out-of-office answer to a machine.
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Content-Language": message.locale,
            **_one_click(message),
        },
    )
    # Anymail hands this back with each receipt; plain SMTP ignores it. An id, no personal data.
    mail.metadata = {"attempt": parcel.key}
    mail.attach_alternative(rendered.html, "text/html")
    for part in _parts(rendered.attachments):
        mail.attach(part)
    return mail


def _one_click(message: Message) -> dict[str, str]:
    """RFC 8058, on what a person can do without: never on news of bookings and money (MS-06)."""
    category = kinds.get(message.kind).category
    if category not in OPTIONAL_CATEGORIES or message.recipient is None:
        return {}
    return {
        "List-Unsubscribe": f"<{stop_address(message.recipient, category)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def may_name_the_address(error: Exception) -> bool:
    """Tell whether the text of an error comes from the mail server, which quotes addresses."""
    return isinstance(error, AddressRefused | SMTPException | AnymailError)


def message_id(message: Message) -> str:
    """Return the same id for every try of one sending, so that receivers can drop a repeat.

    What staff sends again is meant to arrive again: it has an id of its own.
    """
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    sending = f"{message.public_id}:{message.resent_after}" if message.resent_after else ""
    digest = hashlib.sha256((sending or message.public_id).encode()).hexdigest()[:32]
    return f"<{digest}@{domain}>"


def _parts(attachments: Sequence[Attachment]) -> Iterator[MIMEBase]:
    """Return the files; a paper that cannot be set never holds its message back."""
    for attachment in attachments:
        try:
            yield _part(attachment)
        except PaperBroken:
            log.exception("attachment_broken", file=attachment.filename)


def _part(attachment: Attachment) -> MIMEBase:
    content = attachment.made()
    main, _slash, sub = attachment.content_type.partition("/")
    part = MIMENonMultipart(main, sub)
    for name, value in attachment.parameters:
        part.set_param(name, value)
    part.set_payload(content)
    # Base64 keeps the CRLF and the 75-octet lines of a calendar exactly as they are.
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=attachment.filename)
    return part
