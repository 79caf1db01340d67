"""An officer asks about one member of their own insurer and reads the answer."""

import datetime as dt

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from medtour.answers import found_or_404, refusals_show, render_form, see_other_address
from medtour.lib import clock
from payments.access import checks_for_officer, hospitals_for_officer
from payments.forms.portal_checks import CoverForm
from payments.insurance_questions import Question
from payments.models import AskedThrough
from payments.presenters import portal_checks
from payments.selectors.insurance.categories import categories_of
from payments.services.insurance.asking import ask_insurer
from payments.views.portal.gate import officer_required
from payments.views.terms import form_page

MORNING = dt.timedelta(hours=9)


def form_of(request, officer):
    return CoverForm(
        request.POST if request.method == "POST" else None,
        hospitals=hospitals_for_officer(officer).order_by("slug"),
        categories=categories_of(officer.insurer),
    )


def context_of(officer, **more):
    return {"officer": officer, "here": "check", "refusal": None, **more}


def question_of(officer, cleaned):
    hospital = cleaned["hospital"]
    return Question(
        insurer=officer.insurer,
        hospital=hospital,
        member_number=cleaned["number"],
        date_of_birth=cleaned["born"],
        service_start=clock.at_or_after_wall_time(
            cleaned["service_on"], MORNING, hospital.time_zone
        ),
        category=cleaned["category"],
        setting=cleaned["setting"],
        procedure_code=cleaned["procedure_code"],
        amount=cleaned["amount"],
        emergency=cleaned["emergency"],
    )


def ask_again(request, officer, *, refusal):
    context = context_of(officer, form=form_of(request, officer), refusal=refusal)
    return render(request, "payments/portal/check.html", context)


@form_page
@officer_required
@refusals_show(ask_again)
def check_cover(request, officer):
    """Ask about one member; only members of the officer's own insurer can be found."""
    form = form_of(request, officer)
    if not form.is_valid():
        return render_form(request, "payments/portal/check.html", context_of(officer, form=form))
    question = question_of(officer, form.cleaned_data)
    check = ask_insurer(question, through=AskedThrough.PORTAL, by=request.user)
    return see_other_address(reverse("payments:cover_answer", args=[check.public_id]))


@require_safe
@officer_required
def cover_answer(request, officer, check):
    """Show the answer with its sums and reasons, never which detail was wrong."""
    checks_ = checks_for_officer(officer).select_related("hospital")
    found = found_or_404(checks_, public_id=check)
    answer = portal_checks.cover_answer(found)
    context = context_of(officer, check=found, answer=answer, hospital=found.hospital)
    return render(request, "payments/portal/check_answer.html", context)
