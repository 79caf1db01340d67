"""Telling visitors apart for limits, without keeping who they are."""

import hmac
import ipaddress

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest

from medtour.lib import clock

IPV6_NETWORK_BITS = 64
MARK_LENGTH = 16


def address_mark(request: HttpRequest) -> str:
    """Return a short mark of the visitor's address that tells it to nobody and changes daily.

    Only proxies of ours are believed about the address (TRUSTED_PROXY_COUNT, SE-12). A household
    has a whole IPv6 network, so its addresses share one mark.
    """
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    place: object = address
    if address.version == 6:
        place = ipaddress.ip_network((address, IPV6_NETWORK_BITS), strict=False)
    told = f"{clock.now():%Y-%m-%d} {place}"
    return hmac.new(settings.SECRET_KEY.encode(), told.encode(), "sha256").hexdigest()[:MARK_LENGTH]
