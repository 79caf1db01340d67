"""A newer file of the insurer replaces a cover; its promises keep counting against one limit."""

import pytest

from payments.guarantee_refusals import BenefitExhausted, NoTermsInForce, RequestRunning
from payments.models import BenefitBalance, Coverage, Guarantee, PlanTerms
from payments.services.insurance.member_lines import COLUMNS
from payments.services.insurance.members import import_members
from payments.transitions import GuaranteeState as G
from tests.factories import guarantees as make
from tests.factories.insurance import BORN, PlanTermsFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
LIMIT = make.REQUESTED


def reported_again(cover, by, **changes):
    """Import the member once more with another policy number, so that the cover is replaced."""
    cells = {
        "member_number": cover.member.number,
        "date_of_birth": BORN,
        "plan": cover.plan.code,
        "policy_number": "P2",
        "status": "active",
        "valid_from": str(cover.valid_from),
        "valid_until": str(cover.valid_until),
        "joined_on": str(cover.joined_on),
        **changes,
    }
    line = ",".join(cells.get(column, "") for column in COLUMNS)
    import_members(cover.plan.insurer, f"{','.join(COLUMNS)}\n{line}".encode(), by=by)
    return Coverage.objects.known().get(member=cover.member)


def test_two_promises_never_spend_one_limit_across_a_newer_file(officer):
    cover = make.covered(annual_limit_minor=LIMIT)
    first, second = (make.submitted(coverage=cover) for _number in range(2))
    make.approve(first)
    newer = reported_again(cover, officer)
    with pytest.raises(BenefitExhausted):
        make.approve(second)
    assert newer != cover
    assert make.balance_of(newer) == (0, LIMIT)
    assert not BenefitBalance.objects.filter(coverage=cover).exists()
    assert Guarantee.objects.get(pk=second.pk).state == G.SUBMITTED


def test_a_promise_after_a_newer_file_is_kept_of_the_newer_cover(officer):
    cover = make.covered(annual_limit_minor=LIMIT)
    sent = make.submitted(coverage=cover)
    newer = reported_again(cover, officer)
    make.approve(sent)
    assert make.balance_of(newer) == make.balance_of(newer, "inpatient") == (0, LIMIT)
    assert make.top_up(sent, LIMIT).state == G.DRAFT


def test_one_open_request_however_often_the_cover_is_reported(officer):
    draft = make.drafted()
    reported_again(draft.coverage, officer)
    with pytest.raises(RequestRunning):
        make.drafted(draft.appointment, draft.coverage)
    assert Guarantee.objects.count() == 1


def test_a_promise_needs_a_cover_on_the_first_day(officer):
    sent = make.submitted()
    reported_again(sent.coverage, officer, valid_until=str(sent.service_from.replace(day=1)))
    with pytest.raises(NoTermsInForce):
        make.approve(sent)
    assert Guarantee.objects.get(pk=sent.pk).state == G.SUBMITTED
    assert not BenefitBalance.objects.exists()


@pytest.mark.parametrize("limit", [2 * LIMIT, None])
def test_the_limit_of_newer_terms_counts(frozen, limit):
    cover = make.covered(annual_limit_minor=LIMIT)
    make.approve(make.submitted(coverage=cover))
    PlanTerms.objects.update(superseded_at=frozen)
    PlanTermsFactory(plan=cover.plan, annual_limit_minor=limit)
    make.approve(make.submitted(coverage=cover))
    assert make.balance_of(cover) == (0, 2 * LIMIT)


def test_a_lower_limit_of_newer_terms_refuses(frozen):
    cover = make.covered(annual_limit_minor=4 * LIMIT)
    make.approve(make.submitted(coverage=cover))
    PlanTerms.objects.update(superseded_at=frozen)
    PlanTermsFactory(plan=cover.plan, annual_limit_minor=LIMIT // 2)
    with pytest.raises(BenefitExhausted):
        make.approve(make.submitted(coverage=cover))
    assert make.balance_of(cover) == (0, LIMIT)
