"""Bringing the sandbox's news to the webhook by Django's test client: late, twice, in any order.

What payers, banks and wallets do is in `payments.gateways.sandbox.world`.
"""

import json
from collections.abc import Iterable

from django.conf import settings
from django.db.models import F
from django.test import Client

from payments.gateways.sandbox import deliveries
from payments.gateways.sandbox.models import Delivery

PATH = deliveries.PATH


def waiting() -> list[Delivery]:
    """Return the news that was not delivered yet, oldest first, also what is due later only."""
    rows = Delivery.objects.filter(delivered__lt=F("copies")).select_related("event")
    return list(rows.order_by("pk"))


def kinds(rows: Iterable[Delivery]) -> list[str]:
    return [row.event.body["type"] for row in rows]


def post(client: Client, body: bytes, signature: str) -> int:
    """Post one message to the webhook and return the status of the answer."""
    return client.post(
        PATH, body, content_type="application/json", HTTP_STRIPE_SIGNATURE=signature
    ).status_code


def deliver(client: Client, rows: Iterable[Delivery] | None = None) -> list[int]:
    """Deliver news now, in the given order (all that waits when None); return the answers."""
    return [
        post(client, *signed(row.event.body)) if _counted(row) else 0
        for row in (waiting() if rows is None else rows)
    ]


def signed(body: dict, secret: str | None = None) -> tuple[bytes, str]:
    """Return a message with its signature, right unless another secret is given."""
    raw = json.dumps(body).encode()
    return raw, deliveries.sign(raw, secret or settings.STRIPE_WEBHOOK_SECRETS[0])


def _counted(row: Delivery) -> bool:
    row.delivered = F("delivered") + 1
    row.save(update_fields=["delivered"])
    return True
