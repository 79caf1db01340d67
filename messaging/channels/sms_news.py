"""Reading what the SMS gateway posts, one object a time.

{"type": "receipt", "id": "…", "reference": "<attempt>", "status": "delivered", "at": 1798761600}
{"type": "inbound", "id": "…", "from": "+976…", "text": "…", "at": 1798761600}
"""

import json

from django.conf import settings

from medtour.lib import clock
from messaging.channels import signatures
from messaging.channels.news import instant_of
from messaging.enums import Channel
from messaging.services.inbound import Inbound
from messaging.services.receipts import Receipt

STATES = ("sent", "delivered", "failed")


def read(body: bytes, signature: str) -> list[Receipt | Inbound]:
    """Return the news of one post; raises SignatureRefused, WebhookClosed, or ValueError."""
    signatures.check(body, signature, settings.SMS_GATEWAY_SECRET)
    posted = json.loads(body)
    if not isinstance(posted, dict) or not posted.get("id"):
        return []
    happened = instant_of(posted.get("at"), clock.now())
    provider_id = str(posted["id"])[:200]
    if posted.get("type") == "inbound" and posted.get("from"):
        number, words = str(posted["from"]), str(posted.get("text") or "")
        return [Inbound(Channel.SMS, provider_id, number, words, happened)]
    if posted.get("type") == "receipt" and posted.get("status") in STATES:
        return [
            Receipt(
                channel=Channel.SMS,
                provider_id=provider_id,
                state=posted["status"],
                occurred_at=happened,
                key=str(posted.get("reference") or ""),
                code=str(posted.get("code") or ""),
            )
        ]
    return []
