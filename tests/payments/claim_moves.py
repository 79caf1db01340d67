"""Every move of a claim and the states it may begin at, for the matrix."""

from payments.services.insurance import appeals, claim_decisions, claims
from payments.transitions import ClaimState as C
from tests.factories import claims as made


def _by(claim):
    return made.cashier_of(claim.guarantee)


def _adjudicate(claim):
    claim_decisions.adjudicate_claim(claim, decisions=made.decisions(claim), by=None)


MOVES = {
    "fapiao": (
        {C.DRAFT},
        lambda claim: claims.set_fapiao_number(claim, number="9", by=_by(claim)),
    ),
    "codes": ({C.DRAFT}, lambda claim: claims.set_codes(claim, codes={1: "X"}, by=_by(claim))),
    "submit": ({C.DRAFT}, lambda claim: claims.submit_claim(claim, by=_by(claim))),
    "adjudicate": ({C.SUBMITTED}, _adjudicate),
    "remit": ({C.SUBMITTED, C.ADJUDICATED}, lambda claim: made.remitted(claim, "BANK-9")),
    "appeal": (
        {C.SHORT_PAID, C.DENIED},
        lambda claim: appeals.appeal_claim(claim, reason="Wrong", by=_by(claim)),
    ),
    "answer": (
        {C.APPEALED},
        lambda claim: appeals.answer_appeal(claim, answer=appeals.Answer("No"), by=None),
    ),
    "close": (
        {C.PAID, C.SHORT_PAID, C.DENIED},
        lambda claim: claim_decisions.close_claim(claim, by=_by(claim), without_appeal=True),
    ),
}
