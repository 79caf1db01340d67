"""Where the gateway sends people back to: no promise before the payment is known (PY-07)."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from medtour.answers import found_or_404
from payments.access import obligations_for, payments_for
from payments.presenters.outcome import (
    kept_until,
    look_again_after,
    outcome_of,
    what_now,
    why_not,
)
from payments.presenters.standing import doors_of, standing_of
from payments.selectors.dues import with_standing
from payments.services.settlement import settle_if_possible
from payments.transitions import LIVE_PAYMENT


def asked_again(payment):
    """Ask the gateway about a payment that is not known yet; without an answer it stays so."""
    return settle_if_possible(payment) if payment.state in LIVE_PAYMENT else payment


@never_cache
@require_safe
def paying(request, payment):
    """Say how far a payment is, and where to go next."""
    found = found_or_404(payments_for(request.user), public_id=payment)
    asked_again(found)
    due = with_standing(obligations_for(request.user)).get(pk=found.obligation_id)
    fresh = next(each for each in due.payments.all() if each.pk == found.pk)
    outcome = outcome_of(fresh, due, has_left="left" in request.GET)
    doors = paying_doors(due, fresh)
    if outcome == "already":
        return redirect(doors["confirmed"] or doors["money"])
    context = outcome_context(fresh, due, outcome) | {"doors": doors}
    return render_outcome(request, "payments/_paying.html", "payments/paying.html", context)


def outcome_context(payment, due, outcome):
    """Return what both return pages say about a payment."""
    return {
        "payment": payment,
        "due": due,
        "appointment": due.appointment,
        "offer": due.appointment.slot.offer if due.appointment else None,
        "hospital": due.hospital,
        "outcome": outcome,
        "look_again": look_again_after(payment, outcome),
        "standing": standing_of(due, due.payments.all(), due.shares.all()),
        "refunds": payment.refunds.all(),
        "kept_until": kept_until(due.appointment),
        "why_not": why_not(payment),
        "what_now": what_now(payment),
    }


def paying_doors(due, payment):
    doors = doors_of(due)
    booked = due.appointment
    return {
        "due": doors.due,
        "money": doors.money,
        "session": payment.session_url if payment.state in LIVE_PAYMENT else "",
        "confirmed": reverse("bookings:confirmed", args=[booked.public_id]) if booked else "",
        "again": reverse("bookings:picker", args=[booked.slot.offer.public_id]) if booked else "",
    }


def render_outcome(request, part, page, context):
    """Render the part that looks again, or the whole page."""
    response = render(request, part if request.htmx else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
