"""E-mail: a plain-text part, a designed HTML part, and headers that machines understand."""

import hashlib
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from messaging.kinds import Attachment
from messaging.models import Message
from messaging.rendering import Rendered


class AddressRefused(Exception):
    """The mail server does not know the address; trying again would not help."""


def sends_in_transaction() -> bool:
    """Tell whether handing a mail over is a row in our own database, undone by a rollback."""
    return getattr(get_connection(), "sends_in_transaction", False)


def send(message: Message, rendered: Rendered) -> None:
    """Hand one mail over; raises `AddressRefused`, or what the mail backend raises."""
    mail = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.address],
        headers={
            "Message-ID": message_id(message),
            # RFC 3834: no out-of-office answer to a machine.
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Content-Language": message.locale,
        },
    )
    mail.attach_alternative(rendered.html, "text/html")
    for attachment in rendered.attachments:
        mail.attach(_part(attachment))
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        raise AddressRefused from error


def may_name_the_address(error: Exception) -> bool:
    """Tell whether the text of an error comes from the mail server, which quotes addresses."""
    return isinstance(error, AddressRefused | SMTPException)


def message_id(message: Message) -> str:
    """Return the same id for every try of a message, so that receivers can drop a repeat."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    digest = hashlib.sha256(message.public_id.encode()).hexdigest()[:32]
    return f"<{digest}@{domain}>"


def _part(attachment: Attachment) -> MIMEBase:
    main, _slash, sub = attachment.content_type.partition("/")
    part = MIMENonMultipart(main, sub)
    for name, value in attachment.parameters:
        part.set_param(name, value)
    part.set_payload(attachment.content)
    # Base64 keeps the CRLF and the 75-octet lines of a calendar exactly as they are.
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=attachment.filename)
    return part
