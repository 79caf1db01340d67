"""Reading what a provider of mail posts, with anymail's parsers; opens are not asked for.

EMAIL_EVENTS_PROVIDER names one of `PROVIDERS`; EMAIL_EVENTS_SECRET is user:password of the address
(`https://user:password@host/webhooks/email/`). Without either, the door is closed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from medtour.lib import clock
from messaging.channels.signatures import SignatureRefused, WebhookClosed
from messaging.enums import Channel
from messaging.services.receipts import Receipt

PROVIDERS = {
    "brevo": "anymail.webhooks.brevo.BrevoTrackingWebhookView",
    "mailersend": "anymail.webhooks.mailersend.MailerSendTrackingWebhookView",
    "mailgun": "anymail.webhooks.mailgun.MailgunTrackingWebhookView",
    "mailjet": "anymail.webhooks.mailjet.MailjetTrackingWebhookView",
    "postal": "anymail.webhooks.postal.PostalTrackingWebhookView",
    "postmark": "anymail.webhooks.postmark.PostmarkTrackingWebhookView",
    "resend": "anymail.webhooks.resend.ResendTrackingWebhookView",
    "sendgrid": "anymail.webhooks.sendgrid.SendGridTrackingWebhookView",
    "sparkpost": "anymail.webhooks.sparkpost.SparkPostTrackingWebhookView",
}
STATES = {"sent": "sent", "delivered": "delivered", "bounced": "failed", "rejected": "failed"}
# A full mailbox or a busy server says nothing about whether the address exists.
NO_SUCH_ADDRESS = ("invalid", "bounced")


@dataclass(frozen=True, slots=True)
class MailNews:
    """What one event means: maybe a receipt, maybe an address that must not be used."""

    receipt: Receipt | None
    address: str = ""
    bounced: bool = False
    complained: bool = False


def read(request: HttpRequest) -> list[MailNews]:
    """Return the news of one post; raises SignatureRefused, WebhookClosed, or ValueError."""
    path, secret = PROVIDERS.get(settings.EMAIL_EVENTS_PROVIDER), settings.EMAIL_EVENTS_SECRET
    if not path or not secret:
        raise WebhookClosed
    try:
        view = import_string(path)(webhook_secret=[secret])
        view.run_validators(request)
    except AnymailWebhookValidationFailure:
        raise SignatureRefused from None
    return [_news(event) for event in view.parse_events(request)]


def _news(event: Any) -> MailNews:
    state = STATES.get(event.event_type)
    happened: datetime = min(event.timestamp or clock.now(), clock.now())
    receipt = None
    if state:
        receipt = Receipt(
            channel=Channel.EMAIL,
            provider_id=str(event.message_id or "")[:200],
            state=state,
            occurred_at=happened,
            key=str((event.metadata or {}).get("attempt", "")),
            code=str(event.reject_reason or "")[:40],
        )
    return MailNews(
        receipt=receipt,
        address=str(event.recipient or ""),
        bounced=event.event_type in ("bounced", "rejected")
        and event.reject_reason in NO_SUCH_ADDRESS,
        complained=event.event_type in ("complained", "unsubscribed"),
    )
