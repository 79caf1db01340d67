"""Reading a kept mail back into its parts."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import NamedTuple


class StoredPart(NamedTuple):
    filename: str
    content_type: str
    content: bytes


class StoredMail:
    """The parts of one mail, parsed from its source."""

    def __init__(self, source: bytes) -> None:
        parsed = message_from_bytes(bytes(source), policy=default)
        if not isinstance(parsed, EmailMessage):
            raise TypeError("not a mail")
        self.headers = [(name, str(value)) for name, value in parsed.items()]
        self.text = self._body(parsed, "plain")
        self.html = self._body(parsed, "html")
        self.attachments = [
            StoredPart(
                part.get_filename() or "attachment",
                str(part["Content-Type"]),
                part.get_payload(decode=True),
            )
            for part in parsed.iter_attachments()
        ]

    @staticmethod
    def _body(parsed: EmailMessage, subtype: str) -> str:
        part = parsed.get_body((subtype,))
        return part.get_content() if part else ""
