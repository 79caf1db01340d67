"""One appointment in My care: seen, moved, cancelled, put into a calendar.

The same pages stand behind the signed link of a message; `linked.py` opens them that way.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bookings import presenters
from bookings.access import appointments_for
from bookings.forms.choosing import CancelForm, LookForm, OtherTimeForm
from bookings.ical import appointment_calendar
from bookings.models.case import Actor
from bookings.selectors.care import with_place
from bookings.transitions import AppointmentState
from bookings.views.pages import found_or_404, render_form, see_other_address
from bookings.views.times import render_part, taken_slot, times_to_show
from medtour.answers import refusals_show
from medtour.lib import clock
from payments.forms.cancelling import CancelPaidForm
from payments.models import RefundCause
from payments.presenters.refunds import claimable_due, next_step, preview_steps
from payments.selectors.insurance.guarantees import is_without_guarantee, newest_of
from payments.selectors.refund_preview import WITH_PROOF, refund_preview
from payments.selectors.refunds import refunds_of
from payments.services.cancellation import cancel_with_refund
from payments.services.insurance.moving import move_insured
from payments.services.insurance.self_pay import cancel_without_guarantee

# A time that waits for an insurer can be moved and cancelled like a confirmed one.
KEPT = (AppointmentState.CONFIRMED, AppointmentState.AWAITING_GUARANTEE)
form_page = require_http_methods(["GET", "HEAD", "POST"])


def own_appointment(request, public_id):
    return found_or_404(with_place(appointments_for(request.user)), public_id=public_id)


def care_doors(appointment):
    """Return the addresses of an appointment's pages in My care."""
    return presenters.Doors(
        **{
            name: reverse(f"bookings:{view}", args=[appointment.public_id])
            for name, view in (
                ("page", "appointment"),
                ("move", "move_appointment"),
                ("cancel", "cancel_appointment"),
                ("calendar", "calendar_file"),
            )
        },
        by_link=False,
    )


def appointment_context(appointment, doors, **more):
    rule = presenters.change_rule(appointment)
    is_kept = appointment.state in KEPT
    preview = refund_preview(appointment) if is_kept else None
    waits = appointment.state == AppointmentState.AWAITING_GUARANTEE
    is_cancelled = appointment.state == AppointmentState.CANCELLED
    return {
        "appointment": appointment,
        "offer": appointment.slot.offer,
        "hospital": appointment.hospital,
        "doors": doors,
        "rule": rule,
        "can_change": is_kept and not rule.has_begun,
        "is_confirmed": appointment.state == AppointmentState.CONFIRMED,
        "guarantee": newest_of(appointment) if waits else None,
        "preview": preview,
        "ladder": preview_steps(preview) if preview else [],
        "refunds": refunds_of(appointment) if is_cancelled else [],
        "layout": "layouts/focus.html" if doors.by_link else "layouts/care.html",
        **more,
    }


def show_appointment(request, appointment, doors, *, refusal=None):
    context = appointment_context(appointment, doors, refusal=refusal)
    return render(request, "bookings/appointment.html", context)


def show_other_times(request, appointment, doors, *, refusal=None):
    """Show the free times of the same offer, in the appointment's language."""
    offer = appointment.slot.offer
    look = LookForm(request.POST or request.GET, zone=appointment.hospital.time_zone)
    times = times_to_show(offer, look, appointment.language)
    context = appointment_context(appointment, doors, times=times, refusal=refusal)
    return render_part(request, "bookings/_other_times.html", "bookings/move.html", context)


def move(request, appointment, doors, *, by):
    """Give the appointment the chosen time, all or nothing."""
    form = OtherTimeForm(request.POST)
    slot = taken_slot(appointment.slot.offer.public_id, form)
    move_insured(
        appointment,
        to_slot=slot,
        by=by,
        actor=Actor.PATIENT,
        version=form.cleaned_data["version"],
    )
    messages.success(request, _("Your appointment has moved. Please come at the new time."))
    return see_other_address(doors.page)


