"""The waiting list of an offer whose times are full."""

from django.db import transaction
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import patients_for
from accounts.services.consents import give_consents
from bookings import presenters
from bookings.access import waiting_entries_for
from bookings.forms.wishes import WaitingForm
from bookings.services import appointments, waiting
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
from medtour.answers import refusals_show
from payments.selectors.payees import is_payable


def waiting_form(request, offer, patients):
    return WaitingForm(
        request.POST if request.method == "POST" else None,
        offer=offer,
        patients=patients,
        live=live_consents_of(request.user),
        languages=presenters.language_choices(offer.languages),
    )


def join_again(request, offer, *, refusal):
    offer = offer_or_404(offer)
    form = waiting_form(request, offer, list(patients_for(request.user)))
    return render_form(
        request, "bookings/join_waiting_list.html", wish_context(offer, form, refusal)
    )


@form_page
@refusals_show(join_again)
def join_waiting_list(request, offer):
    """Stand in line for the days that suit; places are offered in order."""
    offer = offer_or_404(offer)
    if not is_payable(offer):
        return deposit_not_taken(request, offer)
    patients = list(patients_for(request.user))
    if not patients:
        return add_person_first(request)
    form = waiting_form(request, offer, patients)
    if request.method != "POST" or not form.is_valid():
        return render_form(request, "bookings/join_waiting_list.html", wish_context(offer, form))
    patient = form.patient()
    with transaction.atomic():
        entry = waiting.join_waiting_list(offer, patient=patient, by=request.user, **form.wish())
        give_consents(patient, form.given())
    return see_other("waiting_entry", entry=entry.public_id)


def own_entry(request, public_id):
    entries = waiting_entries_for(request.user).select_related(
        "offer__treatment", "offer__hospital__city", "patient"
    )
    return found_or_404(entries, public_id=public_id)


def show_entry(request, entry, *, refusal=None):
    found = own_entry(request, entry)
    offered = presenters.times_on_offer(found)
    context = {
        "entry": found,
        "offer": found.offer,
        "hospital": found.offer.hospital,
        "offered": offered[0] if offered else None,
        "agreement": agreement_to_renew(request, found.patient, found.offer.hospital),
        "refusal": refusal,
    }
    return render(request, "bookings/waiting_entry.html", context)


@require_safe
def waiting_entry(request, entry):
    """Show where a person stands and the place on offer, if there is one."""
    return show_entry(request, entry)


@posts_only("waiting_entry")
@refusals_show(show_entry)
def accept_place(request, entry):
    """Take the place on offer."""
    found = own_entry(request, entry)
    chosen = found_or_404(found.offered_appointments, public_id=request.POST.get("time", ""))
    check_payable(found.offer)
    consents = agreed_again(request, found.patient, found.offer.hospital)
    appointments.accept_place(chosen, by=request.user, consents=consents)
    return see_other("confirmed", hold=chosen.public_id)


@posts_only("waiting_entry")
@refusals_show(show_entry)
def leave_waiting_list(request, entry):
    waiting.leave_waiting_list(own_entry(request, entry), by=request.user)
    return see_other("waiting_entry", entry=entry)
