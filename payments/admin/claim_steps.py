"""The one-act pages of a claim: what each says, what is filled in and which service does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.services.documents import store_document
from bookings.admin.steps import Step, change_page, posted, run_step
from medtour.templatetags.show import money_text
from payments.admin import claim_forms as forms
from payments.services.insurance import appeals, claim_decisions, claims, remittances


@dataclass(frozen=True, slots=True)
class ClaimStep:
    """One act: its words, its form, and what it does with the form and the claim."""

    title: Promise
    explanation: Promise
    button: Promise
    form: type[Any]
    perform: Callable[[Any, Any, Any], None]
    said: Promise


def claim_step(model_admin, request, object_id, act):
    """Show a claim's act, or perform it for somebody who may."""
    claim = model_admin.own_row(request, object_id)
    given = (posted(request), request.FILES or None)
    if act is DOCUMENT:
        patient = claim.bill.quote.case.patient
        form = act.form(*given, documents=patient.documents.filter(deleted_at=None))
    else:
        form = act.form(*given, claim=claim)

    def perform(_cleaned):
        act.perform(claim, form, request.user)
        return act.said

    step = Step(
        title=act.title,
        explanation=act.explanation,
        button=act.button,
        form=form,
        back=change_page(claim),
        facts=[
            (_("Claim"), claim.reference),
            (_("The insurer’s part"), money_text(claim.insurer_part)),
        ],
    )
    return run_step(model_admin, request, step, perform)


def _fapiao(claim, form, user):
    cleaned = form.cleaned_data
    claims.set_fapiao_number(
        claim, number=cleaned["number"], by=user, row_version=cleaned["version"]
    )


def _document(claim, form, user):
    cleaned = form.cleaned_data
    document, upload = cleaned["document"], cleaned["file"]
    if document is None:
        claims.check_takes_documents(claim)
        patient = claim.bill.quote.case.patient
        document = store_document(patient, by=user, name=upload.name, upload=upload)
    claims.add_document(claim, document=document, kind=cleaned["kind"], by=user)


def _send(claim, form, user):
    cleaned = form.cleaned_data
    claims.submit_claim(
        claim,
        by=user,
        row_version=cleaned["version"],
        despite_deadline=cleaned["despite_deadline"],
    )


def _decide(claim, form, user):
    cleaned = form.cleaned_data
    claim_decisions.adjudicate_claim(
        claim,
        decisions=form.decisions(),
        by=user,
        row_version=cleaned["version"],
        appeal_until=cleaned["appeal_until"],
    )


def _payment(claim, form, user):
    remittances.record_remittance(
        claim.insurer,
        hospital=claim.hospital,
        payment=form.payment(),
        parts=form.parts(),
        by=user,
    )


def _appeal(claim, form, user):
    cleaned = form.cleaned_data
    appeals.appeal_claim(
        claim,
        reason=cleaned["reason"],
        missing_documents=cleaned["missing_documents"],
        by=user,
        row_version=cleaned["version"],
    )


def _answer(claim, form, user):
    cleaned = form.cleaned_data
    appeals.answer_appeal(
        claim,
        answer=appeals.Answer(
            cleaned["answer"],
            decisions=form.decisions() if cleaned["agrees"] else (),
            appeal_until=cleaned["appeal_until"],
        ),
        by=user,
        row_version=cleaned["version"],
    )


def _close(claim, form, user):
    cleaned = form.cleaned_data
    claim_decisions.close_claim(
        claim,
        by=user,
        row_version=cleaned["version"],
        without_appeal=cleaned["without_appeal"],
    )


FAPIAO = ClaimStep(
    _("Number of the fapiao"),
    _("The insurer pays only against the hospital’s fapiao. Write its number as it is printed."),
    _("Save the number"),
    forms.FapiaoForm,
    _fapiao,
    _("Saved."),
)
DOCUMENT = ClaimStep(
    _("Add a document to the claim"),
    _("The insurer sees it with this claim. If the claim is sent already, they see it at once."),
    _("Add the document"),
    forms.DocumentForm,
    _document,
    _("Added."),
)
SEND = ClaimStep(
    _("Send this claim to the insurer"),
    _("From now on the insurer owes its part. The claim cannot be changed afterwards."),
    _("Send the claim"),
    forms.SendForm,
    _send,
    _("Sent. The insurer is told."),
)
DECIDE = ClaimStep(
    _("Note the insurer’s decision"),
    _("For an insurer that answers by post: write what it allows of each billed line."),
    _("Save the decision"),
    forms.DecisionForm,
    _decide,
    _("Saved. Now record what the insurer pays."),
)
PAYMENT = ClaimStep(
    _("Record what the insurer paid"),
    _("Write what the bank statement says, line by line. This cannot be undone."),
    _("Record the payment"),
    forms.PaymentForm,
    _payment,
    _("Recorded."),
)
APPEAL = ClaimStep(
    _("Appeal to the insurer"),
    _("Add first what the insurer said it lacked. Then say why the decision is wrong."),
    _("Send the appeal"),
    forms.AppealForm,
    _appeal,
    _("Sent. The insurer is told."),
)
ANSWER = ClaimStep(
    _("Note the answer to the appeal"),
    _("If the insurer does not agree, leave the lines as they are: nothing changes in them."),
    _("Save the answer"),
    forms.AnswerForm,
    _answer,
    _("Saved."),
)
CLOSE = ClaimStep(
    _("Close this claim"),
    _(
        "What the insurer did not pay for a reason of the patient’s policy is the patient’s again. "
        "Everything else the hospital bears."
    ),
    _("Close the claim"),
    forms.CloseForm,
    _close,
    _("Closed."),
)
