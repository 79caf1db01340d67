"""What a patient owes: opened once, with its terms frozen; closed when it is no longer due."""

import datetime as dt
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from bookings.models import Appointment
from bookings.transitions import GONE_CASE, AppointmentState
from medtour.lib import clock
from medtour.lib.errors import constraint_name
from medtour.lib.ids import reference
from medtour.lib.locks import lock_row
from medtour.lib.money import Money
from payments.models import Obligation, ObligationKind, Quote
from payments.policies import DepositNotNamed
from payments.refusals import DepositUnclear, HoldOver, NothingOwed
from payments.services.terms import frozen_terms, quote_terms
from payments.transitions import LIVE_PAYMENT, PaymentState

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

    `most` finds what an insurer's promise leaves to the patient: no new deposit is higher. Two
    callers at once get the same one. Raises HoldOver when the appointment does not wait for
    payment, DepositUnclear when its offer does not say how much.
    """
    now = now or clock.now()
    found = _open_deposit_of(appointment)
    if found is not None:
        return found
    fresh = _waiting(appointment, now=now)
    limit = most(fresh) if most else None
    try:
        with transaction.atomic():
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
    begun = Q(payments__state__in=(*LIVE_PAYMENT, PaymentState.SUCCEEDED))
    for obligation in asked.exclude(pk__in=asked.filter(begun).values("pk")).order_by("pk"):
        close_obligation(obligation, reason=reason, now=now)


def close_obligation(obligation: Obligation, *, reason: str, now: dt.datetime) -> Obligation:
    """Say that an obligation is no longer due; running payments are ended by the sweep."""
    with transaction.atomic():
        fresh = lock_row(Obligation.objects.all(), obligation.pk)
        if fresh.closed_at is None:
            fresh.closed_at, fresh.closed_reason = now, reason[:40]
            fresh.save(update_fields=["closed_at", "closed_reason"])
    return fresh
