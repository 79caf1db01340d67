"""Signatures of webhooks: HMAC-SHA256 over the raw body; without a secret the door is closed."""

import hashlib
import hmac


class SignatureRefused(Exception):
    """The signature is missing or does not fit the body."""


class WebhookClosed(Exception):
    """No secret is set, so nothing can be believed."""


def check(body: bytes, signature: str, secret: str) -> None:
    """Accept `sha256=<hex>` of the raw body; raises SignatureRefused or WebhookClosed."""
    if not secret:
        raise WebhookClosed
    right = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature.encode(), f"sha256={right}".encode()):
        raise SignatureRefused
