"""What every template may use."""

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
    (_("Profile"), "accounts:profile"),
    (_("Sign out"), "account_logout"),
)


def site(request):
    language = translation.get_language() or settings.LANGUAGE_CODE
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
        "navigation": SimpleLazyObject(lambda: entries_for(NAVIGATION, request.path)),
        "care_navigation": SimpleLazyObject(lambda: entries_for(CARE_NAVIGATION, request.path)),
        "site_languages": SimpleLazyObject(lambda: languages(request, language)),
        "now": clock.now(),
        "beijing_zone": BEIJING_ZONE,
        "visitor_zone": getattr(request, "visitor_zone", BEIJING_ZONE),
        "visitor_zone_chosen": getattr(request, "visitor_zone_chosen", False),
        "visitor_currency": getattr(request, "visitor_currency", ""),
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


def entries_for(menu, path):
    """Return (label, address, whether it is the nearest entry above this page) of a menu."""
    addressed = [(label, reverse(name)) for label, name in menu]
    here = max((a for _label, a in addressed if path.startswith(a)), key=len, default="")
    return [(label, address, address == here) for label, address in addressed]


def languages(request, present):
    """Return this page in each language: code, tag, own name, address, path without query.

    A page outside the language prefix has its start page instead, and no alternates.
    """
    prefix = f"/{present}/"
    inside = request.path.startswith(prefix)
    full = request.get_full_path()
    entries = []
    for code, name in settings.LANGUAGES:
        address = f"/{code}/{full[len(prefix) :]}" if inside else f"/{code}/"
        entries.append(
            {
                "code": code,
                "tag": wording.language_tag(code),
                "name": name,
                "address": address,
                "path": address.partition("?")[0] if inside else "",
                "is_present": code == present,
            }
        )
    return entries
