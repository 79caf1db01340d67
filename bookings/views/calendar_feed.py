"""A person's own calendar address: made, shown once, revoked; and its feed (BK-09)."""

import hashlib
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.ical import feed_calendar
from bookings.selectors.calendar_feeds import (
    account_of_feed,
    feed_appointments,
    live_feed,
)
from bookings.services.calendar_feeds import make_feed, revoke_feed
from bookings.views.appointments import form_page
from bookings.views.holder import address_mark
from bookings.views.pages import posts_only, see_other
from medtour.lib import clock
from medtour.lib.counts import count_one_more

AN_HOUR = 3600
# Programs ask a few times an hour; several devices may share one address.
READS_AN_HOUR = 60
WRONG_AN_HOUR = 30


@form_page
def calendar(request):
    """Show whether there is an address; a POST makes one and shows it this once."""
    address = ""
    if request.method == "POST":
        address = feed_address(make_feed(request.user))
    context = {"feed": live_feed(request.user), "address": address}
    return render(request, "bookings/calendar.html", context)


def feed_address(secret):
    return settings.SITE_URL.rstrip("/") + reverse("calendar_feed", args=[secret])


@posts_only("calendar")
def revoke_calendar(request):
    """End the address: whoever still has it reads nothing any more."""
    if revoke_feed(request.user):
        messages.success(request, _("Revoked. The old address opens nothing any more."))
    return see_other("calendar")


@require_safe
@login_not_required
def calendar_feed(request, secret):
    """Answer a calendar program: 304 when nothing changed, 404 for an unknown address."""
    account = account_of_feed(secret)
    if account is None:
        if too_often(f"feed-wrong:{address_mark(request)}", WRONG_AN_HOUR):
            return too_many()
        raise Http404
    if too_often(f"feed:{account.pk}", READS_AN_HOUR):
        return too_many()
    return feed_answer(request, account)


def too_often(what, most):
    """Count one more within this hour; what nobody was given makes no counter of its own."""
    return count_one_more(f"{what}:{clock.now():%Y%m%d%H}", AN_HOUR) > most


def feed_answer(request, account):
    with translation.override(account.locale):
        body = feed_calendar(feed_appointments(account, now=clock.now()))
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return get_conditional_response(request, etag=response["ETag"], response=response)


def too_many():
    response = HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(AN_HOUR)
    return response
