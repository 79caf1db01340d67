"""Which state may follow which (product words); everything else is refused."""

from medtour.lib.states import Transitions


class AppointmentState:
    OFFERED = "offered"
    HELD = "held"
    AWAITING_GUARANTEE = "awaiting_guarantee"
    AWAITING_PAYMENT = "awaiting_payment"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    DECLINED = "declined"


A = AppointmentState
OCCUPYING = (
    A.OFFERED,
    A.HELD,
    A.AWAITING_GUARANTEE,
    A.AWAITING_PAYMENT,
    A.CONFIRMED,
    A.ARRIVED,
)
TIMED = (A.OFFERED, A.HELD, A.AWAITING_GUARANTEE, A.AWAITING_PAYMENT)
BOOKED_BY_A_HOLD = (A.CONFIRMED, A.AWAITING_PAYMENT, A.AWAITING_GUARANTEE)
# A time that is only held or offered ends together with what it belongs to.
CANCELLABLE = (A.AWAITING_GUARANTEE, A.AWAITING_PAYMENT, A.CONFIRMED, A.ARRIVED)

_AFTER_HOLD = {A.AWAITING_GUARANTEE, A.AWAITING_PAYMENT, A.CONFIRMED, A.EXPIRED, A.CANCELLED}
APPOINTMENT: Transitions = {
    A.OFFERED: frozenset(_AFTER_HOLD | {A.HELD, A.DECLINED}),
    A.HELD: frozenset(_AFTER_HOLD),
    A.AWAITING_GUARANTEE: frozenset({A.AWAITING_PAYMENT, A.CONFIRMED, A.EXPIRED, A.CANCELLED}),
    A.AWAITING_PAYMENT: frozenset({A.AWAITING_GUARANTEE, A.CONFIRMED, A.EXPIRED, A.CANCELLED}),
    A.CONFIRMED: frozenset({A.ARRIVED, A.CANCELLED, A.NO_SHOW, A.AWAITING_GUARANTEE}),
    A.ARRIVED: frozenset({A.COMPLETED, A.CANCELLED}),
    # Taken back within a day, with a reason; then the patient may arrive (BK-12).
    A.NO_SHOW: frozenset({A.CONFIRMED}),
}


class RequestState:
    REQUESTED = "requested"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


R = RequestState
OPEN_REQUEST = (R.REQUESTED, R.OFFERED)
REQUEST: Transitions = {
    R.REQUESTED: frozenset({R.OFFERED, R.DECLINED, R.EXPIRED, R.WITHDRAWN}),
    R.OFFERED: frozenset({R.REQUESTED, R.ACCEPTED, R.DECLINED, R.EXPIRED, R.WITHDRAWN}),
}


class WaitingState:
    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    LEFT = "left"


W = WaitingState
OPEN_WAITING = (W.WAITING, W.OFFERED)
WAITING: Transitions = {
    W.WAITING: frozenset({W.OFFERED, W.EXPIRED, W.LEFT}),
    W.OFFERED: frozenset({W.WAITING, W.ACCEPTED, W.EXPIRED, W.LEFT}),
}


class CaseState:
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_TRIAGE = "in_triage"
    INFO_NEEDED = "info_needed"
    QUOTED = "quoted"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    IN_TREATMENT = "in_treatment"
    DISCHARGED = "discharged"
    IN_FOLLOW_UP = "in_follow_up"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


C = CaseState
_STOP = {C.DECLINED, C.WITHDRAWN}
# Nothing of these cases takes place any more.
GONE_CASE = (CaseState.WITHDRAWN, CaseState.DECLINED)
CASE: Transitions = {
    C.DRAFT: frozenset({C.SUBMITTED, C.SCHEDULED} | _STOP),
    C.SUBMITTED: frozenset({C.IN_TRIAGE, C.QUOTED, C.SCHEDULED} | _STOP),
    C.IN_TRIAGE: frozenset({C.INFO_NEEDED, C.QUOTED} | _STOP),
    C.INFO_NEEDED: frozenset({C.IN_TRIAGE} | _STOP),
    # A time that the hospital offered may be taken before its quote is answered.
    C.QUOTED: frozenset({C.ACCEPTED, C.SCHEDULED} | _STOP),
    C.ACCEPTED: frozenset({C.SCHEDULED} | _STOP),
    C.SCHEDULED: frozenset({C.IN_TREATMENT} | _STOP),
    C.IN_TREATMENT: frozenset({C.DISCHARGED, C.WITHDRAWN}),
    C.DISCHARGED: frozenset({C.IN_FOLLOW_UP, C.CLOSED}),
    C.IN_FOLLOW_UP: frozenset({C.CLOSED}),
}


class FollowUpState:
    PLANNED = "planned"
    DUE = "due"
    ASKED = "asked"
    ANSWERED = "answered"
    MISSED = "missed"
    ESCALATED = "escalated"
    CLOSED = "closed"


F = FollowUpState
OPEN_FOLLOW_UP = (F.PLANNED, F.DUE, F.ASKED, F.ANSWERED, F.MISSED, F.ESCALATED)
ANSWERABLE = (F.ASKED, F.ANSWERED, F.MISSED, F.ESCALATED, F.CLOSED)
# A late answer ends a call that only its absence had caused; a worse correction opens one again.
FOLLOW_UP: Transitions = {
    F.PLANNED: frozenset({F.DUE, F.CLOSED}),
    F.DUE: frozenset({F.ASKED, F.MISSED, F.CLOSED}),
    F.ASKED: frozenset({F.ANSWERED, F.MISSED, F.CLOSED}),
    F.ANSWERED: frozenset({F.ESCALATED, F.CLOSED}),
    F.MISSED: frozenset({F.ANSWERED, F.ESCALATED, F.CLOSED}),
    F.ESCALATED: frozenset({F.ANSWERED, F.CLOSED}),
    F.CLOSED: frozenset({F.ESCALATED}),
}
