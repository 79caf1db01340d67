"""Who the visitor is to the booking engine: an account, or a random key kept in the session."""

import hmac
import ipaddress
import secrets

from allauth.account.adapter import get_adapter
from django.conf import settings

from bookings.services.hold_limits import VISITOR
from bookings.services.holds import Holder, adopt_hold
from medtour.lib import clock

SESSION_KEY = "holder_key"
IPV6_NETWORK_BITS = 64
MARK_LENGTH = 16


def holder_of(request):
    """Return the holder behind a request that is about to claim something."""
    if request.user.is_authenticated:
        return Holder(key=f"user:{request.user.pk}", user=request.user)
    if SESSION_KEY not in request.session:
        mark = address_mark(request)
        request.session[SESSION_KEY] = f"{VISITOR}:{mark}:{secrets.token_urlsafe(24)}"
    return Holder(key=request.session[SESSION_KEY])


def address_mark(request):
    """Return a short mark of the visitor's address that tells it to nobody and changes daily.

    Only proxies of ours are believed about the address (TRUSTED_PROXY_COUNT, SE-12). A household
    has a whole IPv6 network, so its addresses share one mark.
    """
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    if address.version == 6:
        address = ipaddress.ip_network((address, IPV6_NETWORK_BITS), strict=False)
    told = f"{clock.now():%Y-%m-%d} {address}"
    return hmac.new(settings.SECRET_KEY.encode(), told.encode(), "sha256").hexdigest()[:MARK_LENGTH]


def bring_hold_along(request):
    """After sign-in, make the hold of the visitor who has just become an account the account's."""
    if request.user.is_authenticated and SESSION_KEY in request.session:
        adopt_hold(request.session.pop(SESSION_KEY), user=request.user)


def key_of(request):
    """Return the key under which this visitor may have a hold, "" when there is none."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return request.session.get(SESSION_KEY, "")
