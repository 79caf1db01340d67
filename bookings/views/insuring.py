"""From the page of answers to the insurer and back: who is meant, and booking by the answer."""

from urllib.parse import urlencode

from django.urls import reverse

from bookings.views.answers import add_answers, answers_of, forget_answers
from bookings.views.booking import check_again, given_consents, person_of, step_missing
from bookings.views.holding import live_hold
from bookings.views.pages import found_or_404, posts_only, see_other
from medtour.answers import refusals_show, see_other_address
from payments.access import checks_for
from payments.forms.guarantees import PapersForm
from payments.services.insurance.patient_questions import book_by_answer


@posts_only("check")
@refusals_show(check_again)
def use_insurance(request, hold):
    """Save the person of the booking and lead to the insurance of this offer."""
    found = live_hold(request, hold)
    answers = answers_of(request, found)
    if missing := step_missing(request, found, answers):
        return see_other(missing, hold=hold)
    patient = person_of(request, found, answers)
    add_answers(request, found, patient=patient.public_id, person=None)
    address = reverse("payments:insurance", args=[found.slot.offer.public_id])
    return see_other_address(f"{address}?{urlencode({'hold': hold})}")


def agreed_papers(request):
    """Return the agreement to keep documents, when it was ticked beside the button."""
    form = PapersForm(request.POST)
    return [form.given()] if form.is_valid() else []


@posts_only("check")
@refusals_show(check_again)
def book_insured(request, hold):
    """Book by an insurer's answer: direct pay at once, or kept until the insurer decides."""
    found = live_hold(request, hold)
    answers = answers_of(request, found)
    if missing := step_missing(request, found, answers):
        return see_other(missing, hold=hold)
    check = found_or_404(checks_for(request.user), public_id=request.POST.get("answer", ""))
    patient = person_of(request, found, answers)
    consents = [*given_consents(answers), *agreed_papers(request)]
    book_by_answer(found, check, by=request.user, patient=patient, consents=consents)
    forget_answers(request)
    return see_other("confirmed", hold=hold)
