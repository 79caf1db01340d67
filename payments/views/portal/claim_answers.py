"""An officer's word on a claim: the decision line by line, a payment, the answer to an appeal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medtour.answers import refusals_show, render_form, see_other_address
from payments.claim_refusals import RemittanceRefused
from payments.forms.portal_claims import AppealForm, DecisionForm, PaymentForm
from payments.services.insurance import appeals, claim_decisions, remittances
from payments.views.portal.claims import context_of, own_claim, show_claim
from payments.views.portal.gate import decider_required
from payments.views.portal.repeats import answered_already, for_newest, was_sent_by
from payments.views.terms import form_page

TEMPLATE = "payments/portal/claim_answer.html"


@dataclass(frozen=True, slots=True)
class ClaimAct:
    """One act: its words and form, when it is open, what it does, and how it stands in history."""

    title: Promise
    lead: Promise
    button: Promise
    form: type[Any]
    is_open: Callable[[Any], bool]
    send: Callable[[Any, Any, Any], None]
    said: Promise
    noted: frozenset[str]


def form_of(request, claim, act):
    return act.form(request.POST if request.method == "POST" else None, claim=claim)


def context_for(officer, claim, act, form, refusal=None):
    return context_of(officer, claim, form=form, act=act, refusal=refusal)


def address_of(claim):
    return reverse("payments:insurer_claim", args=[claim.public_id])


def again(act):
    """Return the page for a refused act: the form as typed, or where the claim stands now."""

    def show(request, officer, claim, *, refusal):
        found = own_claim(officer, claim)
        context = context_for(officer, found, act, form_of(request, found, act), refusal)
        if act.is_open(context["page"]):
            form = context["form"]
            # The page shows the newest facts beside the refusal; sending again answers those.
            form.data = for_newest(form.data, found)
            if isinstance(refusal, RemittanceRefused) and form.is_valid():
                name_faults(form, refusal)
            return render(request, TEMPLATE, context)
        if was_sent_by(request.user, found, act.noted):
            return answered_already(request, address_of(found))
        return show_claim(request, officer, claim, refusal=refusal)

    return show


def name_faults(form, refusal):
    for fault in refusal.faults:
        form.add_error(None, fault.reason)


def answer_claim(request, officer, claim, act):
    """Show or take the form of one act."""
    found = own_claim(officer, claim)
    form = form_of(request, found, act)
    context = context_for(officer, found, act, form)
    if request.method != "POST" and not act.is_open(context["page"]):
        return redirect(address_of(found))
    if not form.is_valid():
        return render_form(request, TEMPLATE, context)
    act.send(found, form, request.user)
    messages.success(request, act.said)
    return see_other_address(address_of(found))


def send_decision(claim, form, user):
    claim_decisions.adjudicate_claim(
        claim,
        decisions=form.decisions(),
        by=user,
        row_version=form.cleaned_data["row_version"],
        appeal_until=form.appeal_until,
    )


def send_payment(claim, form, user):
    remittances.record_remittance(
        claim.insurer,
        hospital=claim.hospital,
        payment=form.payment(),
        parts=form.parts(),
        by=user,
    )


def send_appeal_answer(claim, form, user):
    cleaned = form.cleaned_data
    agrees = cleaned["agrees"] == "yes"
    answer = appeals.Answer(
        cleaned["answer"],
        decisions=form.decisions() if agrees else (),
        appeal_until=form.appeal_until,
    )
    appeals.answer_appeal(claim, answer=answer, by=user, row_version=cleaned["row_version"])


DECIDE = ClaimAct(
    _("Decide the claim"),
    _("Say for each billed line what you allow. What you do not allow needs a code and a reason."),
    _("Send the decision"),
    DecisionForm,
    lambda page: page.can_decide,
    send_decision,
    _("Your decision was sent to the hospital."),
    frozenset({"adjudicate", "denied", "short_paid"}),
)
PAY = ClaimAct(
    _("Say what you paid"),
    _("Write what one transfer pays of each line of this claim. This cannot be undone."),
    _("Record the payment"),
    PaymentForm,
    lambda page: page.can_pay,
    send_payment,
    _("Recorded. The hospital sees it now."),
    frozenset({"remit"}),
)
ANSWER = ClaimAct(
    _("Answer the appeal"),
    _("If you agree, decide every line again. What you have paid stays paid."),
    _("Send the answer"),
    AppealForm,
    lambda page: page.can_answer,
    send_appeal_answer,
    _("Your answer was sent to the hospital."),
    frozenset({"adjudicate", "uphold", "denied", "short_paid"}),
)


@form_page
@decider_required
@refusals_show(again(DECIDE))
def decide_claim(request, officer, claim):
    """Accept, cut or deny each line of a claim."""
    return answer_claim(request, officer, claim, DECIDE)


@form_page
@decider_required
@refusals_show(again(PAY))
def pay_claim(request, officer, claim):
    """Record one transfer for one claim."""
    return answer_claim(request, officer, claim, PAY)


@form_page
@decider_required
@refusals_show(again(ANSWER))
def answer_appeal(request, officer, claim):
    """Agree with an appeal and decide again, or leave the decision as it is."""
    return answer_claim(request, officer, claim, ANSWER)
