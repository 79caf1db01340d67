"""An officer's answer to a request: a promise, a question or a no."""

import datetime as dt

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from medtour.answers import refusals_show, render_form, see_other_address
from medtour.lib import clock
from payments.forms.portal import ApproveForm, DeclineForm, QuestionForm
from payments.presenters.portal import request_page
from payments.services.insurance import guarantee_decisions as decisions
from payments.services.insurance.guarantee_decisions import Promise, Refused
from payments.views.portal.gate import officer_required
from payments.views.portal.requests import context_of, own_request, show_request
from payments.views.terms import form_page

APPROVE, ASK, DECLINE = "approve", "ask", "decline"


def form_of(request, guarantee, act):
    sent = request.POST if request.method == "POST" else None
    initial = {"row_version": guarantee.row_version}
    if act == ASK:
        return QuestionForm(sent, initial=initial)
    if act == DECLINE:
        return DeclineForm(sent, initial=initial)
    initial |= {
        "amount": guarantee.requested.major,
        "valid_from": guarantee.service_from,
        "valid_until": guarantee.service_until,
    }
    return ApproveForm(sent, initial=initial, guarantee=guarantee)


def is_open(guarantee, act):
    page = request_page(guarantee, now=clock.now())
    return {APPROVE: page.can_approve, ASK: page.can_ask, DECLINE: page.can_decline}[act]


def page_of(guarantee):
    return reverse("payments:asked", args=[guarantee.public_id])


def was_sent_by(user, guarantee, act):
    """Tell whether this officer's very answer is the newest thing that happened: sent twice."""
    events = list(guarantee.events.all())
    return bool(events) and events[-1].action == act and events[-1].by_id == user.pk


def newest(typed, guarantee):
    """Return what was typed, as an answer to the version of the request shown with it."""
    data = typed.copy()
    data["row_version"] = str(guarantee.row_version)
    return data


def again(act):
    """Return the page for a refused answer: the form as typed, or where the request stands now."""

    def show(request, officer, guarantee, *, refusal):
        found = own_request(officer, guarantee)
        if is_open(found, act):
            form = form_of(request, found, act)
            # The page shows the newest facts beside the refusal; sending again answers those.
            form.data = newest(form.data, found)
            context = context_of(officer, found, form=form, refusal=refusal)
            return render(request, f"payments/portal/{act}.html", context)
        if was_sent_by(request.user, found, act):
            messages.info(request, _("You have answered already. Nothing was sent twice."))
            return see_other_address(page_of(found))
        return show_request(request, officer, guarantee, refusal=refusal)

    return show


def answer(request, officer, guarantee, *, act, send):
    """Show or take one form; `send(guarantee, cleaned)` gives the answer and returns the news."""
    found = own_request(officer, guarantee)
    form = form_of(request, found, act)
    if request.method != "POST" and not is_open(found, act):
        return redirect(page_of(found))
    if not form.is_valid():
        return render_form(
            request, f"payments/portal/{act}.html", context_of(officer, found, form=form)
        )
    send(found, form.cleaned_data, by=request.user)
    messages.success(request, _("Your answer was sent to the hospital and the patient."))
    return see_other_address(page_of(found))


def send_promise(guarantee, cleaned, *, by):
    names = ("amount", "valid_from", "valid_until", "excluded_items", "conditions")
    promise = Promise(
        **{name: cleaned[name] for name in names}, insurer_reference=cleaned["insurer_reference"]
    )
    version = cleaned["row_version"]
    decisions.approve_guarantee(guarantee, promise=promise, by=by, row_version=version)


def send_question(guarantee, cleaned, *, by):
    version = cleaned["row_version"]
    decisions.ask_question(guarantee, question=cleaned["question"], by=by, row_version=version)


def send_refusal(guarantee, cleaned, *, by):
    days = cleaned["appeal_days"]
    today = clock.today(guarantee.hospital.time_zone)
    refused = Refused(
        cleaned["code"],
        cleaned["reason"],
        today + dt.timedelta(days=days) if days else None,
        cleaned["insurer_reference"],
    )
    version = cleaned["row_version"]
    decisions.decline_guarantee(guarantee, refused=refused, by=by, row_version=version)


@form_page
@officer_required
@refusals_show(again(APPROVE))
def approve(request, officer, guarantee):
    """Promise the whole amount or a part of it."""
    return answer(request, officer, guarantee, act=APPROVE, send=send_promise)


@form_page
@officer_required
@refusals_show(again(ASK))
def ask(request, officer, guarantee):
    """Ask the hospital and the patient for more; the insurer's clock stops."""
    return answer(request, officer, guarantee, act=ASK, send=send_question)


@form_page
@officer_required
@refusals_show(again(DECLINE))
def decline(request, officer, guarantee):
    """Say no with a code, a reason and the days in which an appeal is taken."""
    return answer(request, officer, guarantee, act=DECLINE, send=send_refusal)
