"""A liaison sees, asks and checks; what moves money only an officer of that insurer does."""

import pytest

from medtour.lib import clock
from payments.insurance_refusals import OnlyOfficersDecide
from payments.models import Guarantee, InsuranceClaim, Member, Remittance
from payments.services.insurance import appeals, claim_decisions, remittances
from payments.services.insurance import guarantee_decisions as decisions
from payments.services.insurance.members import import_members
from payments.services.insurance.utilisation import import_utilisation
from payments.transitions import ClaimState as C
from payments.transitions import GuaranteeState as G
from tests.factories import claims as made
from tests.factories import guarantees as make
from tests.factories.insurance import InsurerFactory
from tests.factories.portal import seat

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def liaison(row):
    return seat(row.insurer, row.hospital).user


def rival(row):
    return seat(InsurerFactory()).user


def suspended(row):
    found = seat(row.insurer)
    found.suspended_at = clock.now()
    found.save()
    return found.user


PEOPLE = pytest.mark.parametrize("who", [liaison, rival, suspended])


@PEOPLE
def test_nobody_else_promises_or_declines(who):
    sent = make.submitted()
    by = who(sent)
    promise, version = make.promise_of(sent), sent.row_version
    with pytest.raises(OnlyOfficersDecide):
        decisions.approve_guarantee(sent, promise=promise, by=by, row_version=version)
    refused = decisions.Refused("N-1", "No")
    with pytest.raises(OnlyOfficersDecide):
        decisions.decline_guarantee(sent, refused=refused, by=by, row_version=version)
    kept = Guarantee.objects.get(pk=sent.pk)
    assert (kept.state, kept.row_version, kept.decided_by) == (G.SUBMITTED, version, None)


def test_a_liaison_asks_a_question():
    sent = make.submitted()
    asked = decisions.ask_question(
        sent, question="Which drug?", by=liaison(sent), row_version=sent.row_version
    )
    assert asked.state == G.MORE_INFO


@PEOPLE
def test_nobody_else_decides_or_pays_a_claim(who):
    claim = made.sent_claim()
    by = who(claim)
    with pytest.raises(OnlyOfficersDecide):
        claim_decisions.adjudicate_claim(claim, decisions=made.decisions(claim), by=by)
    with pytest.raises(OnlyOfficersDecide):
        remittances.record_remittance(
            claim.insurer,
            hospital=claim.hospital,
            payment=made.bank(made.INSURER),
            parts=made.paid_lines(claim),
            by=by,
        )
    kept = InsuranceClaim.objects.get(pk=claim.pk)
    assert (kept.state, kept.row_version, kept.paid_minor) == (C.SUBMITTED, claim.row_version, 0)
    assert not Remittance.objects.exists()


@PEOPLE
def test_nobody_else_answers_an_appeal(who):
    claim = made.claim_in_state(C.APPEALED)
    with pytest.raises(OnlyOfficersDecide):
        appeals.answer_appeal(claim, answer=appeals.Answer("No"), by=who(claim))
    assert claim.appeals.get().answered_at is None


@PEOPLE
def test_nobody_else_loads_members_or_what_they_used(who):
    sent = make.submitted()
    by, before = who(sent), Member.objects.count()
    for load in (import_members, import_utilisation):
        with pytest.raises(OnlyOfficersDecide):
            load(sent.insurer, b"", by=by)
    assert Member.objects.count() == before


def test_an_officer_decides():
    sent = make.submitted()
    by = seat(sent.insurer).user
    promise = make.promise_of(sent)
    kept = decisions.approve_guarantee(sent, promise=promise, by=by, row_version=sent.row_version)
    assert (kept.state, kept.decided_by) == (G.APPROVED, by)
