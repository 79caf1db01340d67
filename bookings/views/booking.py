"""Checking the answers and booking: the only page whose button makes an appointment."""

import datetime as dt

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import patients_for
from accounts.models.consent import Purpose
from accounts.services.consents import GivenConsent
from accounts.services.patients import PatientDetails, save_patient
from bookings import presenters
from bookings.access import appointments_for
from bookings.selectors.care import with_place
from bookings.services.appointments import confirm_hold
from bookings.transitions import AppointmentState
from bookings.views.answers import add_answers, answers_of, forget_answers
from bookings.views.details import form_page, hold_context, live_consents
from bookings.views.holding import hold_ended, is_booked, is_live, live_hold, visitors_hold
from bookings.views.offers import check_payable
from bookings.views.pages import found_or_404, see_other
from hospitals.selectors.priced_offer import prices_of
from medtour.answers import refusals_show
from payments.presenters.refunds import preview_steps
from payments.selectors.deposit_rule import deposit_rule
from payments.selectors.insurance.estimates import estimate_of
from payments.selectors.refund_preview import refund_preview


def step_missing(request, hold, answers):
    """Return the name of the first step that is not done yet, or nothing."""
    if not (answers.get("patient") or answers.get("person")):
        return "details"
    given = {(each["purpose"], each["recipient"]) for each in answers.get("consents") or ()}
    needed = {(Purpose.HOSPITAL_TRANSFER.value, hold.hospital.slug)}
    if answers.get("notes"):
        needed.add((Purpose.HEALTH_DATA.value, ""))
    noted = answers.get("consents") is not None
    if not noted or not needed <= given | live_consents(request, answers):
        return "notes"
    return "" if request.user.is_authenticated else "account_step"


def check_again(request, hold, *, refusal):
    """Show the same page with the sentence, or where a finished or lapsed hold leads."""
    found = visitors_hold(request, hold)
    if not is_live(found) or step_missing(request, found, answers_of(request, found)):
        return hold_ended(request, hold, refusal=refusal)
    return render_check(request, found, refusal=refusal)


@login_not_required
@form_page
@refusals_show(check_again)
def check(request, hold):
    """Show all answers once more; the POST books."""
    found = visitors_hold(request, hold)
    if is_booked(found):
        return see_other("confirmed", hold=hold)
    found = live_hold(request, hold)
    answers = answers_of(request, found)
    missing = step_missing(request, found, answers)
    if missing:
        return see_other(missing, hold=hold)
    if request.method != "POST":
        return render_check(request, found)
    book(request, found, answers)
    return see_other("confirmed", hold=hold)


def book(request, hold, answers):
    """Save the person, then turn the hold into an appointment."""
    check_payable(hold.slot.offer)
    patient = person_of(request, hold, answers)
    add_answers(request, hold, patient=patient.public_id, person=None)
    confirm_hold(hold, by=request.user, patient=patient, consents=given_consents(answers))
    forget_answers(request)


def given_consents(answers):
    return tuple(GivenConsent(**each) for each in answers["consents"])


def person_of(request, hold, answers):
    """Return the chosen saved person, or save the one typed in; typing twice saves once."""
    own = patients_for(request.user)
    if answers.get("patient"):
        return found_or_404(own, public_id=answers["patient"])
    person = person_details(answers["person"], hold.language)
    same = own.filter(
        relation=person.relation,
        passport_name=person.passport_name,
        date_of_birth=person.date_of_birth,
    )
    return save_patient(person, by=request.user, patient=same.first())


def person_details(person, language):
    born = person["date_of_birth"]
    return PatientDetails(
        **person | {"date_of_birth": dt.date.fromisoformat(born) if born else None},
        language=language,
    )


def render_check(request, hold, *, refusal=None):
    answers = answers_of(request, hold)
    if answers.get("patient"):
        person = found_or_404(patients_for(request.user), public_id=answers["patient"])
    else:
        person = person_details(answers["person"], hold.language)
    lines = prices_of(hold.slot.offer)
    context = hold_context(
        hold,
        person=person,
        notes=answers.get("notes", ""),
        rule=presenters.change_rule(hold),
        price_lines=lines,
        deposit=deposit_rule(hold.slot.offer, lines),
        can_insure=estimate_of(lines) is not None,
        refusal=refusal,
    )
    return render(request, "bookings/check.html", context)


@require_safe
def confirmed(request, hold):
    """Say that the appointment stands; one that waits for a deposit leads to its payment."""
    appointment = found_or_404(with_place(appointments_for(request.user)), public_id=hold)
    if not is_booked(appointment):
        return redirect("bookings:details", hold=hold)
    if appointment.state == AppointmentState.AWAITING_PAYMENT:
        return redirect("payments:deposit", appointment=hold)
    if appointment.state == AppointmentState.AWAITING_GUARANTEE:
        return redirect("bookings:appointment", appointment=hold)
    context = {
        "appointment": appointment,
        "offer": appointment.slot.offer,
        "hospital": appointment.hospital,
        "rule": presenters.change_rule(appointment),
        "ladder": preview_steps(refund_preview(appointment)),
    }
    return render(request, "bookings/confirmed.html", context)
