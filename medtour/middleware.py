"""What every request gets: an id in the logs, private pages unstored, the visitor's own clock."""

import re
import secrets
from functools import lru_cache

import structlog
from django.conf import settings
from django.shortcuts import render
from django.urls import Resolver404, get_urlconf, resolve
from django.utils import timezone, translation

from medtour.cache import LimitsUnavailable
from medtour.lib import clock
from medtour.lib.wording import BEIJING_ZONE

REQUEST_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")
CURRENCY = re.compile(r"^[A-Z]{3}$")
RETRY_AFTER_SECONDS = "60"
# Where insurers' programs come in, and what a view of theirs carries: the scope that it needs.
PROGRAM_ADDRESSES = ("/api/", "/fhir/")
PROGRAM_MARK = "machine_scope"


class RequestIdMiddleware:
    """Bind a request id to every log line and return it in X-Request-Id."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        offered = request.headers.get("X-Request-Id", "")
        request.id = offered if REQUEST_ID.match(offered) else secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.id)
        response = self.get_response(request)
        response["X-Request-Id"] = request.id
        return response


class ProgramMiddleware:
    """Lead insurers' programs straight to their views, past all that only a browser needs.

    They have no session, no cookie, no form and no language: a token stands in every request, and
    they read English. Only a view that declares its scope is reached this way.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        view = self.view_of(request)
        if view is None:
            return self.get_response(request)
        with translation.override("en"):
            return view.func(request, *view.args, **view.kwargs)

    @staticmethod
    def view_of(request):
        if not request.path_info.startswith(PROGRAM_ADDRESSES):
            return None
        request.resolver_match = _program_view(request.path_info, get_urlconf())
        return request.resolver_match


@lru_cache(maxsize=256)
def _program_view(path, urlconf):
    """Return the view of a program behind an address, or None; the same ones come again."""
    try:
        match = resolve(path, urlconf)
    except Resolver404:
        return None
    return match if hasattr(match.func, PROGRAM_MARK) else None


class PrivatePageMiddleware:
    """Forbid storing any page that a signed-in person or a holder of a place sees (SE-15)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        touched = request.session.accessed or bool(
            request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        )
        if touched and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        return response


class VisitorPlaceMiddleware:
    """Put the visitor's zone and currency on the request; never guessed from address or flag.

    The account's choice wins once signed in, then the cookie, then the hospitals' own zone, which
    is also what an account has before anybody chose: it says nothing, so the cookie may speak.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        account = self.account_of(request)
        zone_name = account.time_zone if account else ""
        if zone_name in ("", BEIJING_ZONE):
            zone_name = request.COOKIES.get("zone", "")
        request.visitor_zone_chosen = clock.is_zone(zone_name)
        request.visitor_zone = zone_name if request.visitor_zone_chosen else BEIJING_ZONE
        currency = (account.currency if account else "") or request.COOKIES.get("currency", "")
        request.visitor_currency = currency if CURRENCY.match(currency) else ""
        return self.get_response(request)

    @staticmethod
    def account_of(request):
        """Return who is signed in; without a session cookie nobody is, and nothing is asked."""
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        return request.user if has_session and request.user.is_authenticated else None


class LimitsMiddleware:
    """Ask to try again soon when sign-in attempts cannot be counted; all else goes on (RL-09)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, LimitsUnavailable):
            return None
        response = render(request, "503.html", {"request_id": request.id}, status=503)
        response["Retry-After"] = RETRY_AFTER_SECONDS
        return response


class AdminContentPolicyMiddleware:
    """Under the admin only: a looser content policy, as Unfold needs, and the hospitals' clock."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path.startswith("/admin/"):
            return self.get_response(request)
        with timezone.override(BEIJING_ZONE):
            response = self.get_response(request)
        response._csp_replace = {
            "script-src": ["'self'", "'unsafe-eval'"],
            "style-src": ["'self'", "'unsafe-inline'"],
        }
        return response
