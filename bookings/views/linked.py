"""An appointment behind the signed link of a message: no log-in, GET shows, POST acts.

Mail gets forwarded, so these pages name neither the patient nor the treatment, are never stored or
indexed, and other pages never learn their address.
"""

from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bookings import presenters
from bookings.links import appointment_from_token
from bookings.views import appointments
from medtour.answers import refusals_show
from medtour.lib.wording import BEIJING_ZONE


def link_doors(token):
    """Return the addresses of an appointment's pages behind its link."""
    return presenters.Doors(
        page=reverse("bookings:linked_appointment", args=[token]),
        move=reverse("bookings:linked_move", args=[token]),
        cancel=reverse("bookings:linked_cancel", args=[token]),
        calendar=reverse("bookings:linked_calendar_file", args=[token]),
        by_link=True,
    )


def by_link(view):
    """Open the appointment of a valid token; anything else gets a page that helps, with 404."""

    @login_not_required
    @wraps(view)
    def open_link(request, token):
        found = appointment_from_token(token)
        if found is None:
            response = render(request, "bookings/link_ended.html", status=404)
        else:
            take_clock_of(found.booker, request)
            response = view(request, found, link_doors(token))
        return keep_private(response)

    return open_link


def keep_private(response):
    """Let nobody store, index or learn the address of a page behind a link."""
    # The origin alone: the token stays here, and browsers still say where a form comes from.
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store, private"
    return response


def take_clock_of(booker, request):
    """Show the clock that the mail with the link showed, unless this visitor chose another one."""
    if not request.visitor_zone_chosen and booker.time_zone not in ("", BEIJING_ZONE):
        request.visitor_zone, request.visitor_zone_chosen = booker.time_zone, True


def shown_again(request, found, doors, *, refusal):
    found = presenters.as_it_is_now(found)
    return appointments.show_appointment(request, found, doors, refusal=refusal)


def other_times_again(request, found, doors, *, refusal):
    found = presenters.as_it_is_now(found)
    if refusal.code in presenters.REFUSALS_OF_A_TIME:
        return appointments.show_other_times(request, found, doors, refusal=refusal)
    return appointments.show_appointment(request, found, doors, refusal=refusal)


@require_safe
@by_link
def linked_appointment(request, found, doors):
    """Show the appointment."""
    return appointments.show_appointment(request, found, doors)


@appointments.form_page
@by_link
@refusals_show(other_times_again)
def linked_move(request, found, doors):
    """Choose another time of the same offer."""
    if request.method == "POST":
        return appointments.move(request, found, doors, by=found.booker)
    if not appointments.appointment_context(found, doors)["can_change"]:
        return appointments.show_appointment(request, found, doors)
    return appointments.show_other_times(request, found, doors)


@appointments.form_page
@by_link
@refusals_show(shown_again)
def linked_cancel(request, found, doors):
    """Cancel the appointment."""
    can_change = appointments.appointment_context(found, doors)["can_change"]
    if request.method != "POST" and not can_change:
        return appointments.show_appointment(request, found, doors)
    return appointments.cancel(request, found, doors, by=found.booker)


@require_safe
@by_link
def linked_calendar_file(request, found, doors):
    return appointments.calendar_answer(found)
