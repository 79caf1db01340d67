"""Two promises never spend one limit: on real connections, and with every lock taken away (DP-08)."""

import pytest
from django.db import connection
from django.db.models import F

from medtour.lib import clock
from payments.guarantee_refusals import BenefitExhausted
from payments.models import BenefitBalance, BenefitReservation, Guarantee
from payments.services.insurance import guarantee_decisions as decisions
from payments.services.insurance import reservations
from payments.transitions import GuaranteeState as G
from tests.factories import guarantees as make
from tests.race.together import tally, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
LIMIT = make.REQUESTED
NOT_OVERSPENT = "payments_balance_not_overspent"


@pytest.fixture
def sent():
    """Two requests of one member, and a limit for one of them."""
    coverage = make.covered(annual_limit_minor=LIMIT)
    return [make.submitted(coverage=coverage) for _number in range(2)]


def approve(guarantee):
    fresh = Guarantee.objects.get(pk=guarantee.pk)
    return decisions.approve_guarantee(
        fresh, promise=make.promise_of(fresh), by=None, row_version=fresh.row_version
    )


def reserved():
    return BenefitBalance.objects.get(category="").reserved_minor


def one_was_approved():
    assert sorted(Guarantee.objects.values_list("state", flat=True)) == [G.APPROVED, G.SUBMITTED]
    assert reserved() == LIMIT
    assert BenefitReservation.objects.count() == 2


def test_two_approvals_with_a_limit_for_one(sent):
    results = together(2, lambda number: approve(sent[number]))
    assert tally(results) == {"Guarantee": 1, "BenefitExhausted": 1}
    one_was_approved()


def test_one_request_is_approved_once(sent):
    results = together(6, lambda _number: approve(sent[0]))
    counted = tally(results)
    assert counted.pop("Guarantee") == 1
    assert set(counted) <= {"GuaranteeChanged", "MoveRefused", "Busy"}
    one_was_approved()


def unconditionally(balance, amount):
    """Take without looking, as a careless statement would."""
    BenefitBalance.objects.filter(pk=balance.pk).update(reserved_minor=F("reserved_minor") + amount)
    return True


def test_without_the_condition_the_constraint_still_lets_one_win(sent, monkeypatch):
    """Negative control: nobody asks first, and the database says no."""
    monkeypatch.setattr(reservations, "take", unconditionally)
    results = together(2, lambda number: approve(sent[number]))
    assert tally(results) == {"Guarantee": 1, "BenefitExhausted": 1}
    (refused,) = [result for result in results if isinstance(result, BenefitExhausted)]
    assert refused.__cause__.__cause__.diag.constraint_name == NOT_OVERSPENT
    one_was_approved()


def test_without_condition_and_constraint_both_win_and_overspend(sent, monkeypatch):
    """The control of the controls: the test would see it if the limit were spent twice."""
    monkeypatch.setattr(reservations, "take", unconditionally)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s",
            [NOT_OVERSPENT],
        )
        (definition,) = cursor.fetchone()
        cursor.execute(f"ALTER TABLE payments_benefitbalance DROP CONSTRAINT {NOT_OVERSPENT}")
    try:
        results = together(2, lambda number: approve(sent[number]))
        assert tally(results) == {"Guarantee": 2}
        assert reserved() == 2 * LIMIT
    finally:
        BenefitBalance.objects.update(reserved_minor=0)
        with connection.cursor() as cursor:
            cursor.execute(
                f"ALTER TABLE payments_benefitbalance ADD CONSTRAINT {NOT_OVERSPENT} {definition}"
            )


def test_a_promise_is_released_once(sent):
    approved = approve(sent[0])

    def release(_number):
        with decisions.one_move():
            reservations.release(approved, by=None, now=clock.now())

    together(4, release)
    assert reserved() == 0
