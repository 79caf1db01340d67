from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from bookings.selectors.availability import next_openings, openings_beside
from hospitals import structured_data
from hospitals.models.treatment import BookingMode
from hospitals.presenters import facts
from hospitals.presenters.search import offer_action
from hospitals.selectors import pages
from hospitals.selectors.cards_of import cards_of
from hospitals.views.openings import with_openings
from medtour.lib import clock
from medtour.templatetags.show import page_language
from payments.presenters.accuracy import accuracy_shown
from payments.presenters.terms import undated_ladder
from payments.selectors.accuracy import quote_accuracy
from payments.selectors.deposit_rule import deposit_rule
from payments.selectors.payees import is_payable


@login_not_required
@require_safe
def hospital(request, slug):
    hospital = get_object_or_404(pages.hospitals_for_page(), slug=slug)
    cards = with_openings(cards_of(page_language(), openings_beside(), hospital=slug))
    context = {
        "hospital": hospital,
        "page_title": hospital.name,
        "page_description": facts.hospital_in_a_sentence(hospital),
        "cards": cards,
        "first": next((card for card in cards if card.card.mode != "case"), None),
        "has_times": any(card.card.mode == "instant" for card in cards),
        "languages_basis": facts.without_addresses(hospital.languages_basis),
        "now": clock.now(),
        "structured_data": structured_data.hospital(hospital, request),
    }
    return render(request, "hospitals/hospital.html", context)


@login_not_required
@require_safe
def treatment_list(request):
    groups = [
        (specialty, [(row, facts.reported_low(row)) for row in specialty.treatments.all()])
        for specialty in pages.specialties_with_treatments()
    ]
    context = {"groups": groups}
    return render(request, "hospitals/treatment_list.html", context)


@login_not_required
@require_safe
def treatment(request, slug):
    treatment = get_object_or_404(pages.treatments_for_page(), slug=slug)
    evidence = facts.evidence_of(treatment)
    context = {
        "treatment": treatment,
        "page_title": treatment.name,
        "page_description": treatment.summary,
        "evidence": evidence,
        "reported": evidence and facts.reported_price(evidence),
        "timing": facts.timing(treatment),
        "warnings": facts.warnings(treatment.flags),
        "abroad": [
            facts.price_abroad(row)
            for row in treatment.price_benchmarks.all()
            if row.amount_minor is not None or row.low_minor is not None
        ],
        "cards": with_openings(cards_of(page_language(), openings_beside(), treatment=slug)),
        "structured_data": structured_data.treatment(treatment, request),
    }
    return render(request, "hospitals/treatment.html", context)


def accuracy_of(offer):
    """Return how exact quotes for this were; what is booked at once needs no quote."""
    if offer.booking_mode == BookingMode.INSTANT:
        return None
    return accuracy_shown(quote_accuracy(offer.hospital, offer.treatment))


@login_not_required
@require_safe
def offer(request, public_id):
    offer = get_object_or_404(pages.offers_for_page(), public_id=public_id)
    action, address = offer_action(offer.booking_mode, offer.public_id)
    deposit = deposit_rule(offer, offer.lines_today)
    context = {
        "offer": offer,
        "opening": next_openings([offer.pk]).get(offer.pk),
        "action": action,
        "address": address,
        "lines": offer.lines_today,
        "deposit": deposit,
        "is_payable": is_payable(offer),
        "ladder": undated_ladder(offer, deposit.amount) if deposit and deposit.amount else [],
        "accuracy": accuracy_of(offer),
        "texts": facts.offer_texts(offer),
        "instead": offer.booking_mode == "case"
        and pages.first_consultation(offer.hospital, leave_out=offer),
    }
    return render(request, "hospitals/offer.html", context)


@login_not_required
@require_safe
def doctor(request, public_id):
    doctor = get_object_or_404(pages.doctors_for_page(), public_id=public_id)
    return render(request, "hospitals/doctor.html", {"doctor": doctor})
