"""Taking news to our own webhook address, signed as Stripe signs it, until it is taken."""

import datetime as dt
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.db.models import F

from medtour.lib import clock, locks
from payments.gateways.sandbox import money_back, sessions, store
from payments.gateways.sandbox import payments_taken as taken
from payments.gateways.sandbox.models import Delivery, StoredObject

PATH = "/webhooks/stripe/"
BATCH = 20
LEASE = dt.timedelta(seconds=30)
LONGEST_PAUSE = dt.timedelta(minutes=5)
SECONDS = 10
# Takes body and signature to the webhook, returns the status of its answer (0 for none).
Post = Callable[[bytes, str], int]


def sign(body: bytes, secret: str) -> str:
    """Return the `Stripe-Signature` header for a body sent at this moment of real time."""
    at = int(time.time())
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def finish_due() -> None:
    """End what takes time and whose time has come: sessions, wallets, refunds to wallets."""
    with transaction.atomic():
        due = StoredObject.objects.filter(due_at__lte=clock.now())
        for stored in locks.claim_rows(due.order_by("due_at", "pk"), BATCH):
            if stored.kind == "checkout.session":
                sessions.close(stored)
            elif stored.kind == "payment_intent":
                taken.end_by_time(stored)
            elif stored.kind == "refund":
                money_back.finish_refund(stored)


def deliver_due(post: Post | None = None) -> int:
    """Send every piece of news that is due, once each; return how many were taken."""
    with transaction.atomic():
        waiting = Delivery.objects.filter(
            delivered__lt=F("copies"), deliver_after__lte=clock.now()
        ).select_related("event")
        claimed = locks.claim_rows(waiting.order_by("place", "pk"), BATCH)
        for delivery in claimed:
            delivery.deliver_after = clock.now() + LEASE
            delivery.save(update_fields=["deliver_after"])
    return sum(send(delivery, post or over_http) for delivery in claimed)


def send(delivery: Delivery, post: Post) -> bool:
    """Send one copy now; what is not taken is tried again, later each time."""
    body = json.dumps(delivery.event.body).encode()
    status = post(body, sign(body, settings.STRIPE_WEBHOOK_SECRETS[0]))
    is_taken = 200 <= status < 300
    delivery.last_status, delivery.tries = status, delivery.tries + 1
    delivery.delivered += is_taken
    pause = dt.timedelta() if is_taken else _pause(delivery.tries)
    delivery.deliver_after = clock.now() + pause
    delivery.save()
    return is_taken


def over_http(body: bytes, signature: str) -> int:
    """Post to the site's own address."""
    request = urllib.request.Request(  # noqa: S310  (the site's own address)
        settings.SITE_URL + PATH,
        data=body,
        headers={"Content-Type": "application/json", "Stripe-Signature": signature},
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _pause(tries: int) -> dt.timedelta:
    return min(dt.timedelta(seconds=2**tries), LONGEST_PAUSE)


def events_about(object_id: str) -> list[store.Body]:
    """Return the news about one object, oldest first."""
    rows = StoredObject.objects.filter(kind="event", about_id=object_id).order_by("pk")
    return [row.body for row in rows]
