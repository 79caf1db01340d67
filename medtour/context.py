"""What every template may use."""

from functools import lru_cache
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from medtour import places
from medtour.lib import clock, wording
from medtour.lib.wording import BEIJING_ZONE

NAVIGATION = (
    (_("Treatments"), "hospitals:treatment_list"),
    (_("Hospitals"), "hospitals:hospital_list"),
    (_("Prices"), "hospitals:prices"),
    (_("Special access"), "hospitals:special_access"),
    (_("Emergency"), "hospitals:emergency"),
)
CARE_NAVIGATION = (
    (_("My care"), "bookings:care"),
    (_("Messages"), "messaging:inbox"),
    (_("How we reach you"), "messaging:reach"),
    (_("Profile"), "accounts:profile"),
    (_("Sign out"), "account_logout"),
)


def site(request):
    language = translation.get_language() or settings.LANGUAGE_CODE
    full_path = request.get_full_path()
    return {
        "language_code": language,
        "language_tag": wording.language_tag(language),
        "text_direction": "rtl" if translation.get_language_bidi() else "ltr",
        "signed_in": is_signed_in(request),
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "is_demonstration": settings.DEMONSTRATION,
        "support_email": settings.SUPPORT_EMAIL,
        "interface_complete": language in settings.INTERFACE_COMPLETE_LANGUAGES,
        "site_url": settings.SITE_URL.rstrip("/"),
        "care_navigation": SimpleLazyObject(lambda: entries_for(CARE_NAVIGATION, request.path)),
        "now": clock.now(),
        "beijing_zone": BEIJING_ZONE,
        "visitor_zone": getattr(request, "visitor_zone", BEIJING_ZONE),
        "visitor_zone_chosen": getattr(request, "visitor_zone_chosen", False),
        "visitor_city": SimpleLazyObject(lambda: visitor_city(request, language)),
        "visitor_currency": getattr(request, "visitor_currency", ""),
        "place_address": place_address(full_path, language),
        "full_path": full_path,
        "zone_options": SimpleLazyObject(places.common_zone_options),
        "currency_options": SimpleLazyObject(places.currency_options),
    }


def is_signed_in(request):
    """Tell whether somebody is signed in, without touching the session of those who have none.

    A page that never asks the session may be kept by the browser; one that does may not (SE-15).
    """
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return getattr(request, "user", None) is not None and request.user.is_authenticated


def visitor_city(request, language):
    """Return the city of the visitor's zone, in the page's language."""
    return wording.city_of_zone(getattr(request, "visitor_zone", BEIJING_ZONE), language)


def place_address(full_path, language):
    """Return where a visitor chooses time and currency, and comes back here afterwards."""
    (address,) = _addresses(("set_place",), language)
    return f"{address}?next={quote(full_path, safe='')}"


def entries_for(menu, path):
    """Return (label, address, whether it is the nearest entry above this page) of a menu."""
    addressed = addresses_of(menu)
    here = nearest(addressed, path)
    return [(label, address, address == here) for label, address in addressed]


def addresses_of(menu):
    """Return (label, address) of a menu in the present language."""
    addresses = _addresses(tuple(name for _label, name in menu), translation.get_language())
    return [(label, address) for (label, _n), address in zip(menu, addresses, strict=True)]


@lru_cache(maxsize=64)
def _addresses(names, language):
    return [reverse(name) for name in names]


def nearest(addressed, path):
    """Return the address of a menu that is nearest above a path, or nothing."""
    return max((a for _label, a in addressed if path.startswith(a)), key=len, default="")


def language_entries(present, rest):
    """Return a page in each language: code, tag, own name, address, path without query.

    `rest` is what follows the language prefix, with and without its query. A page outside the
    prefix has none: it has its start page instead, and no alternates.
    """
    return [
        {
            "code": code,
            "tag": wording.language_tag(code),
            "name": name,
            "address": f"/{code}/{rest[0]}" if rest else f"/{code}/",
            "path": f"/{code}/{rest[1]}" if rest else "",
            "is_present": code == present,
        }
        for code, name in settings.LANGUAGES
    ]
