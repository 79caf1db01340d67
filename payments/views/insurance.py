"""A patient asks their insurer about an offer: what they type, what they agree to, the answer."""

import datetime as dt
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import consents_for, patients_for
from accounts.models.consent import Purpose
from bookings.access import holds_of
from bookings.selectors.care import with_place
from bookings.transitions import AppointmentState
from hospitals.selectors.priced_offer import priced_offer, prices_of
from medtour.answers import found_or_404, refusals_show, render_form, see_other_address
from medtour.lib import clock
from payments.access import checks_for
from payments.forms.insurance import AgreeForm, InsuranceForm, initial_of
from payments.models import Outcome
from payments.presenters.insurance_answers import CHOICES, answer_of
from payments.selectors.insurance.answers import (
    asked_together,
    insurers_to_ask,
    lead_time,
    terms_of,
    with_facts,
)
from payments.selectors.insurance.estimates import coding_of, estimate_of
from payments.services.insurance.patient_questions import (
    CardDetails,
    Need,
    ask_insurers,
    best_of,
)
from payments.views.insurance_typed import keep_typed, typed

form_page = require_http_methods(["GET", "HEAD", "POST"])
MORNING = dt.time(9)


def offer_and_prices(public_id):
    found = priced_offer(public_id)
    if found is None:
        raise Http404
    return found


def own_hold(request, public_id, offer):
    """Return the signed-in visitor's live hold of this offer, None when there is none."""
    if not public_id or not request.user.is_authenticated:
        return None
    holds = with_place(holds_of(f"user:{request.user.pk}")).filter(
        state=AppointmentState.HELD, held_until__gt=clock.now(), slot__offer=offer
    )
    return holds.filter(public_id=public_id.replace("\0", "")).first()


@login_not_required
@form_page
def insurance(request, offer):
    """Ask for the card; what is typed is sealed and taken along to the page of agreements."""
    found, lines = offer_and_prices(offer)
    wanted = request.GET.get("hold", "")
    if wanted and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    hold = own_hold(request, wanted, found)
    estimate = estimate_of(lines)
    context = {"offer": found, "hospital": found.hospital, "hold": hold, "estimate": estimate}
    if estimate is None or coding_of(found) is None:
        return render(request, "payments/insurance_cannot.html", context)
    form = insurance_form(request, found, hold)
    if request.method == "POST" and form.is_valid():
        keep_typed(request, found, form.answers(), hold=hold.public_id if hold else "")
        return see_other_address(reverse("payments:insurance_agree", args=[offer]))
    return render_form(request, "payments/insurance_ask.html", context | {"form": form})


def insurance_form(request, offer, hold):
    answers, _hold = typed(request, offer)
    return InsuranceForm(
        request.POST if request.method == "POST" else None,
        initial=initial_of(answers),
        insurers=insurers_to_ask(),
        asks_day=hold is None,
    )


def to_begin(offer, hold=""):
    query = f"?{urlencode({'hold': hold})}" if hold else ""
    return see_other_address(reverse("payments:insurance", args=[offer]) + query)


def agree_again(request, offer, *, refusal):
    """Show the agreements once more with the sentence; what was typed is still sealed."""
    found, lines = offer_and_prices(offer)
    answers, hold_id = typed(request, found)
    hold = own_hold(request, hold_id, found)
    form = agree_form(request, answers, hold)
    return show_agree(request, found, lines, answers, form=form, hold=hold, refusal=refusal)


@form_page
@refusals_show(agree_again)
def insurance_agree(request, offer):
    """Say what would be sent to which insurer; the POST agrees and asks."""
    found, lines = offer_and_prices(offer)
    answers, hold_id = typed(request, found)
    hold = own_hold(request, hold_id, found)
    if not answers.get("insurer") or not (hold or answers.get("service_on")):
        return to_begin(offer)
    if not patients_for(request.user).exists():
        query = urlencode({"next": request.path})
        return redirect(f"{reverse('accounts:add_patient')}?{query}")
    form = agree_form(request, answers, hold)
    if request.method == "POST" and form.is_valid():
        checks = asked(request, found, lines, answers, form=form, hold=hold)
        best = best_of(checks)
        return see_other_address(reverse("payments:insurance_answer", args=[best.public_id]))
    return show_agree(request, found, lines, answers, form=form, hold=hold)


