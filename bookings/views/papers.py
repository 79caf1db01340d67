"""Papers as PDF: the voucher, the instructions, the letters; each opening is written down.

Nothing is typeset inside a transaction, and nothing of a paper is stored on its way.
"""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from accounts.services import audit
from bookings.access import appointments_for, cases_for
from bookings.links import sign_voucher, voucher_from_token
from bookings.papers.after import discharge_paper, hand_back_paper
from bookings.papers.instructions import has_instructions, instructions_paper
from bookings.papers.invitation import invitation_paper
from bookings.papers.voucher import CHINESE, voucher_paper
from bookings.selectors.hand_backs import contents_in, letters_for
from bookings.selectors.invitations import invitations_for
from bookings.selectors.papers import papered_again, with_papers
from bookings.views.linked import by_link, keep_private
from medtour.answers import asked_language, found_or_404, paper_to_save
from medtour.lib import clock, papers


def note_opening(request, row, *, case):
    """Write down who opened which paper of whom (PR-07)."""
    audit.record(
        by=request.user if request.user.is_authenticated else None,
        action="paper.open",
        target=f"{row._meta.label_lower}:{row.public_id}",
        patient_public_id=case.patient.public_id,
        hospital_slug=case.hospital.slug,
    )


def paper_answer(kind, data, language, *, at):
    """Set a paper and hand it out, to be saved."""
    body = papers.pdf(kind, data, language=language, at=at)
    return paper_to_save(kind, body, number=data["number"])


def papered(request, public_id):
    return found_or_404(with_papers(appointments_for(request.user)), public_id=public_id)


def check_address(appointment):
    """Return where the square code leads: staff in China read it, so it is in Chinese."""
    with translation.override(CHINESE):
        path = reverse("bookings:voucher_check", args=[sign_voucher(appointment)])
    return settings.SITE_URL.rstrip("/") + path


def voucher_answer(appointment, language, *, is_named):
    url = check_address(appointment)
    data = voucher_paper(appointment, language, check_url=url, is_named=is_named)
    return paper_answer("voucher", data, language, at=clock.now())


@require_safe
def voucher(request, appointment):
    """Send the voucher of an own appointment; `?language=` asks for another language."""
    found = papered(request, appointment)
    note_opening(request, found, case=found.kept_case)
    return voucher_answer(found, asked_language(request), is_named=True)


@require_safe
def instructions(request, appointment):
    """Send what to do before the visit, where the hospital said it."""
    found = papered(request, appointment)
    if not has_instructions(found.slot.offer):
        raise Http404
    note_opening(request, found, case=found.kept_case)
    language = asked_language(request)
    data = instructions_paper(found, language)
    return paper_answer("instructions", data, language, at=clock.now())


@require_safe
@by_link
def linked_voucher(request, found, doors):
    """Send the voucher behind the link of a message, without the name."""
    row = papered_again(found)
    if row is None:
        raise Http404
    note_opening(request, row, case=row.kept_case)
    return voucher_answer(row, asked_language(request), is_named=False)


@require_safe
@login_not_required
def voucher_check(request, token):
    """Tell whoever scans a voucher whether it still holds: no name, nothing about health."""
    checked = voucher_from_token(token)
    status = 200 if checked else 404
    context = {"checked": checked}
    return keep_private(render(request, "bookings/voucher_check.html", context, status=status))


@require_safe
def invitation(request, case):
    """Send the newest invitation letter of an own case that still counts."""
    letter = found_or_404(invitations_for(request.user), case__public_id=case)
    note_opening(request, letter, case=letter.case)
    language = asked_language(request)
    data = invitation_paper(letter, language)
    return paper_answer("invitation", data, language, at=letter.issued_at)


@require_safe
def discharge_pdf(request, case):
    """Send the newest papers of an own case."""
    letter, language = newest_of(request, case), asked_language(request)
    said = contents_in(letter, language)
    note_opening(request, letter.discharge, case=letter.discharge.case)
    data = discharge_paper(said, language)
    return paper_answer("discharge", data, language, at=said.recorded_at)


@require_safe
def hand_back_pdf(request, case):
    """Send the letter for the home doctor to the patient, once the hospital has given it."""
    letter = newest_of(request, case)
    if letter.given_at is None:
        raise Http404
    note_opening(request, letter, case=letter.discharge.case)
    return letter_answer(letter, asked_language(request))


def newest_of(request, case):
    return found_or_404(letters_for(cases_for(request.user)), discharge__case__public_id=case)


def letter_answer(letter, language):
    said = contents_in(letter, language)
    data = hand_back_paper(said, language)
    return paper_answer("hand_back", data, language, at=said.recorded_at)
