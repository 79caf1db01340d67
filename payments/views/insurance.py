"""A patient asks their insurer about an offer: what they type, what they agree to, the answer."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import consents_for, patients_for
from accounts.models.consent import Purpose
from accounts.services.consents import has_consent
from bookings.access import holds_of
from bookings.models import Appointment
from bookings.selectors.care import with_place
from bookings.transitions import AppointmentState
from hospitals.models import Offer, PriceLine
from hospitals.selectors.priced_offer import priced_offer, prices_of
from medtour.answers import found_or_404, refusals_show, render_form, see_other_address
from medtour.lib import clock
from payments.access import checks_for
from payments.forms.guarantees import PapersForm
from payments.forms.insurance import AgreeForm, CardPhotoForm, InsuranceForm, initial_of
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
from payments.services.insurance.card_photos import keep_card_photos
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What one asking is about: the offer with its prices, what was typed, maybe a held time."""

    offer: Offer
    lines: list[PriceLine]
    answers: dict[str, Any]
    hold: Appointment | None

    @property
    def is_complete(self):
        return self.answers.get("insurer") and (self.hold or self.answers.get("service_on"))


def asked_about(request, offer):
    found, lines = offer_and_prices(offer)
    answers, hold_id = typed(request, found)
    return Asked(found, lines, answers, own_hold(request, hold_id, found))


def agree_again(request, offer, *, refusal):
    """Show the agreements once more with the sentence; what was typed is still sealed."""
    asked = asked_about(request, offer)
    return show_agree(request, asked, form=agree_form(request, asked), refusal=refusal)


@form_page
@refusals_show(agree_again)
def insurance_agree(request, offer):
    """Say what would be sent to which insurer; the POST agrees and asks."""
    asked = asked_about(request, offer)
    if not asked.is_complete:
        return see_other_address(reverse("payments:insurance", args=[offer]))
    if not patients_for(request.user).exists():
        query = urlencode({"next": request.path})
        return redirect(f"{reverse('accounts:add_patient')}?{query}")
    form = agree_form(request, asked)
    if request.method == "POST" and form.is_valid():
        best = best_of(ask(request, asked, form))
        return see_other_address(reverse("payments:insurance_answer", args=[best.public_id]))
    return show_agree(request, asked, form=form)


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


def agree_form(request, asked):
    patients = patients_of(request, asked.hold)
    live = frozenset()
    if len(patients) == 1:
        given = consents_for(request.user).filter(
            patient=patients[0], purpose=Purpose.INSURER_TRANSFER, withdrawn_at=None
        )
        live = frozenset(given.values_list("recipient", flat=True))
    insurers = {card.insurer.slug: card.insurer for card in cards_of(asked.answers)}
    data = request.POST if request.method == "POST" else None
    return AgreeForm(data, patients=patients, insurers=insurers.values(), live=live)


def show_agree(request, asked, *, form, refusal=None):
    day = asked.answers.get("service_on")
    context = {
        "offer": asked.offer,
        "hospital": asked.offer.hospital,
        "hold": asked.hold,
        "cards": cards_of(asked.answers),
        "day": dt.date.fromisoformat(day) if day else None,
        "estimate": estimate_of(asked.lines),
        "form": form,
        "refusal": refusal,
    }
    return render_form(request, "payments/insurance_agree.html", context)


def ask(request, asked, form):
    patients = {one.public_id: one for one in patients_of(request, asked.hold)}
    chosen = form.cleaned_data.get("who") or next(iter(patients))
    return ask_insurers(
        patients[chosen],
        cards=cards_of(asked.answers),
        need=need_of(asked),
        by=request.user,
        consents=form.given(),
    )


def starts_at(asked):
    if asked.hold:
        return asked.hold.slot.starts_at
    day = dt.date.fromisoformat(asked.answers["service_on"])
    return clock.at_wall_time(day, MORNING, asked.offer.hospital.time_zone)


def need_of(asked):
    answers, dates = asked.answers, initial_of(asked.answers)
    return Need(
        offer=asked.offer,
        hospital=asked.offer.hospital,
        coding=coding_of(asked.offer),
        service_start=starts_at(asked),
        amount=estimate_of(asked.lines).likely,
        diagnosis_code=answers.get("diagnosis_code", ""),
        emergency=bool(answers.get("emergency")),
        accident=bool(answers.get("accident")),
        condition_onset_on=dates.get("condition_onset_on"),
        last_treated_on=dates.get("last_treated_on"),
    )


def own_check(request, public_id):
    found = found_or_404(with_facts(checks_for(request.user)), public_id=public_id)
    if found.offer is None:
        raise Http404
    return found


@require_safe
def insurance_answer(request, check):
    """Show the answer of one asking: what it means, who pays what, why, and what happens next."""
    return show_answer(request, own_check(request, check))


def photo_form(request, check):
    """Return the form for photos of the card, None when it was taken away meanwhile."""
    if check.card is None or check.card.removed_at:
        return None
    agreed = consents_for(request.user).filter(
        patient=check.patient, purpose=Purpose.HEALTH_DATA, withdrawn_at=None
    )
    is_sent = request.method == "POST"
    return CardPhotoForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        has_agreed=agreed.exists(),
    )


def photo_again(request, check, *, refusal):
    return show_answer(request, own_check(request, check), refusal=refusal)


@form_page
@refusals_show(photo_again)
def card_photos(request, check):
    """Keep photos of the card that was asked about; without any the answer stays as it is."""
    found = own_check(request, check)
    form = photo_form(request, found)
    if request.method != "POST" or form is None:
        return redirect("payments:insurance_answer", check=check)
    if not form.is_valid():
        return show_answer(request, found, form=form)
    keep_card_photos(found.card, photos=form.photos(), by=request.user, consents=form.given())
    return see_other_address(reverse("payments:insurance_answer", args=[check]))


def show_answer(request, found, *, form=None, refusal=None):
    own = checks_for(request.user)
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
        "form": form or photo_form(request, found),
        "papers_form": papers_form(found),
        "refusal": refusal,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "payments/insurance_answer.html", context, status=status)


def papers_form(check):
    """Return the agreement that a request to this insurer will need, None when it was given."""
    if check.outcome != Outcome.PREAUTH_REQUIRED or has_consent(check.patient, Purpose.HEALTH_DATA):
        return None
    return PapersForm()


def lead_of(check, hold):
    """Return the insurer's time to decide where it must agree first to something planned."""
    if check.outcome != Outcome.PREAUTH_REQUIRED or check.input["request"]["emergency"]:
        return None
    terms = terms_of(check)
    planned = dt.datetime.fromisoformat(check.input["request"]["service_start"])
    starts_at = hold.slot.starts_at if hold else planned
    return terms and lead_time(check, terms, starts_at=starts_at, now=clock.now())
