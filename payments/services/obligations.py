"""What a patient owes: opened once, with its terms frozen; closed when it is no longer due."""

import datetime as dt
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import User
from bookings.models import Appointment
from bookings.transitions import GONE_CASE, AppointmentState
from medtour.lib import clock
from medtour.lib.errors import constraint_name
from medtour.lib.ids import reference
from medtour.lib.locks import lock_row, lock_rows
from medtour.lib.money import Money
from payments.models import Obligation, ObligationKind, Quote
from payments.policies import DepositNotNamed
from payments.refusals import DepositUnclear, HoldOver, NothingOwed
from payments.services.terms import frozen_terms, quote_terms
from payments.transitions import OWN_PART_CHANGED

ONE_DEPOSIT = "payments_obligation_one_deposit"


def open_deposit(
    appointment: Appointment,
    *,
    by: User | None,
    language: str,
    most: Callable[[Appointment], Money | None] | None = None,
    now: dt.datetime | None = None,
) -> Obligation:
    """Return the open deposit of an appointment; opened, with today's terms, when it has none yet.

    `most` finds what an insurer's promise leaves to the patient: no deposit is higher, and one that
    was, before the promise, gives way while nobody has begun to pay it. Two callers at once get the
    same one. Raises HoldOver when the appointment does not wait for
    payment, DepositUnclear when its offer does not say how much.
    """
    now = now or clock.now()
    found = _open_deposit_of(appointment)
    if found is not None and not _is_too_much(found, appointment, most):
        return found
    fresh = _waiting(appointment, now=now)
    limit = most(fresh) if most else None
    try:
        with transaction.atomic():
            if found is not None:
                close_unbegun(
                    Obligation.objects.filter(pk=found.pk), reason=OWN_PART_CHANGED, now=now
                )
            return _open_new_deposit(fresh, by=by, language=language, most=limit, now=now)
    except IntegrityError as error:
        if constraint_name(error) != ONE_DEPOSIT:
            raise
        return Obligation.objects.get(
            appointment=appointment, kind=ObligationKind.DEPOSIT, closed_at=None
        )


def _open_deposit_of(appointment: Appointment) -> Obligation | None:
    return (
        Obligation.objects.filter(
            appointment=appointment, kind=ObligationKind.DEPOSIT, closed_at=None
        )
        .select_related("hospital", "case", "appointment")
        .first()
    )


def _is_too_much(
    found: Obligation,
    appointment: Appointment,
    most: Callable[[Appointment], Money | None] | None,
) -> bool:
    limit = most(appointment) if most and not found.claimed_minor else None
    return limit is not None and 0 < limit.minor < found.amount_minor


def _waiting(appointment: Appointment, *, now: dt.datetime) -> Appointment:
    fresh = Appointment.objects.select_related(
        "slot__offer__treatment",
        "slot__offer__hospital",
        "slot__offer__cancellation_policy",
        "slot__hospital",
        "hospital",
        "case",
    ).get(pk=appointment.pk)
    if fresh.state != AppointmentState.AWAITING_PAYMENT or not fresh.is_live_claim(now):
        raise HoldOver
    return fresh


def _open_new_deposit(
    appointment: Appointment,
    *,
    by: User | None,
    language: str,
    most: Money | None,
    now: dt.datetime,
) -> Obligation:
    try:
        terms = frozen_terms(appointment, most=most)
    except DepositNotNamed as error:
        raise DepositUnclear from error
    return Obligation.objects.create(
        transfer_reference=reference(),
        case=appointment.kept_case,
        hospital=appointment.hospital,
        appointment=appointment,
        kind=ObligationKind.DEPOSIT,
        amount_minor=terms["deposit"]["amount_minor"],
        currency=terms["deposit"]["currency"],
        terms=terms,
        terms_language=language,
        opened_at=now,
        opened_by=by,
        due_at=appointment.held_until,
    )


def open_for_quote(
    quote: Quote,
    *,
    kind: ObligationKind,
    amount: Money,
    by: User | None,
    is_voluntary: bool = False,
    now: dt.datetime | None = None,
) -> Obligation:
    """Open what is due towards an accepted quote; one of the same kind and sum is used again.

    Raises NothingOwed for nothing, and for a case that does not take place.
    """
    if amount.minor <= 0:
        raise NothingOwed
    now = now or clock.now()
    with transaction.atomic():
        case = lock_row(Quote.objects.select_related("case"), quote.pk).case
        if case.state in GONE_CASE:
            raise NothingOwed
        what = {
            "quote": quote,
            "kind": kind,
            "is_voluntary": is_voluntary,
            "amount_minor": amount.minor,
            "currency": amount.currency,
        }
        same = Obligation.objects.filter(**what, settled_at=None, closed_at=None).first()
        if same is not None:
            return same
        return Obligation.objects.create(
            **what,
            transfer_reference=reference(),
            case=quote.case,
            hospital=quote.case.hospital,
            terms=quote_terms(quote),
            terms_language=quote.answer_language or "en",
            opened_at=now,
            opened_by=by,
        )


def close_unbegun(asked: QuerySet[Obligation], *, reason: str, now: dt.datetime) -> None:
    """Close those of these obligations that nobody has begun to pay."""
    with transaction.atomic():
        for fresh in lock_rows(Obligation.objects.all(), asked.values_list("pk", flat=True)):
            if not fresh.claimed_minor:
                _close(fresh, reason=reason, now=now)


def close_obligation(obligation: Obligation, *, reason: str, now: dt.datetime) -> Obligation:
    """Say that an obligation is no longer due; running payments are ended by the sweep."""
    with transaction.atomic():
        fresh = lock_row(Obligation.objects.all(), obligation.pk)
        _close(fresh, reason=reason, now=now)
    return fresh


def _close(locked: Obligation, *, reason: str, now: dt.datetime) -> None:
    """Close a locked obligation; the first reason stays."""
    if locked.closed_at is None:
        locked.closed_at, locked.closed_reason = now, reason[:40]
        locked.save(update_fields=["closed_at", "closed_reason"])
