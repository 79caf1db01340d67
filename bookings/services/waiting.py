"""The waiting line: joined only when all is full, served in order, by holds that expire (BK-11)."""

import datetime as dt
from collections.abc import Iterable, Iterator

from django.db import IntegrityError, transaction
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from accounts.models import Patient, User
from bookings import policies
from bookings.models import Appointment, Slot, WaitingEntry
from bookings.models.case import Actor
from bookings.refusals import AlreadyWaiting, PlacesAreFree, RequestClosed, refusal_of
from bookings.selectors.availability import spoken
from bookings.selectors.interpreters import free_interpreters, languages_at, needs_interpreter
from bookings.services import history, notices, release
from bookings.transitions import OPEN_WAITING, WAITING, AppointmentState, WaitingState
from hospitals.models import Interpreter, Offer
from medtour.lib import clock
from medtour.lib.errors import constraint_name
from medtour.lib.locks import claim_rows, lock_row, lock_rows
from medtour.lib.states import check_move

LINE_LENGTH = 20
SWEEP = 500


def join_waiting_list(
    offer: Offer,
    *,
    patient: Patient,
    by: User,
    first_on: dt.date,
    last_on: dt.date,
    language: str,
    now: dt.datetime | None = None,
) -> WaitingEntry:
    """Put a person at the end of the line for the days `first_on` to `last_on` (hospital dates).

    Raises PlacesAreFree when something can be booked at once in that language, AlreadyWaiting when
    in line already.
    """
    now = now or clock.now()
    places = _places(offer, first_on=first_on, last_on=last_on, now=now)
    if spoken(places, language).exists():
        raise PlacesAreFree
    entry = WaitingEntry(
        offer=offer,
        patient=patient,
        booker=by,
        first_on=first_on,
        last_on=last_on,
        language=language,
        created_at=now,
    )
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
            history.record(
                [history.waiting_event(entry, "join", by=by, actor=Actor.PATIENT, at=now)]
            )
            notices.waiting_joined(entry)
    except IntegrityError as error:
        if constraint_name(error) == "bookings_waiting_once":
            raise AlreadyWaiting from error
        raise
    return entry


def _places(
    offer: Offer, *, first_on: dt.date, last_on: dt.date, now: dt.datetime
) -> QuerySet[Slot]:
    zone = offer.hospital.time_zone
    return Slot.objects.filter(
        offer=offer,
        is_open=True,
        starts_at__gte=max(clock.day_bounds(first_on, zone)[0], now + policies.BOOKING_NOTICE),
        starts_at__lt=clock.day_bounds(last_on, zone)[1],
        last_confirmed_at__gte=now - policies.CONFIRMATION_FRESH,
    )


def leave_waiting_list(
    entry: WaitingEntry, *, by: User, now: dt.datetime | None = None
) -> WaitingEntry:
    """Take a person out of the line; a place offered to them passes on."""
    now = now or clock.now()
    with transaction.atomic():
        # The place before the entry, as those do who accept it or let it lapse.
        on_offer = entry.offered_appointments.filter(state=AppointmentState.OFFERED)
        offered = lock_rows(on_offer.select_related("slot"), on_offer.values_list("pk", flat=True))
        entry = lock_row(WaitingEntry.objects.all(), entry.pk)
        check_move(WAITING, entry.state, WaitingState.LEFT)
        _move(entry, WaitingState.LEFT, "leave", actor=Actor.PATIENT, by=by, now=now)
        release.end(
            offered,
            state=AppointmentState.DECLINED,
            action="decline",
            actor=Actor.PATIENT,
            now=now,
            by=by,
        )
        offer_places({row.slot_id for row in offered}, now=now)
    return entry


def end_entries(entry_ids: Iterable[int], *, now: dt.datetime) -> None:
    """End entries whose offered place lapsed and say so; the place passes on to the next."""
    for entry in lock_rows(
        WaitingEntry.objects.filter(state=WaitingState.OFFERED).select_related("booker"), entry_ids
    ):
        _move(entry, WaitingState.EXPIRED, "lapse", actor=Actor.SYSTEM, by=None, now=now)
        notices.waiting_ended(entry)


def offer_places(slot_ids: Iterable[int], *, now: dt.datetime) -> int:
    """Offer each free place of these slots to the first in line it suits; returns how many.

    Called in the transaction that freed the places, so that nobody can step in between.
    """
    offered = 0
    somebody_waits = WaitingEntry.objects.filter(
        offer=OuterRef("offer"), state=WaitingState.WAITING
    )
    slots = Slot.objects.filter(
        Exists(somebody_waits),
        _can_be_offered(now),
        pk__in=sorted(slot_ids),
    ).select_related("offer__hospital")
    for slot in slots.order_by("pk"):
        for entry in _line(slot, languages=languages_at(slot, now=now)):
            if slot.places_left == 0:
                break
            if _offer_place(slot, entry, now=now):
                slot.booked += 1
                offered += 1
    return offered


