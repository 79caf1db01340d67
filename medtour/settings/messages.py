"""Messages: the channels that a site has an account with."""

import json
from typing import Any

import environ


def channel_settings(env: environ.Env) -> dict[str, Any]:
    """Return the settings of the channels by name, as the environment gives them."""
    return {
        # Tells in which time zone in China an account is, or nothing (`messaging.whereabouts`).
        "WHEREABOUTS": "bookings.selectors.whereabouts.whereabouts_of",
        # A provider of mail by django-anymail: EMAIL_BACKEND names its backend, ANYMAIL (JSON) its
        # keys.
        "EMAIL_EVENTS_PROVIDER": env("EMAIL_EVENTS_PROVIDER", default=""),
        "EMAIL_EVENTS_SECRET": env("EMAIL_EVENTS_SECRET", default=""),
        "ANYMAIL": json.loads(env("ANYMAIL", default="") or "{}"),
        # How long a provider behind HTTP may take before nobody knows what it did.
        "CHANNEL_TIMEOUT_SECONDS": 10.0,
        "WHATSAPP_API_URL": env("WHATSAPP_API_URL", default="https://graph.facebook.com/v24.0"),
        "WHATSAPP_PHONE_NUMBER_ID": env("WHATSAPP_PHONE_NUMBER_ID", default=""),
        "WHATSAPP_TOKEN": env("WHATSAPP_TOKEN", default=""),
        "WHATSAPP_APP_SECRET": env("WHATSAPP_APP_SECRET", default=""),
        "WHATSAPP_VERIFY_TOKEN": env("WHATSAPP_VERIFY_TOKEN", default=""),
        # Languages whose templates Meta approved; there is none for Mongolian.
        "WHATSAPP_APPROVED_LANGUAGES": env.list(
            "WHATSAPP_APPROVED_LANGUAGES", default=["en", "zh-hans", "ru", "id", "vi", "ar", "fr"]
        ),
        "SMS_GATEWAY_URL": env("SMS_GATEWAY_URL", default=""),
        "SMS_GATEWAY_TOKEN": env("SMS_GATEWAY_TOKEN", default=""),
        "SMS_GATEWAY_SECRET": env("SMS_GATEWAY_SECRET", default=""),
        "SMS_GATEWAY_DEDUPES": env.bool("SMS_GATEWAY_DEDUPES", default=False),
    }
