"""System checks: settings that must never reach production, and pages that must never be public."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.urls import URLPattern, URLResolver, get_resolver

LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
PRIVATE_PREFIXES = ("care/", "admin/")


@register(Tags.security)
def pages_are_closed_by_default(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Every view asks for a log-in unless it is marked public; private areas hold no such mark."""
    if LOGIN_REQUIRED not in settings.MIDDLEWARE:
        return [
            Error("LoginRequiredMiddleware is missing: pages would be open.", id="medtour.E001")
        ]
    return [
        Error(f"{address} is marked public but lies in a private area.", id="medtour.E002")
        for address, view in all_views()
        if not getattr(view, "login_required", True)
        and address.split("/", 1)[-1].startswith(PRIVATE_PREFIXES)
        and not address.startswith("admin/")
    ]


@register(Tags.security, deploy=True)
def settings_are_fit_for_production(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Nothing that loosens a laptop may be set where real patients are served."""
    wrong = {
        "E010": (settings.DEBUG, "DEBUG is on."),
        "E011": ("development-only" in settings.SECRET_KEY, "SECRET_KEY is the laptop's."),
        "E012": (
            any(key.startswith("dev:bWVkdG91ci") for key in settings.FIELD_ENCRYPTION_KEYS),
            "FIELD_ENCRYPTION_KEYS holds the laptop's key.",
        ),
        "E013": (settings.DEVELOPMENT_MAIL_VISIBLE, "The development mailbox can be read."),
        "E014": ("development_mail" in settings.EMAIL_BACKEND, "Mail goes nowhere."),
        "E015": (not settings.SITE_URL.startswith("https://"), "SITE_URL is not https."),
        "E016": (not settings.SESSION_COOKIE_SECURE, "The session cookie travels in the open."),
        "E017": (_content_policy_is_loose(), "The content policy lets foreign scripts in."),
        "E018": ("*" in settings.ALLOWED_HOSTS, "ALLOWED_HOSTS lets every name in."),
        "E019": (settings.PAYMENTS_SANDBOX, "Payments are made up by the sandbox."),
        "E020": (_payments_are_play_money(), "STRIPE_SECRET_KEY is one of Stripe's test mode."),
        "E021": (
            bool(settings.STRIPE_SECRET_KEY) and not settings.STRIPE_WEBHOOK_SECRETS,
            "STRIPE_WEBHOOK_SECRET is missing: news of payments would be refused.",
        ),
        "E022": (
            settings.LOOKUP_HASH_KEY.startswith("bWVkdG91ci") or len(settings.LOOKUP_HASH_KEY) < 44,
            "LOOKUP_HASH_KEY is the laptop's, or shorter than 32 bytes.",
        ),
        "E023": (
            not settings.CLAMD_ADDRESS and not settings.UPLOADS_UNSCANNED,
            "CLAMD_ADDRESS is missing: nobody scans uploads. UPLOADS_UNSCANNED=true accepts that.",
        ),
    }
    return [
        Error(text, id=f"medtour.{code}") for code, (is_wrong, text) in wrong.items() if is_wrong
    ]


def all_views(
    patterns: Iterable[Any] | None = None, prefix: str = ""
) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the address and view of every URL pattern, without the language prefix."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from all_views(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern):
            yield address, pattern.callback


def _payments_are_play_money() -> bool:
    """Anybody can pay in test mode: only a demonstration may take that for money."""
    is_test_key = settings.STRIPE_SECRET_KEY.startswith(("sk_test_", "rk_test_"))
    return is_test_key and not settings.DEMONSTRATION


def _content_policy_is_loose() -> bool:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    loose = {"*", "'unsafe-inline'", "'unsafe-eval'", "https:", "http:"}
    return bool(loose & set(map(str, directives.get("script-src", ["*"]))))
