"""What every template may use."""

from django.conf import settings
from django.utils import translation


def site(request):
    language = translation.get_language() or settings.LANGUAGE_CODE
    return {
        "language_code": language,
        "text_direction": "rtl" if translation.get_language_bidi() else "ltr",
        "is_demonstration": settings.DEMONSTRATION,
        "support_email": settings.SUPPORT_EMAIL,
        "interface_complete": language in settings.INTERFACE_COMPLETE_LANGUAGES,
        "visitor_zone": getattr(request, "visitor_zone", "Asia/Shanghai"),
        "visitor_currency": getattr(request, "visitor_currency", ""),
    }
