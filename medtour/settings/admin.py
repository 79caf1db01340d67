"""How the staff admin (Unfold) looks and what its side bar lists."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

UNFOLD = {
    "SITE_TITLE": _("Medtour hospital desk"),
    "SITE_HEADER": _("Medtour hospital desk"),
    "SITE_SYMBOL": "medical_services",
    "SITE_URL": "/",
    "SHOW_LANGUAGES": True,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/mark.svg")},
    ],
    "COLORS": {
        "primary": {
            "50": "#f0f5ef",
            "100": "#e4efe7",
            "200": "#cfe2d6",
            "300": "#9fd0bd",
            "400": "#5f9d8c",
            "500": "#2f7263",
            "600": "#1f594d",
            "700": "#16453c",
            "800": "#0f332c",
            "900": "#0a1f1b",
            "950": "#071512",
        },
    },
}
