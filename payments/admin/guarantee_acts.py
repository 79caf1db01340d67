"""The pages of one act each on a guarantee at the desk."""

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.services.documents import store_document
from bookings.admin.steps import Step, change_page, posted, run_step
from medtour.answers import file_to_save
from medtour.lib import clock
from medtour.templatetags.show import money_text
from payments.admin import guarantee_forms as forms
from payments.services.insurance import guarantee_decisions as decisions
from payments.services.insurance import guarantee_drafts as drafts
from payments.services.insurance import guarantee_letters, guarantees
from payments.services.insurance import guarantee_moves as moves


def clock_of(guarantee, *, now):
    """Return how the running clock stands: amber after three quarters, red when it is over."""
    due_at = guarantee.clock_due_at
    if due_at is None:
        return "none", "–"
    if due_at <= now:
        return "late", _("Time is over")
    if guarantee.warn_at is not None and guarantee.warn_at <= now:
        return "soon", _("Due soon")
    return "running", _("In time")


def files(request):
    return request.FILES if request.method == "POST" else None


def version_of(guarantee):
    return {"row_version": guarantee.row_version}


def facts_of(guarantee):
    return [
        (_("Insurer"), str(guarantee.insurer)),
        (_("Asked of the insurer"), money_text(guarantee.requested)),
        (_("Treatment"), f"{guarantee.service_from} – {guarantee.service_until}"),
    ]


def kept(request, guarantee, cleaned):
    """Return the uploaded file as a document of the patient, or None."""
    upload = cleaned.get("upload")
    if not upload:
        return None
    patient = guarantee.case.patient
    return store_document(patient, by=request.user, name=upload.name, upload=upload)


def step(guarantee, title, explanation, button, form):
    return Step(
        title=title,
        explanation=explanation,
        button=button,
        form=form,
        back=change_page(guarantee),
        facts=facts_of(guarantee),
    )


def draft(desk, request, case):
    """Draw up a request from a check of the case, prefilled from its next appointment."""
    appointment = case.appointments.select_related("slot").order_by("-slot__starts_at").first()
    day = (
        clock.local(appointment.slot.starts_at, case.hospital.time_zone).date()
        if appointment
        else None
    )
    initial = {"appointment": appointment, "service_from": day, "service_until": day}
    form = forms.DraftForm(posted(request), case=case, initial=initial)

    def perform(cleaned):
        guarantees.draft_guarantee(
            case, check=cleaned["check_found"], request=form.request(), by=request.user
        )
        return _("The draft is in the list. Add the doctor’s report, then send it.")

    page = Step(
        title=_("Ask an insurer, case %(reference)s") % {"reference": case.reference},
        explanation=_("Nothing goes to the insurer before you send it."),
        button=_("Draw up the request"),
        form=form,
        back=reverse("admin:payments_guarantee_changelist"),
    )
    return run_step(desk, request, page, perform)


def complete(desk, request, guarantee):
    names = ("diagnosis_code", "procedure_code", "clinical_note")
    initial = version_of(guarantee) | {name: getattr(guarantee, name) for name in names}
    form = forms.CompleteForm(posted(request), initial=initial)

    def perform(cleaned):
        drafts.complete_draft(guarantee, by=request.user, **cleaned)
        return _("Saved. Add the doctor’s report, then send the request.")

    words = _("An insurer needs a diagnosis code. You can change this until the request is sent.")
    page = step(guarantee, _("Complete the request"), words, _("Save"), form)
    return run_step(desk, request, page, perform)


def send(desk, request, guarantee):
    form = forms.SendForm(posted(request), initial=version_of(guarantee))

    def perform(cleaned):
        moves.submit_guarantee(guarantee, by=request.user, **cleaned)
        return _("Sent. The insurer’s clock runs, and the patient is told.")

    words = _("Diagnosis, treatment, estimate and the documents of this request go to the insurer.")
    page = step(guarantee, _("Send the request"), words, _("Send to the insurer"), form)
    return run_step(desk, request, page, perform)


def share(desk, request, guarantee):
    form = forms.ShareForm(posted(request), files(request))

    def perform(cleaned):
        document = kept(request, guarantee, cleaned)
        guarantees.share_document(
            guarantee, document=document, kind=cleaned["kind"], by=request.user
        )
        return _("Added. Only this insurer sees it, and only for this request.")

    words = _("The file is checked and kept encrypted.")
    page = step(guarantee, _("Add a document"), words, _("Add the document"), form)
    return run_step(desk, request, page, perform)


def answer(desk, request, guarantee):
    form = forms.AnswerForm(posted(request), files(request), initial=version_of(guarantee))

    def perform(cleaned):
        seen = cleaned["row_version"]
        moves.check_answerable(guarantee, row_version=seen)
        document = kept(request, guarantee, cleaned)
        moves.answer_question(
            guarantee,
            answer=cleaned["answer"],
            documents=[(document, cleaned["kind"])] if document else [],
            by=request.user,
            row_version=seen,
        )
        return _("Answered. The insurer’s clock runs again.")

    page = step(guarantee, _("Answer the question"), guarantee.question, _("Send the answer"), form)
    return run_step(desk, request, page, perform)


