"""The visitor's held time: finding it, saying that it is over, keeping it longer, letting it go."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render

from bookings import presenters
from bookings.access import holds_of
from bookings.refusals import HoldExpired
from bookings.selectors.care import with_place
from bookings.services import holds
from bookings.transitions import AppointmentState
from bookings.views.answers import forget_answers
from bookings.views.holder import bring_hold_along, key_of
from bookings.views.pages import found_or_404, posts_only, see_other
from medtour.answers import refusals_show
from medtour.lib import clock

STEPS = ("details", "details_new", "notes", "account_step", "check")


def visitors_hold(request, public_id):
    """Return the visitor's own hold, live or over; a stranger's is not found."""
    bring_hold_along(request)
    return found_or_404(with_place(holds_of(key_of(request))), public_id=public_id)


def is_live(hold):
    return hold.state == AppointmentState.HELD and hold.held_until > clock.now()


def is_booked(hold):
    return hold.state in presenters.BOOKED_OR_WAITING


def live_hold(request, public_id):
    """Return the visitor's live hold; raises HoldExpired when its time is over."""
    hold = visitors_hold(request, public_id)
    if not is_live(hold):
        raise HoldExpired
    return hold


def hold_ended(request, hold, *, refusal):
    """Say that the time is no longer held, and offer the free times of the same day.

    A booked one sends the person to their booking instead: the back button or another tab led here.
    """
    hold = visitors_hold(request, hold)
    if is_booked(hold):
        return redirect("bookings:confirmed", hold=hold.public_id)
    zone = hold.hospital.time_zone
    day = max(clock.local(hold.slot.starts_at, zone).date(), clock.today(zone))
    context = {
        "hold": hold,
        "offer": hold.slot.offer,
        "hospital": hold.hospital,
        "refusal": refusal,
        "again_query": presenters.times_query(start=day, day=day, language=hold.language),
    }
    return render(request, "bookings/hold_ended.html", context)


def page_after_hold_change(request, hold, *, refusal):
    """Show the step with the sentence while the hold lives, else that it is over."""
    from bookings.views.details import render_details  # it needs this module: a cycle at import
    from bookings.views.typed import step_as_typed  # so does this one

    found = visitors_hold(request, hold)
    if not is_live(found):
        return hold_ended(request, hold, refusal=refusal)
    typed = step_as_typed(request, found, refusal=refusal)
    return typed or render_details(request, found, refusal=refusal)


@login_not_required
@posts_only("details")
@refusals_show(page_after_hold_change)
def extend_hold(request, hold):
    """Give the visitor fifteen minutes more, once, on the same page with what was typed there."""
    from bookings.views.typed import step_as_typed  # it needs this module: a cycle at import

    found = live_hold(request, hold)
    found.held_until = holds.extend_hold(found).held_until
    found.hold_extended_at = clock.now()
    typed = step_as_typed(request, found)
    if typed:
        return typed
    step = request.POST.get("step", "")
    return see_other(step if step in STEPS else "details", hold=hold)


@login_not_required
@posts_only("details")
@refusals_show(page_after_hold_change)
def release_hold(request, hold):
    """Let the time go and return to the times."""
    released = live_hold(request, hold)
    holds.release_hold(released)
    forget_answers(request)
    return see_other("picker", offer=released.slot.offer.public_id)
