"""Asking a hospital for dates, and answering the times that it offers."""

import secrets

from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import patients_for
from bookings import presenters
from bookings.access import requests_for
from bookings.forms.wishes import AskForDatesForm
from bookings.history_words import history_lines
from bookings.services import windows
from bookings.views.appointments import form_page
from bookings.views.offers import check_payable, deposit_not_taken, offer_or_404
from bookings.views.pages import found_or_404, posts_only, render_form, see_other
from bookings.views.wishes import (
    add_person_first,
    agreed_again,
    agreement_to_renew,
    live_consents_of,
    wish_context,
)
from hospitals.models.treatment import BookingMode
from medtour.answers import refusals_show
from payments.selectors.payees import is_payable


def new_form_key():
    return secrets.token_urlsafe(18)


def ask_again(request, offer, *, refusal):
    """Show the same answers with a fresh key: the refused one may stand for another request."""
    offer = offer_or_404(offer)
    form = ask_form(request, offer, list(patients_for(request.user)))
    form.data = form.data.copy()
    form.data["idempotency_key"] = new_form_key()
    return render_form(request, "bookings/ask_for_dates.html", wish_context(offer, form, refusal))


def ask_form(request, offer, patients):
    return AskForDatesForm(
        request.POST if request.method == "POST" else None,
        offer=offer,
        patients=patients,
        live=live_consents_of(request.user),
        languages=presenters.language_choices(offer.languages),
        initial={"idempotency_key": new_form_key()},
    )


@form_page
@refusals_show(ask_again)
def ask_for_dates(request, offer):
    """Send the hospital a window of days; it answers with times before a deadline."""
    offer = offer_or_404(offer)
    if offer.booking_mode == BookingMode.CASE:
        return redirect("hospitals:offer", offer.public_id)
    if not is_payable(offer):
        return deposit_not_taken(request, offer)
    patients = list(patients_for(request.user))
    if not patients:
        return add_person_first(request)
    form = ask_form(request, offer, patients)
    if request.method != "POST" or not form.is_valid():
        return render_form(request, "bookings/ask_for_dates.html", wish_context(offer, form))
    asked = windows.ask_for_dates(
        windows.DateWish(offer=offer, **form.wish()),
        by=request.user,
        patient=form.patient(),
        consents=form.given(),
        idempotency_key=form.cleaned_data["idempotency_key"],
    )
    return see_other("request", asked=asked.public_id)


def own_request(request, public_id):
    requests = requests_for(request.user).select_related(
        "offer__treatment", "offer__hospital__city", "case__patient"
    )
    return found_or_404(requests, public_id=public_id)


def show_request(request, asked, *, refusal=None):
    found = own_request(request, asked)
    offered = presenters.times_on_offer(found)
    context = {
        "asked": found,
        "offer": found.offer,
        "hospital": found.offer.hospital,
        "offered": offered,
        "agreement": agreement_to_renew(request, found.case.patient, found.offer.hospital),
        "history": history_lines(found.events.all()),
        "refusal": refusal,
        "ask_url": reverse("bookings:ask_for_dates", args=[found.offer.public_id]),
    }
    return render(request, "bookings/request.html", context)


@require_safe
def window_request(request, asked):
    """Show a request for dates and the times that are on offer."""
    return show_request(request, asked)


@posts_only("request")
@refusals_show(show_request)
def accept_time(request, asked):
    """Take one of the offered times; the others are freed."""
    found = own_request(request, asked)
    chosen = found_or_404(found.offered_appointments, public_id=request.POST.get("time", ""))
    check_payable(found.offer)
    consents = agreed_again(request, found.case.patient, found.offer.hospital)
    windows.accept_time(chosen, by=request.user, consents=consents)
    return see_other("confirmed", hold=chosen.public_id)


@posts_only("request")
@refusals_show(show_request)
def decline_times(request, asked):
    """None of the times suits: the hospital is asked again."""
    windows.decline_times(own_request(request, asked), by=request.user)
    return see_other("request", asked=asked)


@posts_only("request")
@refusals_show(show_request)
def withdraw_request(request, asked):
    windows.withdraw_request(own_request(request, asked), by=request.user)
    return see_other("request", asked=asked)
