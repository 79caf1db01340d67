"""Asking for dates: the patient names a window, the hospital offers times, one is accepted."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from accounts.models import Patient, User
from accounts.services.consents import GivenConsent, give_consents
from bookings import policies
from bookings.models import Appointment, Case, Slot, WindowRequest
from bookings.models.case import Actor
from bookings.refusals import OtherOffer, RepeatedWithOtherBody, RequestClosed, TooManyTimes
from bookings.selectors.workdays import WorkingDays
from bookings.services import agreements, cases, claims, expiry, history, notices, release
from bookings.services.appointments import lock_offered, settle_offered_time
from bookings.services.claim_statement import write_claim
from bookings.transitions import (
    OPEN_REQUEST,
    REQUEST,
    AppointmentState,
    CaseState,
    RequestState,
)
from hospitals.models import Doctor, Offer
from medtour.lib import clock
from medtour.lib.errors import constraint_name
from medtour.lib.locks import claim_rows, lock_row
from medtour.lib.states import check_move

# The note was agreed to for this visit only; without a visit it goes.
ENDED_UNUSED = (RequestState.DECLINED, RequestState.EXPIRED, RequestState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class DateWish:
    """What a patient asks for: hospital dates, part of the day, language, doctor or any."""

    offer: Offer
    first_on: dt.date
    last_on: dt.date
    part_of_day: str
    language: str
    interpreter_wanted: bool = False
    doctor: Doctor | None = None
    notes: str = ""


def ask_for_dates(
    wish: DateWish,
    *,
    by: User,
    patient: Patient,
    consents: Iterable[GivenConsent] = (),
    idempotency_key: str,
    now: dt.datetime | None = None,
) -> WindowRequest:
    """Send a request to the hospital and open its case; the same key returns the first request.

    Raises RepeatedWithOtherBody when the key was used for another wish (BK-03).
    """
    now = now or clock.now()
    try:
        with transaction.atomic():
            return _ask(
                wish, by=by, patient=patient, consents=consents, key=idempotency_key, now=now
            )
    except IntegrityError as error:
        if "idempotency_key" not in constraint_name(error):
            raise
    earlier = WindowRequest.objects.select_related("offer", "doctor", "case").get(
        idempotency_key=f"{by.pk}:{idempotency_key}"
    )
    if DateWish(**{each.name: getattr(earlier, each.name) for each in fields(DateWish)}) != wish:
        raise RepeatedWithOtherBody
    if earlier.case.patient_id != patient.pk:
        raise RepeatedWithOtherBody
    return earlier


def _ask(
    wish: DateWish,
    *,
    by: User,
    patient: Patient,
    consents: Iterable[GivenConsent],
    key: str,
    now: dt.datetime,
) -> WindowRequest:
    hospital = wish.offer.hospital
    case = Case.objects.create(
        patient=patient,
        hospital=hospital,
        treatment_id=wish.offer.treatment_id,
        state=CaseState.SUBMITTED,
        opened_by=by,
        created_at=now,
    )
    request = WindowRequest.objects.create(
        case=case,
        booker=by,
        **{each.name: getattr(wish, each.name) for each in fields(DateWish)},
        answer_by=_answer_by(wish.offer, now=now),
        idempotency_key=f"{by.pk}:{key}",
        created_at=now,
    )
    give_consents(patient, consents, now=now)
    history.record(
        [
            history.case_event(case, "open", by=by, actor=Actor.PATIENT, at=now),
            history.request_event(request, "ask", by=by, actor=Actor.PATIENT, at=now),
        ]
    )
    notices.request_received(request)
    return request


def _answer_by(offer: Offer, *, now: dt.datetime) -> dt.datetime:
    hospital = offer.hospital
    today = clock.local(now, hospital.time_zone).date()
    day = policies.after_working_days(
        today, hospital.answer_within_working_days, WorkingDays.around(today).is_working_day
    )
    answer_by = clock.at_wall_time(day, policies.ANSWER_BY_WALL_TIME, hospital.time_zone)
    return answer_by or now + dt.timedelta(days=hospital.answer_within_working_days)


def offer_times(
    request: WindowRequest, *, slots: Sequence[Slot], by: User, now: dt.datetime | None = None
) -> list[Appointment]:
    """Offer one to five times; each claims its place until the patient answers or time is up.

    Raises TooManyTimes, RequestClosed, OtherOffer, or any refusal of a claim; then none is
    offered.
    """
    now = now or clock.now()
    if not 1 <= len(slots) <= policies.MAX_OFFERED_TIMES:
        raise TooManyTimes
    with transaction.atomic():
        request = lock_row(
            WindowRequest.objects.select_related("case__patient", "booker"), request.pk
        )
        if request.state not in OPEN_REQUEST:
            raise RequestClosed
        offered = [
            _offer_one(request, slot, by=by, now=now)
            for slot in sorted(slots, key=lambda slot: slot.pk)
        ]
        if request.state == RequestState.REQUESTED:
            _move(request, RequestState.OFFERED, "offer", by=by, actor=Actor.HOSPITAL, now=now)
        else:
            request.version += 1
            request.save(update_fields=["version"])
        notices.times_offered(request)
    return offered


def _offer_one(request: WindowRequest, slot: Slot, *, by: User, now: dt.datetime) -> Appointment:
    if slot.offer_id != request.offer_id:
        raise OtherOffer
    claims.check_bookable(slot, now=now)
    appointment = Appointment(
        hospital_id=slot.hospital_id,
        slot=slot,
        state=AppointmentState.OFFERED,
        held_until=policies.offered_time_expires_at(
            now, slot.starts_at, policies.OFFERED_TIME_HOLD
        ),
        holder_key=f"request:{request.public_id}",
        booker=request.booker,
        case=request.case,
        patient=request.case.patient,
        language=request.language,
        request=request,
        created_at=now,
    )

    def save(row: Appointment) -> None:
        write_claim(row, action="offer", by=by, actor=Actor.HOSPITAL)

    return claims.claim(
        appointment, save=save, interpreter_wanted=request.interpreter_wanted, now=now
    )


def accept_time(
    appointment: Appointment,
    *,
    by: User,
    consents: Iterable[GivenConsent] = (),
    now: dt.datetime | None = None,
) -> Appointment:
    """Accept one of the offered times; the others are freed.

    Raises HoldExpired or RequestClosed when it is too late, or TransferNotAgreed.
    """
    now = now or clock.now()
    with claims.refusals_of_the_database(), transaction.atomic():
        request = lock_row(WindowRequest.objects.all(), appointment.request_id)
        offered = lock_offered(appointment, now=now)
        agreements.check_transfer(offered, consents=consents, now=now)
        _move(request, RequestState.ACCEPTED, "accept", by=by, actor=Actor.PATIENT, now=now)
        settle_offered_time(offered, by=by, now=now)
        _free_other_times(
            request, state=AppointmentState.CANCELLED, action="other_accepted", by=by, now=now
        )
    return offered


def decline_times(
    request: WindowRequest, *, by: User, now: dt.datetime | None = None
) -> WindowRequest:
    """None of the offered times suits: they are freed and the hospital is asked again."""
    now = now or clock.now()
    with transaction.atomic():
        request = lock_row(WindowRequest.objects.select_related("offer__hospital"), request.pk)
        check_move(REQUEST, request.state, RequestState.REQUESTED)
        _free_other_times(
            request, state=AppointmentState.DECLINED, action="decline", by=by, now=now
        )
        request.answer_by = _answer_by(request.offer, now=now)
        _move(request, RequestState.REQUESTED, "ask_again", by=by, actor=Actor.PATIENT, now=now)
    return request


def decline_request(
    request: WindowRequest, *, by: User, reason: str, now: dt.datetime | None = None
) -> WindowRequest:
    """The hospital says no, with a reason that the patient reads."""
    state = RequestState.DECLINED
    return _close(request, state, by=by, actor=Actor.HOSPITAL, reason=reason, now=now)


def withdraw_request(
    request: WindowRequest, *, by: User, now: dt.datetime | None = None
) -> WindowRequest:
    """The patient takes the request back; offered times are freed."""
    return _close(request, RequestState.WITHDRAWN, by=by, actor=Actor.PATIENT, now=now)


def _close(
    request: WindowRequest,
    state: str,
    *,
    by: User,
    actor: str,
    reason: str = "",
    now: dt.datetime | None = None,
) -> WindowRequest:
    now = now or clock.now()
    with transaction.atomic():
        request = lock_row(WindowRequest.objects.select_related("case", "booker"), request.pk)
        _free_other_times(
            request,
            state=AppointmentState.CANCELLED,
            action="close",
            by=by,
            actor=actor,
            now=now,
        )
        _move(request, state, "close", by=by, actor=actor, now=now, reason=reason)
        declined = state == RequestState.DECLINED
        case_state = CaseState.DECLINED if declined else CaseState.WITHDRAWN
        cases.end_with_request(request.case, case_state, by=by, actor=actor, now=now)
        if declined:
            notices.request_declined(request)
    return request


def expire_requests(*, now: dt.datetime | None = None) -> int:
    """Close requests that the hospital did not answer in time and tell the patient.

    Requests whose offered times all lapsed while somebody was answering them are closed too.
    """
    now = now or clock.now()
    with transaction.atomic():
        late = claim_rows(
            WindowRequest.objects.filter(state=RequestState.REQUESTED, answer_by__lt=now)
            .select_related("case", "booker")
            .order_by("pk"),
            limit=200,
        )
        for request in late:
            _move(request, RequestState.EXPIRED, "expire", by=None, actor=Actor.SYSTEM, now=now)
            cases.end_with_request(
                request.case, CaseState.WITHDRAWN, by=None, actor=Actor.SYSTEM, now=now
            )
            notices.request_expired(request)
        release.close_requests_without_times(_left_without_times(), now=now)
    return len(late)


def _left_without_times() -> list[int]:
    on_offer = Appointment.objects.filter(request=OuterRef("pk"), state=AppointmentState.OFFERED)
    left = WindowRequest.objects.filter(~Exists(on_offer), state=RequestState.OFFERED)
    return list(left.values_list("pk", flat=True))


def _free_other_times(
    request: WindowRequest,
    *,
    state: str,
    action: str,
    by: User,
    actor: str = Actor.PATIENT,
    now: dt.datetime,
) -> None:
    others = claim_rows(
        Appointment.objects.filter(request=request, state=AppointmentState.OFFERED)
        .select_related("slot")
        .order_by("pk"),
        limit=policies.MAX_OFFERED_TIMES * 4,
    )
    release.end(others, state=state, action=action, actor=actor, now=now, by=by)
    expiry.serve_waiting(others, now=now)


def _move(
    request: WindowRequest,
    state: str,
    action: str,
    *,
    by: User | None,
    actor: str,
    now: dt.datetime,
    reason: str = "",
) -> None:
    before = request.state
    check_move(REQUEST, before, state)
    request.state = state
    request.version += 1
    if state in ENDED_UNUSED:
        request.notes = ""
    request.save(update_fields=["state", "version", "answer_by", "notes"])
    history.record(
        [
            history.request_event(
                request, action, before=before, by=by, actor=actor, at=now, reason=reason
            )
        ]
    )
