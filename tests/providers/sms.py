"""A gateway for text messages that speaks the JSON of `messaging/channels/sms.py`."""

import json

from tests.providers.server import Provider
from tests.providers.whatsapp import sign

TOKEN = "sms-token-for-tests"
SECRET = "sms-secret-for-tests"


class SmsProvider(Provider):
    """Drops the second of two equal keys when `dedupes`, as some gateways do."""

    def __init__(self, *, dedupes=False):
        self.dedupes = dedupes
        super().__init__()

    def accept(self, path, headers, payload):
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"error": "token"}
        assert path == "/messages"
        key = headers["Idempotency-Key"]
        for earlier in self.taken:
            if self.dedupes and earlier["dedupe"] == key:
                return 200, {"id": earlier["id"]}
        self.taken.append({**payload, "id": f"sms-{len(self.taken) + 1}", "dedupe": key})
        return 200, {"id": self.taken[-1]["id"]}

    def refuse(self, ending):
        return int(ending), {"error": "refused", "code": ending}


def posted(**news):
    """Return (body, signature) of one piece of news."""
    body = json.dumps(news).encode()
    return body, sign(body, SECRET)
