"""The pages that belong to no app: language redirect, place, after signing in, errors."""

from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from medtour import places
from medtour.lib import clock, exchange, wording

YEAR_SECONDS = 60 * 60 * 24 * 365


@login_not_required
@require_safe
def choose_language(request):
    """Send `/` to the language of the cookie or the browser."""
    response = redirect(f"/{translation.get_language_from_request(request)}/")
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_place(request):
    """Keep the visitor's zone and currency in cookies, and on the account when signed in."""
    if request.method != "POST":
        return _place_page(request)
    zone, currency = request.POST.get("zone", ""), request.POST.get("currency", "")
    if (zone and not clock.is_zone(zone)) or (currency and currency not in exchange.currencies()):
        return _place_page(request, refused=True)
    response = HttpResponseRedirect(_safe_next(request, request.POST.get("next", "")))
    _keep(response, "zone", zone or request.COOKIES.get("zone", ""))
    _keep(response, "currency", currency)
    if request.user.is_authenticated:
        request.user.time_zone = zone or request.user.time_zone
        request.user.currency = currency
        request.user.save(update_fields=["time_zone", "currency"])
    return response


def _place_page(request, refused=False):
    context = {
        "all_zones": places.all_zones(),
        "next": _safe_next(request, request.GET.get("next") or request.POST.get("next", "")),
        "refused": refused,
        "has_errors": refused,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, "place.html", context, status=status)


def _keep(response, name, value):
    if not value:
        response.delete_cookie(name, samesite="Lax")
        return
    response.set_cookie(
        name,
        value,
        max_age=YEAR_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _safe_next(request, wanted):
    secure = request.is_secure()
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=secure):
        return wanted
    return f"/{translation.get_language()}/"


def _error(request, template, status, **context):
    context["request_id"] = getattr(request, "id", "")
    return render(request, template, context, status=status)


def bad_request(request, exception):
    return _error(request, "400.html", HTTPStatus.BAD_REQUEST)


def permission_denied(request, exception):
    return _error(request, "403.html", HTTPStatus.FORBIDDEN)


@login_not_required
def csrf_failure(request, reason=""):
    """Explain a form that was open too long or sent from elsewhere."""
    return _error(request, "403_csrf.html", HTTPStatus.FORBIDDEN)


def page_not_found(request, exception):
    return _error(request, "404.html", HTTPStatus.NOT_FOUND)


def server_error(request):
    """Answer without database, session, context processors or anything else that may be broken."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    context = {
        "language_code": language,
        "language_tag": wording.language_tag(language),
        "text_direction": "rtl" if translation.get_language_bidi() else "ltr",
        "support_email": settings.SUPPORT_EMAIL,
        "request_id": getattr(request, "id", ""),
    }
    try:
        body = render_to_string("500.html", context)
    except Exception:
        body = _("Something went wrong on our side. Please try again.")
    return HttpResponse(body, status=HTTPStatus.INTERNAL_SERVER_ERROR)
