"""A guarantee in My care: where it stands, answering the insurer's question, paying alone."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models.consent import Purpose
from accounts.services.consents import GivenConsent, give_consents
from accounts.services.documents import store_document
from medtour.answers import found_or_404, refusals_show, render_form, see_other_address
from medtour.lib import clock
from payments.access import guarantees_for
from payments.forms.guarantees import AGREE_HEALTH, AnswerForm, PapersForm, PayAloneForm
from payments.presenters.guarantees import guarantee_page
from payments.selectors.insurance.guarantees import disclosures_of, for_page
from payments.services.insurance import guarantee_moves
from payments.services.insurance.self_pay import pay_without_insurer
from payments.transitions import OPEN_GUARANTEE
from payments.views.terms import form_page


def own_guarantee(request, public_id):
    return found_or_404(for_page(guarantees_for(request.user)), public_id=public_id)


def page_of(guarantee):
    return reverse("payments:guarantee", args=[guarantee.public_id])


def context_of(guarantee, **more):
    page = guarantee_page(guarantee, disclosures=disclosures_of(guarantee), now=clock.now())
    return {
        "guarantee": guarantee,
        "page": page,
        "hospital": guarantee.hospital,
        "appointment": guarantee.appointment,
        "refusal": None,
        **more,
    }


def lacks_agreement(guarantee):
    """Tell whether the hospital may not add a document to an open request."""
    return guarantee.state in OPEN_GUARANTEE and not guarantee.may_take_papers


def show_guarantee(request, guarantee, *, refusal=None, form=None):
    found = own_guarantee(request, guarantee)
    form = form or (PapersForm() if lacks_agreement(found) else None)
    context = context_of(found, refusal=refusal, papers_form=form)
    status = 422 if form is not None and form.errors else 200
    return render(request, "payments/guarantee.html", context, status=status)


@form_page
def agree_papers(request, guarantee):
    """Let the hospital keep the documents of this request; without it nothing can be added."""
    found = own_guarantee(request, guarantee)
    if request.method == "POST" and lacks_agreement(found):
        form = PapersForm(request.POST)
        if not form.is_valid():
            return show_guarantee(request, guarantee, form=form)
        give_consents(found.case.patient, [form.given()])
        messages.success(request, _("The hospital can add the documents now."))
    return see_other_address(page_of(found))


@require_safe
def guarantee(request, guarantee):
    """Show the state in plain words, both clocks, what happens next, and what was passed on."""
    return show_guarantee(request, guarantee)


def answer_form(request, found):
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    return AnswerForm(
        *sent,
        initial={"row_version": found.row_version},
        asks_agreement=not found.may_take_papers,
    )


def answer_again(request, guarantee, *, refusal):
    """Show the form with what was typed; one that takes no answer any more only shows itself."""
    found = own_guarantee(request, guarantee)
    if not context_of(found)["page"].can_answer:
        return show_guarantee(request, guarantee, refusal=refusal)
    form = answer_form(request, found)
    context = context_of(found, form=form, refusal=refusal)
    return render(request, "payments/guarantee_answer.html", context)


@form_page
@refusals_show(answer_again)
def answer_question(request, guarantee):
    """Answer the insurer's question, with a file if there is one."""
    found = own_guarantee(request, guarantee)
    form = answer_form(request, found)
    if not form.is_valid():
        if not context_of(found)["page"].can_answer:
            return redirect(page_of(found))
        return render_form(request, "payments/guarantee_answer.html", context_of(found, form=form))
    seen = form.cleaned_data["row_version"]
    guarantee_moves.check_answerable(found, row_version=seen)
    guarantee_moves.answer_question(
        found,
        answer=form.cleaned_data["answer"],
        documents=uploaded(request, found, form.cleaned_data),
        by=request.user,
        row_version=seen,
    )
    messages.success(request, _("Your answer is with the insurer."))
    return see_other_address(page_of(found))


def uploaded(request, guarantee, cleaned):
    """Keep the file, with the agreement to keep it, and return it with its kind."""
    upload, patient = cleaned.get("upload"), guarantee.case.patient
    if not upload:
        return []
    if cleaned.get("agree"):
        agreed = GivenConsent(Purpose.HEALTH_DATA, "", str(AGREE_HEALTH), get_language() or "en")
        give_consents(patient, [agreed])
    document = store_document(patient, by=request.user, name=upload.name, upload=upload)
    return [(document, cleaned["kind"])]


@form_page
@refusals_show(show_guarantee)
def pay_alone(request, guarantee):
    """Ask once more, then let the patient pay without the insurer."""
    found = own_guarantee(request, guarantee)
    if found.appointment is None:
        raise Http404
    form = PayAloneForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        if not context_of(found)["page"].can_choose:
            return redirect(page_of(found))
        return render_form(
            request, "payments/guarantee_pay_alone.html", context_of(found, form=form)
        )
    released = pay_without_insurer(found.appointment, by=request.user)
    return see_other_address(reverse("bookings:appointment", args=[released.public_id]))
