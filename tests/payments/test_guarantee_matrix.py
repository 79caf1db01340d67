"""Every state of a guarantee against every move: what is allowed, and that a refusal is nothing."""

import datetime as dt

import pytest

from accounts.models import AuditEntry, Disclosure
from medtour.lib.errors import Refusal
from medtour.lib.states import MoveRefused
from messaging.models import Message
from payments.guarantee_refusals import GuaranteeChanged, NotApproved
from payments.models import Appeal, BalanceEntry, BenefitReservation, Guarantee, GuaranteeEvent
from payments.services.insurance import guarantee_decisions as decisions
from payments.services.insurance import guarantee_moves as moves
from payments.services.insurance import guarantees
from payments.transitions import GUARANTEE
from payments.transitions import GuaranteeState as G
from tests.factories import guarantees as make

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
STATES = [
    G.DRAFT, G.SUBMITTED, G.MORE_INFO, G.APPROVED, G.DECLINED, G.WITHDRAWN, G.TOPPED_UP, G.USED,
    G.EXPIRED, G.CANCELLED,
]  # fmt: skip
ROWS = (
    Guarantee, GuaranteeEvent, Message, AuditEntry, Disclosure, Appeal, BalanceEntry,
    BenefitReservation,
)  # fmt: skip


def submit(guarantee, version):
    by = guarantee.case.opened_by
    return moves.submit_guarantee(guarantee, by=by, row_version=version)


def answer(guarantee, version):
    by = guarantee.case.opened_by
    return moves.answer_question(guarantee, answer="Physiotherapy", by=by, row_version=version)


def appeal(guarantee, version):
    by = guarantee.case.opened_by
    moves.appeal_guarantee(guarantee, reason="It is needed", by=by, row_version=version)
    return Guarantee.objects.get(pk=guarantee.pk)


def withdraw(guarantee, version):
    return moves.withdraw_guarantee(guarantee, by=None, row_version=version)


def cancel(guarantee, version):
    return moves.cancel_guarantee(guarantee, by=None, row_version=version, reason="Not needed")


def ask(guarantee, version):
    return decisions.ask_question(guarantee, question="Why?", by=None, row_version=version)


def approve(guarantee, version):
    promise = make.promise_of(guarantee)
    return decisions.approve_guarantee(guarantee, promise=promise, by=None, row_version=version)


def decline(guarantee, version):
    refused = decisions.Refused("excluded", "Not covered.")
    return decisions.decline_guarantee(guarantee, refused=refused, by=None, row_version=version)


def use(guarantee, version):
    return decisions.use_guarantee(guarantee, used_minor=1, by=None, row_version=version)


MOVES = {
    submit: {G.DRAFT: G.SUBMITTED},
    answer: {G.MORE_INFO: G.SUBMITTED},
    appeal: {G.DECLINED: G.SUBMITTED},
    withdraw: {G.DRAFT: G.WITHDRAWN, G.SUBMITTED: G.WITHDRAWN, G.MORE_INFO: G.WITHDRAWN},
    cancel: {G.APPROVED: G.CANCELLED},
    ask: {G.SUBMITTED: G.MORE_INFO},
    approve: {G.SUBMITTED: G.APPROVED, G.MORE_INFO: G.APPROVED},
    decline: {G.SUBMITTED: G.DECLINED, G.MORE_INFO: G.DECLINED},
    use: {G.APPROVED: G.USED},
}


def everything():
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in ROWS}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", MOVES, ids=lambda act: act.__name__)
def test_every_state_against_every_move(state, act):
    guarantee = make.in_state(state)
    assert guarantee.state == state
    allowed = MOVES[act].get(state)
    before, version = everything(), guarantee.row_version
    if allowed is None:
        with pytest.raises(MoveRefused):
            act(guarantee, version)
        assert everything() == before
        return

    with pytest.raises(GuaranteeChanged):
        act(guarantee, version + 1)
    assert everything() == before

    moved = act(guarantee, version)
    assert (moved.state, moved.row_version) == (allowed, version + 1)
    event = GuaranteeEvent.objects.filter(guarantee=guarantee).latest("pk")
    assert (event.before, event.after) == (state, allowed)
    audited = AuditEntry.objects.filter(target=f"payments.guarantee:{guarantee.public_id}")
    assert audited.latest("pk").action == f"guarantee.{event.action}"
    assert audited.latest("pk").reason == ""


@pytest.mark.parametrize("state", STATES)
def test_only_an_approved_one_is_topped_up(state):
    guarantee = make.in_state(state)
    before = everything()
    if state == G.APPROVED:
        assert make.top_up(guarantee).version == 2
        return
    with pytest.raises(NotApproved):
        make.top_up(guarantee)
    assert everything() == before


@pytest.mark.parametrize("state", STATES)
def test_documents_are_added_until_the_decision(state):
    guarantee = make.in_state(state)
    patient = guarantee.case.patient
    document = make.report(patient)
    before = everything()

    def share():
        by = patient.account
        return guarantees.share_document(guarantee, document=document, kind="other", by=by)

    if state in (G.DRAFT, G.SUBMITTED, G.MORE_INFO):
        assert share().document == document
        assert share().document == document
        assert guarantee.documents.count() == 2
        return
    with pytest.raises(MoveRefused):
        share()
    assert everything() == before


def test_the_table_is_what_the_moves_do():
    done = {}
    for allowed in MOVES.values():
        for before, after in allowed.items():
            done.setdefault(before, set()).add(after)
    done[G.APPROVED] |= {G.TOPPED_UP, G.EXPIRED}
    assert done == {state: set(after) for state, after in GUARANTEE.items()}


def test_the_day_of_the_refusal_is_over():
    guarantee = make.refuse(make.submitted())
    with pytest.raises(Refusal) as late:
        appeal(guarantee, guarantee.row_version)
    assert late.value.code == "appeal_too_late"
    assert guarantee.appeal_until is None
    sent = make.submitted()
    sent = make.refuse(sent, appeal_until=dt.date(2026, 11, 22))
    with pytest.raises(Refusal):
        appeal(sent, sent.row_version)