def _can_be_offered(now: dt.datetime) -> Q:
    """What a slot is like of which a place can still be offered and answered in time."""
    return Q(
        is_open=True,
        offer__is_published=True,
        last_confirmed_at__gte=now - policies.CONFIRMATION_FRESH,
        starts_at__gt=now + policies.LAST_ANSWER_BEFORE_START + policies.BOOKING_NOTICE,
    )


def _line(slot: Slot, *, languages: set[str]) -> Iterator[WaitingEntry]:
    """Yield who waits for the day of this slot and can be served there, first come first."""
    day = clock.local(slot.starts_at, slot.offer.hospital.time_zone).date()
    line = WaitingEntry.objects.filter(
        offer_id=slot.offer_id,
        state=WaitingState.WAITING,
        first_on__lte=day,
        last_on__gte=day,
        language__in=languages,
    ).select_related("booker")
    last = 0
    while entries := claim_rows(line.filter(pk__gt=last).order_by("pk"), limit=LINE_LENGTH):
        yield from entries
        last = entries[-1].pk


def _offer_place(slot: Slot, entry: WaitingEntry, *, now: dt.datetime) -> bool:
    interpreter = None
    if needs_interpreter(slot, language=entry.language, interpreter_wanted=False):
        interpreter = free_interpreters(slot, entry.language, now=now).first()
        if interpreter is None:
            return False
    appointment = Appointment(
        hospital_id=slot.hospital_id,
        slot=slot,
        state=AppointmentState.OFFERED,
        held_until=policies.offered_time_expires_at(
            now, slot.starts_at, policies.WAITING_OFFER_HOLD
        ),
        holder_key=f"waiting:{entry.public_id}",
        booker=entry.booker,
        patient_id=entry.patient_id,
        language=entry.language,
        interpreter=interpreter,
        waiting_entry=entry,
        created_at=now,
    )
    try:
        with transaction.atomic():
            appointment.save(force_insert=True)
    except IntegrityError as error:
        if refusal_of(error) is None:
            raise
        return False
    _move(entry, WaitingState.OFFERED, "offer", actor=Actor.SYSTEM, by=None, now=now)
    history.record(
        [history.appointment_event(appointment, "offer", by=None, actor=Actor.SYSTEM, at=now)]
    )
    notices.place_offered(appointment, booker=entry.booker)
    return True


def _move(
    entry: WaitingEntry,
    state: str,
    action: str,
    *,
    actor: str,
    by: User | None,
    now: dt.datetime,
) -> None:
    before, entry.state = entry.state, state
    entry.save(update_fields=["state"])
    history.record(
        [history.waiting_event(entry, action, before=before, by=by, actor=actor, at=now)]
    )


def mark_accepted(entry_id: int | None, *, by: User, now: dt.datetime) -> None:
    """Close the entry whose offered place was taken; raises RequestClosed when it ended before."""
    entry = lock_row(WaitingEntry.objects.all(), entry_id)
    if entry.state not in OPEN_WAITING:
        raise RequestClosed
    _move(entry, WaitingState.ACCEPTED, "accept", actor=Actor.PATIENT, by=by, now=now)


def offer_waiting(*, now: dt.datetime | None = None) -> int:
    """Offer what became free by new slots, and end entries whose days are over."""
    now = now or clock.now()
    with transaction.atomic():
        _end_past_entries(now=now)
        return offer_places(_waited_for(now).values_list("pk", flat=True)[:SWEEP], now=now)


def _waited_for(now: dt.datetime) -> QuerySet[Slot]:
    """Slots for whose day somebody waits who can be served there; the soonest first.

    A day too many either way, for the time zones. A language that neither the doctor nor any
    interpreter of the hospital speaks leaves a slot out: it would come again at every sweep and
    keep those behind it waiting.
    """
    one_day = dt.timedelta(days=1)
    interpreter = Interpreter.objects.filter(
        hospital=OuterRef(OuterRef("hospital")),
        is_active=True,
        languages__contains=[OuterRef("language")],
    )
    of_doctor = ExpressionWrapper(
        OuterRef("languages"), output_field=Slot._meta.get_field("languages")
    )
    entries = WaitingEntry.objects.alias(of_doctor=of_doctor).filter(
        Q(of_doctor__contains=[F("language")]) | Exists(interpreter),
        offer=OuterRef("offer"),
        state=WaitingState.WAITING,
        first_on__lte=OuterRef("day") + one_day,
        last_on__gte=OuterRef("day") - one_day,
    )
    slots = Slot.objects.filter(_can_be_offered(now)).annotate(
        day=TruncDate("starts_at", tzinfo=clock.UTC)
    )
    return slots.filter(Exists(entries)).order_by("starts_at")


def _end_past_entries(*, now: dt.datetime) -> None:
    past = WaitingEntry.objects.filter(
        state=WaitingState.WAITING, last_on__lt=(now - dt.timedelta(days=1)).date()
    ).select_related("booker")
    for entry in claim_rows(past.order_by("pk"), limit=500):
        _move(entry, WaitingState.EXPIRED, "end", actor=Actor.SYSTEM, by=None, now=now)
        notices.waiting_ended(entry)
