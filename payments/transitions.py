"""Which state may follow which for everything that money goes through (product words)."""

from medtour.lib.states import Transitions


class QuoteState:
    DRAFT = "draft"
    ISSUED = "issued"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


Q = QuoteState
QUOTE: Transitions = {
    Q.DRAFT: frozenset({Q.ISSUED, Q.SUPERSEDED}),
    Q.ISSUED: frozenset({Q.ACCEPTED, Q.DECLINED, Q.SUPERSEDED, Q.EXPIRED}),
    Q.ACCEPTED: frozenset({Q.SUPERSEDED}),
}


class PaymentState:
    CREATED = "created"
    PENDING = "pending"
    RESERVED = "reserved"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


P = PaymentState
LIVE_PAYMENT = (P.CREATED, P.PENDING)
# What counts towards an amount due: nobody else can pay that part.
CLAIMING_PAYMENT = (*LIVE_PAYMENT, P.RESERVED, P.SUCCEEDED)
# The gateway's word is final: money that arrives after we gave up on it is money all the same.
PAYMENT: Transitions = {
    P.CREATED: frozenset({P.PENDING, P.RESERVED, P.SUCCEEDED, P.FAILED, P.CANCELLED, P.EXPIRED}),
    P.PENDING: frozenset({P.RESERVED, P.SUCCEEDED, P.FAILED, P.CANCELLED, P.EXPIRED}),
    P.RESERVED: frozenset({P.SUCCEEDED, P.CANCELLED}),
    P.FAILED: frozenset({P.RESERVED, P.SUCCEEDED}),
    P.CANCELLED: frozenset({P.SUCCEEDED}),
    P.EXPIRED: frozenset({P.RESERVED, P.SUCCEEDED}),
}


# Why an amount due was closed though the money is still owed: another one asks for it now.
BALANCE_CHANGED, DEPOSIT_CHANGED, OWN_PART_CHANGED = (
    "balance_changed",
    "deposit_changed",
    "own_part_changed",
)
TAKEN_BACK = "taken_back"
ASKED_ANEW = frozenset({BALANCE_CHANGED, DEPOSIT_CHANGED, OWN_PART_CHANGED})


class RefundState:
    CREATED = "created"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


# Codes of refunds that were ended here: no bank has heard of them.
NOT_APPROVED, DISPUTE_LOST = "not_approved", "dispute_lost"
NEVER_SENT = frozenset({NOT_APPROVED, DISPUTE_LOST})

R = RefundState
LIVE_REFUND = (R.CREATED, R.PENDING)
# A refund that succeeded can still be sent back by the card's bank days later.
REFUND: Transitions = {
    R.CREATED: frozenset({R.PENDING, R.SUCCEEDED, R.FAILED}),
    R.PENDING: frozenset({R.SUCCEEDED, R.FAILED}),
    R.SUCCEEDED: frozenset({R.FAILED}),
}


class DisputeState:
    OPEN = "open"
    WON = "won"
    LOST = "lost"


D = DisputeState
DISPUTE: Transitions = {D.OPEN: frozenset({D.WON, D.LOST})}


class GuaranteeState:
    DRAFT = "draft"
    SUBMITTED = "submitted"
    MORE_INFO = "more_info"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    TOPPED_UP = "topped_up"
    USED = "used"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


G = GuaranteeState
OPEN_GUARANTEE = (G.DRAFT, G.SUBMITTED, G.MORE_INFO)
WITH_INSURER = (G.SUBMITTED, G.MORE_INFO)
_DECIDED = {G.APPROVED, G.DECLINED, G.WITHDRAWN}
# An appeal takes a refused request back to the insurer (DP-12); nothing else comes back.
GUARANTEE: Transitions = {
    G.DRAFT: frozenset({G.SUBMITTED, G.WITHDRAWN}),
    G.SUBMITTED: frozenset({G.MORE_INFO} | _DECIDED),
    G.MORE_INFO: frozenset({G.SUBMITTED} | _DECIDED),
    G.APPROVED: frozenset({G.TOPPED_UP, G.USED, G.EXPIRED, G.CANCELLED}),
    G.DECLINED: frozenset({G.SUBMITTED}),
}


class ClaimState:
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ADJUDICATED = "adjudicated"
    PAID = "paid"
    SHORT_PAID = "short_paid"
    DENIED = "denied"
    APPEALED = "appealed"
    CLOSED = "closed"


C = ClaimState
_SETTLED = {C.PAID, C.SHORT_PAID, C.DENIED}
# What the insurer owes until the claim is closed.
OWED_CLAIM = (C.SUBMITTED, C.ADJUDICATED, C.PAID, C.SHORT_PAID, C.DENIED, C.APPEALED)
SHORTFALL = (C.SHORT_PAID, C.DENIED)
# An appeal that the insurer grants is decided again; one it refuses leaves things as they were.
CLAIM: Transitions = {
    C.DRAFT: frozenset({C.SUBMITTED}),
    C.SUBMITTED: frozenset({C.ADJUDICATED}),
    C.ADJUDICATED: frozenset(_SETTLED),
    C.PAID: frozenset({C.CLOSED}),
    C.SHORT_PAID: frozenset({C.APPEALED, C.CLOSED}),
    C.DENIED: frozenset({C.APPEALED, C.CLOSED}),
    C.APPEALED: frozenset({C.ADJUDICATED, C.SHORT_PAID, C.DENIED}),
}
