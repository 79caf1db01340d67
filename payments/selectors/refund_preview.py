"""What comes back when an appointment is cancelled now: shown before, and then done exactly so."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from bookings.models import Appointment, CaseEvent
from bookings.models.case import Actor
from bookings.transitions import OCCUPYING, CaseState
from hospitals.policies import WHOLE, Band, Ladder
from medtour.lib import clock
from medtour.lib.money import Money
from payments.models import Obligation, Payment, RefundCause, RefundRoute
from payments.refund_rules import (
    REFUND_DAYS,
    RELEASED,
    Left,
    Move,
    Standing,
    part_back,
    percent_back,
    standing,
    steps_ahead,
)
from payments.selectors.refundable import goes_by_bank, is_frozen, left_of, undecided_of
from payments.transitions import PaymentState

# The patient did nothing to lose the time: everything comes back at once (BK-10).
WHOLE_AT_ONCE = frozenset({RefundCause.HOSPITAL_CANCELLED, RefundCause.PLACE_LOST})
# The ladder's part comes back at once, the rest when the hospital accepted the proof.
WITH_PROOF = frozenset(
    {RefundCause.VISA_REFUSED, RefundCause.GUARANTEE_REFUSED, RefundCause.MEDICALLY_UNFIT}
)
NOTHING_AGREED = Ladder((Band(0, WHOLE),))
HELD = (PaymentState.RESERVED, PaymentState.SUCCEEDED)
BY_PATIENT = WITH_PROOF | {RefundCause.PATIENT_CANCELLED}


@dataclass(frozen=True, slots=True)
class Line:
    """What comes back of one payment, in the currency it was charged in.

    `waits` tells that the payer disputes it with the bank: nothing is sent before the bank decides.
    """

    payment: Payment
    percent: int
    amount: Money
    held: Money
    route: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Step:
    """Until when how much comes back; `money` as in `Preview.steps`."""

    until: dt.datetime
    percent: int
    money: Money


@dataclass(frozen=True, slots=True)
class Preview:
    """A promise for one instant. Totals are by charge currency.

    `steps` are those that can still be reached, best first, in the charge currency when all was
    charged in one, else in the contract's currency. `rest` is what a claim with proof could still
    bring. Without anything paid there are no lines.
    """

    percent: int = 0
    lines: tuple[Line, ...] = ()
    steps: tuple[Step, ...] = ()
    totals: dict[str, Money] = field(default_factory=dict)
    rest: dict[str, Money] = field(default_factory=dict)

    @property
    def route(self) -> str:
        """The way it goes back; blank when payments go different ways."""
        routes = {line.route for line in self.lines}
        return routes.pop() if len(routes) == 1 else ""

    @property
    def days(self) -> tuple[int, int]:
        """From how many days to how many it takes."""
        spans = [REFUND_DAYS[line.route] for line in self.lines] or [(0, 0)]
        return min(first for first, _last in spans), max(last for _first, last in spans)


def refund_preview(
    appointment: Appointment,
    *,
    cause: str | None = None,
    is_proven: bool = False,
    now: dt.datetime | None = None,
) -> Preview:
    """Return what comes back when the appointment is cancelled at `now`.

    Without a cause the patient changed their mind: the ladder that was agreed to at payment counts.
    A cause that needs proof gives everything at once where we hold the proof ourselves.
    """
    now = now or clock.now()
    payments = money_of(appointment)
    if not payments:
        return Preview()
    at_once = cause in WHOLE_AT_ONCE or (is_proven and cause in WITH_PROOF)
    whole = at_once or appointment.confirmed_at is None
    moves = () if whole else moves_of(appointment)
    terms = {
        payment.obligation_id: _terms(payment.obligation, appointment, moves)
        for payment in payments
    }
    lefts = {payment.pk: left_of(payment) for payment in payments}
    undecided = undecided_of(payments)
    lines = []
    for payment in payments:
        ladder, stands = terms[payment.obligation_id]
        percent = WHOLE if whole else percent_back(ladder, stands, now)
        lines.append(_line(payment, lefts[payment.pk], percent, undecided.get(payment.pk)))
    lines = [line for line in lines if line.held.minor > 0]
    first = min(payments, key=lambda payment: payment.obligation.appointment_id is None)
    steps = [] if whole else _steps(*terms[first.obligation_id], payments, lefts, now, appointment)
    return Preview(
        percent=max((line.percent for line in lines), default=0),
        lines=tuple(lines),
        steps=tuple(steps),
        totals=_sums(line.amount for line in lines),
        rest=_sums(line.held - line.amount for line in lines),
    )


def money_of(appointment: Appointment) -> list[Payment]:
    """Return the payments that go back with this appointment, in the order of their keys.

    What was paid towards the case itself goes back with the last appointment it has left.
    """
    if appointment.case_id is None:
        return []
    found = list(
        Payment.objects.filter(obligation__case=appointment.case_id, state__in=HELD, wanted="")
        .select_related("obligation__case", "obligation__hospital", "payer")
        .order_by("pk")
    )
    own = [payment for payment in found if payment.obligation.appointment_id == appointment.pk]
    of_case = [payment for payment in found if payment.obligation.appointment_id is None]
    if of_case and is_last(appointment):
        own += of_case
    return sorted(own, key=lambda payment: payment.pk)


def moves_of(appointment: Appointment) -> tuple[Move, ...]:
    """Return every change of the appointment's time, oldest first."""
    events = CaseEvent.objects.filter(appointment=appointment, action="move").order_by("at", "pk")
    return tuple(
        Move(
            at=event.at,
            by_patient=event.actor == Actor.PATIENT,
            from_starts_at=dt.datetime.fromisoformat(event.details["from_starts_at"]),
            to_starts_at=dt.datetime.fromisoformat(event.details["to_starts_at"]),
        )
        for event in events
    )