def asked_us(desk, request, guarantee):
    form = forms.AskedForm(posted(request), initial=version_of(guarantee))

    def perform(cleaned):
        decisions.ask_question(guarantee, by=request.user, **cleaned)
        return _("Recorded. The patient is told and can answer.")

    words = _("For an insurer that asks by mail or telephone.")
    page = step(guarantee, _("Record the insurer’s question"), words, _("Record it"), form)
    return run_step(desk, request, page, perform)


def record_yes(desk, request, guarantee):
    form = forms.PromiseForm(
        posted(request),
        files(request),
        currency=guarantee.currency,
        initial=version_of(guarantee),
    )

    def perform(cleaned):
        document = kept(request, guarantee, cleaned)
        with transaction.atomic():
            approved = decisions.approve_guarantee(
                guarantee,
                promise=form.promise(),
                by=request.user,
                row_version=cleaned["row_version"],
            )
            if document:
                guarantee_letters.keep_letter(approved, document=document)
        return _("Recorded. The benefit is reserved, and the patient is told.")

    words = _("For an insurer whose letter came by mail. Enter exactly what the letter says.")
    page = step(guarantee, _("Record the insurer’s yes"), words, _("Record the promise"), form)
    return run_step(desk, request, page, perform)


def record_no(desk, request, guarantee):
    form = forms.RefusedForm(posted(request), initial=version_of(guarantee))

    def perform(cleaned):
        decisions.decline_guarantee(
            guarantee,
            refused=form.refused(),
            by=request.user,
            row_version=cleaned["row_version"],
        )
        return _("Recorded. The patient is told and can choose what to do.")

    words = _("For an insurer whose refusal came by mail.")
    page = step(guarantee, _("Record the insurer’s no"), words, _("Record the refusal"), form)
    return run_step(desk, request, page, perform)


def top_up(desk, request, guarantee):
    form = forms.TopUpForm(posted(request), currency=guarantee.currency)

    def perform(cleaned):
        guarantees.top_up_guarantee(
            guarantee,
            estimate=cleaned["estimate"],
            requested=cleaned["requested"],
            reason=cleaned["why"],
            by=request.user,
        )
        return _("The next version is a draft. Send it to the insurer from the list.")

    words = _("The guarantee in force stays until the insurer agrees to the higher sum.")
    page = step(guarantee, _("Ask for a higher sum"), words, _("Draw up the next version"), form)
    return run_step(desk, request, page, perform)


def appeal(desk, request, guarantee):
    form = forms.AppealForm(posted(request), initial=version_of(guarantee))

    def perform(cleaned):
        moves.appeal_guarantee(
            guarantee,
            reason=cleaned["why"],
            missing_documents=cleaned["missing_documents"],
            by=request.user,
            row_version=cleaned["row_version"],
        )
        return _("The insurer decides again. Add the missing documents now.")

    words = _("The insurer’s reason: %(reason)s") % {"reason": guarantee.refusal_reason}
    page = step(guarantee, _("Appeal"), words, _("Send the appeal"), form)
    return run_step(desk, request, page, perform)


def ending(move, *, title, words, button, done):
    """Return the act that ends a guarantee by a move that takes a reason."""

    def act(desk, request, guarantee):
        form = forms.EndForm(posted(request), initial=version_of(guarantee))

        def perform(cleaned):
            version, reason = cleaned["row_version"], cleaned["why"]
            move(guarantee, by=request.user, row_version=version, reason=reason)
            return done

        return run_step(desk, request, step(guarantee, title, words, button, form), perform)

    return act


take_back = ending(
    moves.withdraw_guarantee,
    title=gettext_lazy("Take the request back"),
    words=gettext_lazy("The insurer is told that nothing more is asked of it."),
    button=gettext_lazy("Take it back"),
    done=gettext_lazy("Taken back."),
)
end = ending(
    moves.cancel_guarantee,
    title=gettext_lazy("End the guarantee"),
    words=gettext_lazy("An appointment that rests on it waits for a new guarantee."),
    button=gettext_lazy("End the guarantee"),
    done=gettext_lazy("Ended. The benefit is free again, and the patient is told."),
)


def paper(desk, request, guarantee):
    """Hand out the request as a PDF, for an insurer that is asked by mail; written down."""
    if request.method != "GET":
        raise Http404
    desk.note(request, guarantee, "desk.print_guarantee")
    content = guarantee_letters.request_paper(
        guarantee, language=get_language() or "en", now=clock.now()
    )
    name = f"request-{guarantee.reference}.pdf"
    return file_to_save([content], content_type="application/pdf", name=name)


PAGES = {
    "complete": complete,
    "paper": paper,
    "send": send,
    "share": share,
    "answer": answer,
    "asked_us": asked_us,
    "record_yes": record_yes,
    "record_no": record_no,
    "top_up": top_up,
    "appeal": appeal,
    "take_back": take_back,
    "end": end,
}