def patients_of(request, hold):
    """Return whom it can be for: of a booking the person chosen there, else everybody saved."""
    own = patients_for(request.user)
    chosen = (hold.intake or {}).get("patient") if hold else ""
    return [found_or_404(own, public_id=chosen)] if chosen else list(own)


def cards_of(answers):
    """Return the typed cards whose insurer can still be asked."""
    known = {insurer.slug: insurer for insurer in insurers_to_ask()}
    cards = []
    for prefix in ("", "second_"):
        insurer = known.get(answers.get(f"{prefix}insurer"))
        if insurer is not None:
            born = dt.date.fromisoformat(answers[f"{prefix}born"])
            cards.append(CardDetails(insurer, answers[f"{prefix}number"], born))
    return cards


def agree_form(request, answers, hold):
    patients = patients_of(request, hold)
    live = frozenset()
    if len(patients) == 1:
        given = consents_for(request.user).filter(
            patient=patients[0], purpose=Purpose.INSURER_TRANSFER, withdrawn_at=None
        )
        live = frozenset(given.values_list("recipient", flat=True))
    insurers = {card.insurer.slug: card.insurer for card in cards_of(answers)}
    data = request.POST if request.method == "POST" else None
    return AgreeForm(data, patients=patients, insurers=insurers.values(), live=live)


def show_agree(request, offer, lines, answers, *, form, hold, refusal=None):
    day = answers.get("service_on")
    context = {
        "offer": offer,
        "hospital": offer.hospital,
        "hold": hold,
        "cards": cards_of(answers),
        "day": dt.date.fromisoformat(day) if day else None,
        "estimate": estimate_of(lines),
        "form": form,
        "refusal": refusal,
    }
    return render_form(request, "payments/insurance_agree.html", context)


def asked(request, offer, lines, answers, *, form, hold):
    patients = {one.public_id: one for one in patients_of(request, hold)}
    chosen = form.cleaned_data.get("who") or next(iter(patients))
    return ask_insurers(
        patients[chosen],
        cards=cards_of(answers),
        need=need_of(offer, lines, answers, hold),
        by=request.user,
        consents=form.given(),
    )


def need_of(offer, lines, answers, hold):
    start = (
        hold.slot.starts_at
        if hold
        else clock.at_wall_time(
            dt.date.fromisoformat(answers["service_on"]), MORNING, offer.hospital.time_zone
        )
    )
    dates = initial_of(answers)
    return Need(
        offer=offer,
        hospital=offer.hospital,
        coding=coding_of(offer),
        service_start=start,
        amount=estimate_of(lines).likely,
        diagnosis_code=answers.get("diagnosis_code", ""),
        emergency=bool(answers.get("emergency")),
        accident=bool(answers.get("accident")),
        condition_onset_on=dates.get("condition_onset_on"),
        last_treated_on=dates.get("last_treated_on"),
    )


@require_safe
def insurance_answer(request, check):
    """Show the answer of one asking: what it means, who pays what, why, and what happens next."""
    own = checks_for(request.user)
    found = found_or_404(with_facts(own), public_id=check)
    if found.offer is None:
        raise Http404
    _answers, hold_id = typed(request, found.offer)
    hold = own_hold(request, hold_id, found.offer)
    others = [one for one in asked_together(own, found) if one.pk != found.pk]
    estimate = estimate_of(prices_of(found.offer))
    context = {
        "answer": answer_of(found),
        "others": [answer_of(one) for one in others],
        "choices": CHOICES,
        "offer": found.offer,
        "hospital": found.hospital,
        "hold": hold,
        "worst": estimate.high if estimate else None,
        "lead": lead_of(found, hold),
    }
    return render(request, "payments/insurance_answer.html", context)


def lead_of(check, hold):
    """Return the insurer's time to decide where it must agree first to something planned."""
    if check.outcome != Outcome.PREAUTH_REQUIRED or check.input["request"]["emergency"]:
        return None
    terms = terms_of(check)
    planned = dt.datetime.fromisoformat(check.input["request"]["service_start"])
    starts_at = hold.slot.starts_at if hold else planned
    return terms and lead_time(check, terms, starts_at=starts_at, now=clock.now())
