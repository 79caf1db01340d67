"""Reading what WhatsApp posts: receipts and replies, and nothing that we did not ask for."""

import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from medtour.lib import clock
from messaging.channels import signatures
from messaging.channels.news import instant_of, objects
from messaging.channels.whatsapp import NOT_ON_WHATSAPP, WINDOW_CLOSED
from messaging.enums import Channel
from messaging.services.inbound import Inbound
from messaging.services.receipts import Receipt

STATES = ("sent", "delivered", "read", "failed")
# Words that a button or a list sends in place of typed ones.
TEXT_OF = {"text": "body", "button": "text"}


def read(body: bytes, signature: str) -> list[Receipt | Inbound]:
    """Return the news of one post; raises SignatureRefused, WebhookClosed, or ValueError."""
    signatures.check(body, signature, settings.WHATSAPP_APP_SECRET)
    return list(_news(json.loads(body)))


def _news(posted: Any) -> Iterator[Receipt | Inbound]:
    for entry in objects(posted, "entry"):
        for change in objects(entry, "changes"):
            value = change.get("value")
            for status in objects(value, "statuses"):
                if status.get("status") in STATES and status.get("id"):
                    yield _receipt(status)
            for message in objects(value, "messages"):
                if message.get("id") and (message.get("from") or message.get("from_user_id")):
                    yield _inbound(message)


def _receipt(status: dict[str, Any]) -> Receipt:
    errors = objects(status, "errors")
    code = str(errors[0].get("code", "")) if errors else ""
    return Receipt(
        channel=Channel.WHATSAPP,
        provider_id=str(status["id"])[:200],
        state=status["status"],
        occurred_at=instant_of(status.get("timestamp"), clock.now()),
        key=str(status.get("biz_opaque_callback_data") or ""),
        code=code,
        is_for_good=code == str(NOT_ON_WHATSAPP),
        closes_window=code == str(WINDOW_CLOSED),
        whatsapp_user=str(status.get("recipient_user_id") or ""),
    )


def _inbound(message: dict[str, Any]) -> Inbound:
    kind = str(message.get("type", ""))
    content = message.get(kind)
    words = content.get(TEXT_OF[kind], "") if kind in TEXT_OF and isinstance(content, dict) else ""
    number = str(message.get("from") or "").lstrip("+")
    return Inbound(
        channel=Channel.WHATSAPP,
        provider_id=str(message["id"])[:200],
        number=f"+{number}" if number else "",
        whatsapp_user=str(message.get("from_user_id") or ""),
        body=str(words) or f"[{kind[:40]}]",
        received_at=instant_of(message.get("timestamp"), clock.now()),
    )
