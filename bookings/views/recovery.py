"""The recovery page in My care, and the letter that a home doctor opens with a code."""

import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.services import audit
from accounts.visitors import address_mark
from bookings.forms.follow_up import LetterCodeForm
from bookings.links import hand_back_from_token, sign_hand_back
from bookings.selectors.care_packages import package_of
from bookings.selectors.follow_ups import emergency_numbers_of
from bookings.selectors.hand_backs import hand_back_contents, replaced_by
from bookings.selectors.recovery import recovery_cases, recovery_of
from bookings.services.doors import try_door
from bookings.services.hand_backs import note_opened
from bookings.views.appointments import form_page
from bookings.views.linked import keep_private
from bookings.views.pages import found_or_404, render_form
from bookings.views.papers import letter_answer


@require_safe
def recovery(request, case):
    """Show the papers, the own curve, what is asked next and what the plan expects."""
    found = found_or_404(recovery_cases(request.user), public_id=case)
    page = recovery_of(found)
    context = {
        "case": found,
        "hospital": found.hospital,
        "page": page,
        "discharge": page.discharge,
        "numbers": emergency_numbers_of(found.patient),
        "package": package_of(found),
        "letter_url": letter_address(page.hand_back),
    }
    return render(request, "bookings/recovery.html", context)


def letter_address(letter):
    """Return the link for the home doctor, in the language of the letter."""
    if letter is None:
        return ""
    with translation.override(letter.language):
        path = reverse("bookings:linked_hand_back", args=[sign_hand_back(letter)])
    return settings.SITE_URL.rstrip("/") + path


@form_page
@login_not_required
def linked_hand_back(request, ticket):
    """Show the letter to whoever has both the link and the code; every opening is audited."""
    form = LetterCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        letter = hand_back_from_token(ticket)
        if try_door(letter, is_right=coded(form), address_mark=address_mark(request)):
            return keep_private(open_letter(request, letter, code=form.cleaned_data["code"]))
        form.add_error(
            None,
            _(
                "This does not open the letter. Check the code, and use the newest link. "
                "After several tries the link stays shut for an hour."
            ),
        )
    return keep_private(render_form(request, "bookings/hand_back_door.html", {"form": form}))


def coded(form):
    return lambda letter: hmac.compare_digest(letter.code, form.cleaned_data["code"])


def open_letter(request, letter, *, code):
    """Show the letter, or hand it out as a paper; of an old one only that it was replaced."""
    case = letter.discharge.case
    newest = replaced_by(letter)
    if newest is None:
        note_opened(letter)
    audit.record(
        by=None,
        action="hand_back.open_replaced" if newest else "hand_back.open",
        target=f"bookings.handback:{letter.public_id}",
        patient_public_id=case.patient.public_id,
        hospital_slug=case.hospital.slug,
    )
    if newest:
        context = {"replaced_at": newest.recorded_at, "contact": newest.contact}
        return render(request, "bookings/hand_back_replaced.html", context)
    if "paper" in request.POST:
        return letter_answer(letter, get_language() or letter.language)
    context = {"letter": hand_back_contents(letter), "hospital": case.hospital, "code": code}
    return render(request, "bookings/hand_back.html", context)
