"""WhatsApp Cloud API: one JSON call. No health information ever goes this way (MS-02).

Outside the window of 24 hours an approved template goes, inside it the same sentence as free text,
which also exists in Mongolian. The receipt brings `biz_opaque_callback_data` back, so that even an
attempt whose answer was lost can be told apart.
"""

from typing import Any

from django.conf import settings

from messaging.channels import update_words
from messaging.channels.http import post_json
from messaging.channels.links import letter_address, letter_path
from messaging.channels.protocol import AddressRefused, NotTaken, OutcomeUnknown, Parcel
from messaging.channels.protocol import WindowClosed as Closed
from messaging.enums import Channel
from messaging.kinds import get

WINDOW_CLOSED = 131047
NOT_ON_WHATSAPP = 131026
# Too many at once, or something on our side or theirs that passes: nothing was taken.
PASSING = {4, 80007, 130429, 131048, 131056, 131016, 131057, 190, 10, 200, 368}
# "Something went wrong": WhatsApp itself does not say what, so that nobody knows (RL-02).
UNEXPLAINED = {1, 2, 131000}


class WhatsAppSender:
    name = Channel.WHATSAPP.value
    repeats_safely = False

    def is_configured(self) -> bool:
        return bool(settings.WHATSAPP_TOKEN and settings.WHATSAPP_PHONE_NUMBER_ID)

    def languages(self) -> frozenset[str]:
        """Return the languages with an approved template on this site."""
        approved = set(settings.WHATSAPP_APPROVED_LANGUAGES)
        return frozenset(approved & set(update_words.WHATSAPP_LANGUAGES))

    def send(self, parcel: Parcel) -> str:
        address = (
            f"{settings.WHATSAPP_API_URL.rstrip('/')}/{settings.WHATSAPP_PHONE_NUMBER_ID}/messages"
        )
        headers = {"Authorization": f"Bearer {settings.WHATSAPP_TOKEN}"}
        status, body = post_json(address, _payload(parcel), headers=headers)
        if status >= 400:
            raise _refusal(body)
        try:
            return str(body["messages"][0]["id"])
        except (KeyError, IndexError, TypeError):
            raise OutcomeUnknown("no id") from None


def _payload(parcel: Parcel) -> dict[str, Any]:
    head = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": parcel.to,
        "biz_opaque_callback_data": parcel.key,
    }
    template = update_words.TEMPLATES[get(parcel.message.kind).whatsapp_template]
    if parcel.window_is_open and template.category == "utility":
        words = f"{template.texts[parcel.language]}\n{letter_address(parcel.message)}"
        return {**head, "type": "text", "text": {"body": words, "preview_url": False}}
    return {**head, "type": "template", "template": _template(template, parcel)}


def _template(template: update_words.WhatsAppTemplate, parcel: Parcel) -> dict[str, Any]:
    values = {"letter": letter_path(parcel.message), "code": parcel.rendered.code}
    components: list[dict[str, Any]] = []
    if template.body:
        components.append({"type": "body", "parameters": _texts(template.body, values)})
    if template.button:
        button = {"type": "button", "sub_type": "url", "index": "0"}
        components.append({**button, "parameters": _texts(template.button, values)})
    language = update_words.WHATSAPP_LANGUAGES[parcel.language]
    return {"name": template.name, "language": {"code": language}, "components": components}


def _texts(names: tuple[str, ...], values: dict[str, str]) -> list[dict[str, str]]:
    return [{"type": "text", "text": values[name]} for name in names]


def _refusal(body: dict[str, Any]) -> Exception:
    error = body.get("error")
    number = error.get("code") if isinstance(error, dict) else None
    if number == WINDOW_CLOSED:
        return Closed(str(number))
    if number in PASSING:
        return NotTaken(str(number))
    if number in UNEXPLAINED:
        return OutcomeUnknown(str(number))
    return AddressRefused(str(number or "refused"), is_for_good=number == NOT_ON_WHATSAPP)
