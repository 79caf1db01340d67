"""Who the visitor is to the booking engine: an account, or a random key kept in the session."""

import secrets

from accounts.visitors import address_mark
from bookings.services.hold_limits import VISITOR
from bookings.services.holds import Holder, adopt_hold

SESSION_KEY = "holder_key"


def holder_of(request):
    """Return the holder behind a request that is about to claim something."""
    if request.user.is_authenticated:
        return Holder(key=f"user:{request.user.pk}", user=request.user)
    if SESSION_KEY not in request.session:
        mark = address_mark(request)
        request.session[SESSION_KEY] = f"{VISITOR}:{mark}:{secrets.token_urlsafe(24)}"
    return Holder(key=request.session[SESSION_KEY])


def bring_hold_along(request):
    """After sign-in, make the hold of the visitor who has just become an account the account's."""
    if request.user.is_authenticated and SESSION_KEY in request.session:
        adopt_hold(request.session.pop(SESSION_KEY), user=request.user)


def key_of(request):
    """Return the key under which this visitor may have a hold, "" when there is none."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return request.session.get(SESSION_KEY, "")
