"""My care: everything of one account, and one case with its history."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.history_words import history_lines
from bookings.selectors.care import care_page, cases_of
from bookings.selectors.records import open_request, sent_files
from bookings.selectors.recovery import recoveries
from bookings.transitions import CaseState
from bookings.views.pages import found_or_404
from payments.selectors.insurance.guarantees import guarantees_of_case
from payments.selectors.quotes import quotes_waiting, versions_of

AFTER_TREATMENT = (
    CaseState.IN_TREATMENT,
    CaseState.DISCHARGED,
    CaseState.IN_FOLLOW_UP,
    CaseState.CLOSED,
)


@require_safe
def care(request):
    """Show the next step, what lies ahead, what waits, and what is past."""
    context = {
        "page": care_page(request.user),
        "quotes_waiting": quotes_waiting(request.user),
        "recoveries": recoveries(request.user),
    }
    return render(request, "bookings/care.html", context)


@require_safe
def case(request, case):
    """Show one case: its state, appointments and history."""
    found = found_or_404(cases_of(request.user), public_id=case)
    context = {
        "case": found,
        "hospital": found.hospital,
        "appointments": list(found.appointments.all()),
        "quotes": versions_of(found),
        "guarantees": guarantees_of_case(found),
        "records": open_request(found),
        "has_sent_files": sent_files(found).exists(),
        "after_treatment": AFTER_TREATMENT,
        "history": history_lines(found.events.all()),
    }
    return render(request, "bookings/case.html", context)
