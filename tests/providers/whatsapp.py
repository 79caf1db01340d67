"""WhatsApp's Cloud API as far as we use it, and what it posts to us, signed."""

import hashlib
import hmac
import json

from tests.providers.server import Provider

TOKEN = "token-for-tests"
APP_SECRET = "secret-for-tests"
VERIFY_TOKEN = "verify-for-tests"
PHONE_NUMBER_ID = "1234567890"


class WhatsAppProvider(Provider):
    def accept(self, path, headers, payload):
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"error": {"code": 190, "message": "token"}}
        assert path == f"/{PHONE_NUMBER_ID}/messages"
        assert payload["messaging_product"] == "whatsapp"
        assert payload["type"] in ("template", "text")
        wamid = f"wamid.{len(self.taken) + 1}"
        self.taken.append({**payload, "id": wamid})
        answer = {
            "messaging_product": "whatsapp",
            "contacts": [{"input": payload["to"], "wa_id": payload["to"].lstrip("+")}],
            "messages": [{"id": wamid, "message_status": "accepted"}],
        }
        return 200, answer

    def refuse(self, ending):
        if ending == "429":
            return 429, {"error": {"code": 130429, "message": "rate limit"}}
        if ending == "500":
            return 500, {"error": {"code": 131000, "message": "something went wrong"}}
        return 400, {"error": {"code": int(ending), "message": "refused"}}


def status(wamid, state, *, at=1_798_761_600, code=None, key="", user=""):
    """Return one status as WhatsApp posts it."""
    told = {"id": wamid, "status": state, "timestamp": str(at), "recipient_id": "97699112233"}
    if user:
        told["recipient_user_id"] = user
    if key:
        told["biz_opaque_callback_data"] = key
    if code:
        told["errors"] = [{"code": code, "title": "failed"}]
    return told


def words(text, *, number="97699112233", message="wamid.in.1", at=1_798_761_600, user=""):
    """Return one reply as WhatsApp posts it; without a number from somebody who hides it."""
    return {
        **({"from": number} if number else {}),
        **({"from_user_id": user} if user else {}),
        "id": message,
        "timestamp": str(at),
        "type": "text",
        "text": {"body": text},
    }


def posted(*, statuses=(), messages=()):
    """Return (body, signature) of a post with these statuses and replies."""
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": PHONE_NUMBER_ID}}
    if statuses:
        value["statuses"] = list(statuses)
    if messages:
        value["messages"] = list(messages)
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    return body, sign(body)


def sign(body, secret=APP_SECRET):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
