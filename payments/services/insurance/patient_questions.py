"""A patient asks their insurers, the first card first, and books by the answer (M2, M3)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.models import Patient, User
from accounts.models.consent import Purpose
from accounts.services.consents import GivenConsent, give_consents, has_consent
from bookings.models import Appointment
from bookings.services.appointments import PaidByOthers, confirm_hold
from bookings.transitions import AppointmentState
from hospitals.models import Hospital, Insurer, Offer
from medtour.lib import clock
from medtour.lib.locks import lock_row
from medtour.lib.money import Money
from payments import insurance_refusals as refusals
from payments.insurance_clocks import earliest_start, place_kept_until
from payments.insurance_questions import Question, normal_number
from payments.models import (
    AskedThrough,
    DirectPayCard,
    EligibilityCheck,
    Outcome,
    TreatmentCoding,
    Urgency,
)
from payments.selectors.insurance.answers import lead_time, terms_of
from payments.selectors.insurance.calendar import calendar_of, rules_of
from payments.selectors.insurance.guarantees import asks_own_part, in_contract_currency
from payments.services.insurance.asking import ask_insurer
from payments.services.insurance.guarantees import Request, draft_guarantee
from payments.services.obligations import open_deposit

GOOD_FOR = dt.timedelta(days=1)
# With these the first insurer pays, so a second one is not asked.
SETTLED = (Outcome.ELIGIBLE, Outcome.PREAUTH_REQUIRED)


@dataclass(frozen=True, slots=True)
class CardDetails:
    """What stands on one card."""

    insurer: Insurer
    number: str
    date_of_birth: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What is to be done, where, when and for how much; see `Question` for the last fields."""

    offer: Offer
    hospital: Hospital
    coding: TreatmentCoding
    service_start: dt.datetime
    amount: Money
    diagnosis_code: str = ""
    emergency: bool = False
    accident: bool = False
    condition_onset_on: dt.date | None = None
    last_treated_on: dt.date | None = None


def ask_insurers(
    patient: Patient,
    *,
    cards: Sequence[CardDetails],
    need: Need,
    by: User,
    consents: Sequence[GivenConsent] = (),
    now: dt.datetime | None = None,
) -> list[EligibilityCheck]:
    """Ask the insurers of up to two cards in their order; the second only if the first pays not.

    Raises NotAgreed without the consent to send the details to every insurer named (PR-01), and
    TooManyAttempts.
    """
    now = now or clock.now()
    kept = _keep_cards(patient, cards, consents, now=now)
    checks: list[EligibilityCheck] = []
    for card, saved in zip(cards, kept, strict=False):
        check = ask_insurer(
            _question(card, need),
            now=now,
            through=AskedThrough.PATIENT,
            by=by,
            patient=patient,
            offer=need.offer,
            card=saved,
        )
        checks.append(check)
        if check.outcome in SETTLED:
            break
    return checks


def _keep_cards(
    patient: Patient,
    cards: Sequence[CardDetails],
    consents: Sequence[GivenConsent],
    *,
    now: dt.datetime,
) -> list[DirectPayCard]:
    with transaction.atomic():
        # A patient has one card of each rank: who comes second replaces what the first one kept.
        lock_row(Patient.objects.all(), patient.pk)
        give_consents(patient, consents, now=now)
        for card in cards:
            if not has_consent(patient, Purpose.INSURER_TRANSFER, card.insurer.slug):
                raise refusals.NotAgreed
        return [
            _keep_card(patient, card, rank=rank, now=now)
            for rank, card in enumerate(cards[:2], start=1)
        ]


def _question(card: CardDetails, need: Need) -> Question:
    return Question(
        insurer=card.insurer,
        hospital=need.hospital,
        member_number=card.number,
        date_of_birth=card.date_of_birth,
        service_start=need.service_start,
        category=need.coding.category,
        setting=need.coding.setting,
        amount=need.amount,
        procedure_code=need.coding.procedure_code,
        diagnosis_code=need.diagnosis_code,
        emergency=need.emergency,
        accident=need.accident,
        condition_onset_on=need.condition_onset_on,
        last_treated_on=need.last_treated_on,
    )


