"""What a visitor typed about their insurance: sealed in the session until they agree to share it.

Nobody has to sign in to begin; nothing typed is lost on the way through the log-in.
"""

import json

from cryptography.exceptions import InvalidTag

from medtour.lib import clock
from medtour.lib.crypto import decrypt, encrypt

SESSION_KEY = "insurance"
PURPOSE = "payments.insurance.typed"
KEPT_SECONDS = 24 * 60 * 60


def keep_typed(request, offer, answers, *, hold=""):
    kept = {
        "at": clock.now().timestamp(),
        "offer": offer.public_id,
        "hold": hold,
        "answers": answers,
    }
    request.session[SESSION_KEY] = encrypt(json.dumps(kept), purpose=PURPOSE)


def typed(request, offer):
    """Return (answers, public id of the hold) typed for an offer; for another one only the cards.

    Empty when nothing was typed within a day.
    """
    try:
        kept = json.loads(decrypt(request.session[SESSION_KEY], purpose=PURPOSE))
    except (InvalidTag, KeyError, ValueError):
        return {}, ""
    if clock.now().timestamp() - kept["at"] > KEPT_SECONDS:
        return {}, ""
    if kept["offer"] != offer.public_id:
        cards = {name: kept["answers"][name] for name in ("insurer", "number", "born")}
        return cards | {"of_another": True}, ""
    return kept["answers"], kept["hold"]