def is_last(appointment: Appointment) -> bool:
    """Tell whether nothing of the case would be left without this appointment."""
    case = appointment.kept_case
    if case.state not in (CaseState.SCHEDULED, CaseState.WITHDRAWN):
        return False
    others = case.appointments.filter(state__in=OCCUPYING).exclude(pk=appointment.pk)
    return not others.exists()


def _terms(
    obligation: Obligation, appointment: Appointment, moves: tuple[Move, ...]
) -> tuple[Ladder, Standing]:
    """Return the frozen ladder; terms that name no rule at all let nothing be kept."""
    ladder = Ladder.from_pairs(obligation.terms.get("ladder", []))
    if not ladder.bands and not obligation.terms.get("policy"):
        ladder = NOTHING_AGREED
    return ladder, standing(ladder, starts_at=appointment.slot.starts_at, moves=moves)


def _line(payment: Payment, left: Left, percent: int, undecided: Money | None) -> Line:
    """Return what comes back of a payment; of all of it, what nobody agreed to yet is a part."""
    held = left.charge
    if undecided is not None and percent == WHOLE:
        held += undecided
    return Line(
        payment=payment,
        percent=percent,
        amount=part_back(held, percent),
        held=held,
        route=_route(payment, percent),
        waits=is_frozen(payment),
    )


def _route(payment: Payment, percent: int) -> str:
    if payment.state == PaymentState.RESERVED and percent == WHOLE:
        return RELEASED
    return RefundRoute.BANK_TRANSFER if goes_by_bank(payment) else RefundRoute.ORIGINAL


def _steps(
    ladder: Ladder,
    stands: Standing,
    payments: list[Payment],
    lefts: dict[int, Left],
    now: dt.datetime,
    appointment: Appointment,
) -> list[Step]:
    charges = [lefts[payment.pk].charge for payment in payments]
    counted = charges
    if len({charge.currency for charge in charges}) > 1:
        counted = [lefts[payment.pk].contract for payment in payments]
    ahead = steps_ahead(ladder, stands, now=now, begins_at=appointment.slot.starts_at)
    return [
        Step(until, percent, _total(part_back(money, percent) for money in counted))
        for until, percent in ahead
    ]


def _total(amounts: Iterable[Money]) -> Money:
    first, *others = amounts
    for amount in others:
        first += amount
    return first


def _sums(amounts: Iterable[Money]) -> dict[str, Money]:
    sums: dict[str, Money] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, Money(0, amount.currency)) + amount
    return {currency: money for currency, money in sums.items() if money.minor}