def _keep_card(
    patient: Patient, card: CardDetails, *, rank: int, now: dt.datetime
) -> DirectPayCard:
    """Return the patient's card of a rank; another one there is replaced, not overwritten."""
    live = DirectPayCard.objects.filter(patient=patient, rank=rank, removed_at=None)
    wanted = (card.insurer.pk, normal_number(card.number), card.date_of_birth.isoformat())
    for known in live:
        if (known.insurer_id, known.number, known.date_of_birth) == wanted:
            return known
    live.update(removed_at=now)
    return DirectPayCard.objects.create(
        patient=patient,
        insurer=card.insurer,
        rank=rank,
        number=wanted[1],
        date_of_birth=wanted[2],
        created_at=now,
    )


def book_by_answer(
    hold: Appointment,
    check: EligibilityCheck,
    *,
    by: User,
    patient: Patient,
    consents: Sequence[GivenConsent] = (),
    now: dt.datetime | None = None,
) -> Appointment:
    """Turn a hold into an appointment that an insurer pays for, or is still asked about.

    With direct pay it is confirmed, unless the offer asks for a deposit and the patient has a part
    of their own to pay: then the deposit is opened, never higher than that part. When the insurer
    must agree first, the place is kept until it can have decided, and a request to it is drawn up.
    Raises AnswerTooOld for an answer about anything else, TooSoonForInsurer, HoldExpired,
    AlreadyBooked, DepositUnclear, or what `draft_guarantee` raises.
    """
    now = now or clock.now()
    _check_answer(hold, check, patient=patient, now=now)
    is_open = check.outcome == Outcome.PREAUTH_REQUIRED
    share = None if is_open else _share_to_pay(hold.slot.offer, check)
    others = None if share else PaidByOthers(_decided_by(hold, check, now=now) if is_open else None)
    with transaction.atomic():
        booked = confirm_hold(
            hold, by=by, patient=patient, consents=consents, others=others, now=now
        )
        if is_open and not booked.guarantees.exists():
            request = _request(booked, check)
            draft_guarantee(booked.kept_case, check=check, request=request, by=by, now=now)
        if share and booked.state == AppointmentState.AWAITING_PAYMENT:
            open_deposit(booked, by=by, language=by.locale, most=lambda _: share, now=now)
    return booked


def _share_to_pay(offer: Offer, check: EligibilityCheck) -> Money | None:
    """Return the patient's own part where a deposit of it is asked for, else None."""
    answer = check.output
    share = in_contract_currency(Money.from_major(answer["patient_share"], answer["currency"]))
    return share if share and asks_own_part(offer, share) else None


def _request(appointment: Appointment, check: EligibilityCheck) -> Request:
    day = clock.local(appointment.slot.starts_at, appointment.hospital.time_zone).date()
    nights = appointment.slot.offer.inpatient_nights or 0
    is_emergency = check.input["request"]["emergency"]
    return Request(
        service_from=day,
        service_until=day + dt.timedelta(days=nights),
        urgency=Urgency.EMERGENCY if is_emergency else Urgency.PLANNED,
        appointment=appointment,
    )


def _check_answer(
    hold: Appointment, check: EligibilityCheck, *, patient: Patient, now: dt.datetime
) -> None:
    day = clock.local(hold.slot.starts_at, hold.hospital.time_zone).date()
    is_same = (check.patient_id, check.offer_id, check.service_on) == (
        patient.pk,
        hold.slot.offer_id,
        day,
    )
    if not is_same or now - check.asked_at > GOOD_FOR or check.outcome not in SETTLED:
        raise refusals.AnswerTooOld


def _decided_by(hold: Appointment, check: EligibilityCheck, *, now: dt.datetime) -> dt.datetime:
    terms = terms_of(check)
    if terms is None:
        raise refusals.AnswerTooOld
    start = hold.slot.starts_at
    if not check.input["request"]["emergency"]:
        lead = lead_time(check, terms, starts_at=start, now=now)
        if not lead.is_workable:
            raise refusals.TooSoonForInsurer(lead.earliest_on)
    due_at = earliest_start(calendar_of(terms, around=now), rules_of(terms), now)
    return place_kept_until(due_at, starts_at=start, now=now)


BEST_FIRST = (
    Outcome.ELIGIBLE,
    Outcome.PREAUTH_REQUIRED,
    Outcome.PAY_AND_CLAIM,
    Outcome.WAITING,
    Outcome.REVIEW,
    Outcome.NOT_COVERED,
    Outcome.REJECTED,
)


def best_of(checks: Sequence[EligibilityCheck]) -> EligibilityCheck:
    """Return the answer that helps most; of equal ones the first card's."""
    return min(checks, key=lambda check: BEST_FIRST.index(Outcome(check.outcome)))