def cancel(request, appointment, doors, *, by):
    """Ask once more with the rule and what comes back in view; the POST does exactly that."""
    now = clock.now()
    is_let_down = is_without_guarantee(appointment)
    cause = RefundCause.GUARANTEE_REFUSED if is_let_down else None
    preview = refund_preview(appointment, cause=cause, is_proven=is_let_down, now=now)
    form = cancel_form(request, appointment, preview, asks_why=not is_let_down)
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        end = cancel_let_down if is_let_down else cancel_for_patient
        end(appointment, answers, by=by, now=now)
        return see_other_address(after_cancelling(appointment, doors, preview, answers))
    context = appointment_context(appointment, doors, form=form) | {
        "preview": preview,
        "ladder": preview_steps(preview),
        "next_step": next_step(preview),
    }
    return render_form(request, "bookings/cancel.html", context)


def cancel_for_patient(appointment, answers, *, by, now):
    cancel_with_refund(
        appointment,
        by=by,
        actor=Actor.PATIENT,
        reason=answers["reason"],
        cause=answers.get("cause"),
        version=answers["version"],
        now=now,
    )


def cancel_let_down(appointment, answers, *, by, now):
    """Cancel what no insurer pays for: everything comes back without another proof."""
    reason, version = answers["reason"], answers["version"]
    cancel_without_guarantee(appointment, by=by, version=version, reason=reason, now=now)


def cancel_form(request, appointment, preview, *, asks_why=True):
    """Return the form; where something was paid it also asks why and carries the promise."""
    data = request.POST if request.method == "POST" else None
    initial = {"version": appointment.version}
    if preview.lines and asks_why:
        return CancelPaidForm(data, initial=initial, preview=preview)
    return CancelForm(data, initial=initial)


def after_cancelling(appointment, doors, preview, answers):
    """Return where to go on: to the letter that brings the rest back, where there is a rest."""
    if answers.get("cause") in WITH_PROOF and preview.rest and not doors.by_link:
        due = claimable_due(preview)
        return f"{reverse('payments:claim', args=[due.public_id])}?cause={answers['cause']}"
    return doors.page


def calendar_answer(appointment):
    """Answer with the appointment as a calendar file."""
    response = HttpResponse(
        appointment_calendar(appointment, method="PUBLISH"),
        content_type="text/calendar; charset=utf-8; method=PUBLISH",
    )
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


def shown_again(request, appointment, *, refusal):
    """Show the appointment as it is now, with the sentence."""
    found = own_appointment(request, appointment)
    return show_appointment(request, found, care_doors(found), refusal=refusal)


def other_times_again(request, appointment, *, refusal):
    """Show the free times afresh, or the appointment when it can no longer be moved."""
    found = own_appointment(request, appointment)
    doors = care_doors(found)
    if refusal.code in presenters.REFUSALS_OF_A_TIME:
        return show_other_times(request, found, doors, refusal=refusal)
    return show_appointment(request, found, doors, refusal=refusal)


def redirect_to_answer(offered):
    """Lead from an offered time to the page where it can be taken."""
    if offered.request_id:
        return redirect("bookings:request", asked=offered.request.public_id)
    return redirect("bookings:waiting_entry", entry=offered.waiting_entry.public_id)


@require_safe
def appointment(request, appointment):
    """Show one of the person's appointments."""
    found = own_appointment(request, appointment)
    if found.state == AppointmentState.OFFERED:
        return redirect_to_answer(found)
    return show_appointment(request, found, care_doors(found))


@form_page
@refusals_show(other_times_again)
def move_appointment(request, appointment):
    """Choose another time of the same offer."""
    found = own_appointment(request, appointment)
    doors = care_doors(found)
    if request.method == "POST":
        return move(request, found, doors, by=request.user)
    if not appointment_context(found, doors)["can_change"]:
        return redirect(doors.page)
    return show_other_times(request, found, doors)


@form_page
@refusals_show(shown_again)
def cancel_appointment(request, appointment):
    """Cancel one of the person's appointments."""
    found = own_appointment(request, appointment)
    doors = care_doors(found)
    if request.method != "POST" and not appointment_context(found, doors)["can_change"]:
        return redirect(doors.page)
    return cancel(request, found, doors, by=request.user)


@require_safe
def calendar_file(request, appointment):
    return calendar_answer(own_appointment(request, appointment))
