"""Text messages through a gateway that speaks plain JSON; the text is the fixed one (MS-02).

    POST <SMS_GATEWAY_URL>/messages   Authorization: Bearer …   Idempotency-Key: …
    {"to": "+97699112233", "text": "…", "reference": "<attempt>"}   →   {"id": "…"}

A gateway that drops the second of two equal keys is named by SMS_GATEWAY_DEDUPES; only then is an
attempt repeated whose end nobody knows.
"""

from django.conf import settings

from messaging.channels import update_words
from messaging.channels.http import post_json
from messaging.channels.links import letter_address
from messaging.channels.protocol import AddressRefused, NotTaken, OutcomeUnknown, Parcel
from messaging.enums import Channel

NO_SUCH_NUMBER = {400, 404, 410, 422}


class SmsSender:
    name = Channel.SMS.value

    @property
    def repeats_safely(self) -> bool:
        return settings.SMS_GATEWAY_DEDUPES

    def is_configured(self) -> bool:
        return bool(settings.SMS_GATEWAY_URL and settings.SMS_GATEWAY_TOKEN)

    def languages(self) -> frozenset[str]:
        return frozenset(update_words.UPDATE_TEXTS)

    def send(self, parcel: Parcel) -> str:
        status, body = post_json(
            f"{settings.SMS_GATEWAY_URL.rstrip('/')}/messages",
            {"to": parcel.to, "text": words(parcel), "reference": parcel.key},
            headers={
                "Authorization": f"Bearer {settings.SMS_GATEWAY_TOKEN}",
                "Idempotency-Key": parcel.dedupe,
            },
        )
        if status in NO_SUCH_NUMBER:
            raise AddressRefused(str(body.get("code") or status), is_for_good=False)
        if status >= 400:
            raise NotTaken(str(status))
        if not body.get("id"):
            raise OutcomeUnknown("no id")
        return str(body["id"])


def words(parcel: Parcel) -> str:
    """Return the text: a code, or that there is news and where it is read."""
    if parcel.rendered.code:
        return update_words.CODE_TEXTS[parcel.language].format(code=parcel.rendered.code)
    text = update_words.UPDATE_TEXTS[parcel.language]
    return f"{text} {letter_address(parcel.message)}"
