"""What a visitor has typed so far: kept with the hold, and sealed in the session for a next hold.

A hold that ends is emptied. The sealed copy lets the person choose another time without typing
everything again; it is forgotten after a day, on booking and on release.
"""

import json

from cryptography.exceptions import InvalidTag

from bookings.services.holds import save_intake
from medtour.lib import clock
from medtour.lib.crypto import decrypt, encrypt

SESSION_KEY = "answers"
PURPOSE = "bookings.answers"
KEPT_SECONDS = 24 * 60 * 60
ONLY_FOR_ONE_HOSPITAL = ("notes", "consents")


def answers_of(request, hold):
    """Return the answers for this hold: its own, else those of an earlier hold of the visitor."""
    if hold.intake is not None:
        return hold.intake
    kept = _kept(request)
    if kept and kept.get("hospital") != hold.hospital.slug:
        kept = {name: kept[name] for name in kept if name not in ONLY_FOR_ONE_HOSPITAL}
    return kept


def add_answers(request, hold, **answers):
    """Save more answers with the live hold; raises HoldExpired, but keeps the sealed copy."""
    intake = answers_of(request, hold) | answers | {"hospital": hold.hospital.slug}
    sealed = json.dumps({"at": clock.now().timestamp(), "intake": intake})
    request.session[SESSION_KEY] = encrypt(sealed, purpose=PURPOSE)
    hold.intake = save_intake(hold, intake=intake).intake


def forget_answers(request):
    request.session.pop(SESSION_KEY, None)


def _kept(request):
    sealed = request.session.get(SESSION_KEY)
    if not sealed:
        return {}
    try:
        kept = json.loads(decrypt(sealed, purpose=PURPOSE))
    except (InvalidTag, KeyError, ValueError):
        return {}
    fresh = clock.now().timestamp() - kept["at"] < KEPT_SECONDS
    return kept["intake"] if fresh else {}
