"""Receipts under real threads: payments of one hospital settle at once, numbers have no gaps."""

import pytest

from payments.models import Payment, Receipt
from payments.services import receipts, settlement
from tests.factories import SlotFactory
from tests.payments.paying import deposit_offer, due, paid_unseen, waiting_appointment
from tests.race.together import tally, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

COUNT = 6


@pytest.mark.parametrize("run", range(3))
def test_numbers_of_payments_at_once_are_one_to_six(run):
    offer = deposit_offer()
    slot = SlotFactory(offer=offer, capacity=COUNT)
    payments = [paid_unseen(due(waiting_appointment(offer, slot=slot))) for _number in range(COUNT)]
    results = together(COUNT, lambda number: settlement.settle(payments[number]))
    assert tally(results) == {"Payment": COUNT}
    assert Payment.objects.filter(state="succeeded").count() == COUNT
    receipts.issue_due()
    numbers = sorted(Receipt.objects.values_list("number", flat=True))
    assert [int(number.rpartition("-")[2]) for number in numbers] == list(range(1, COUNT + 1))


def test_one_payment_settled_from_every_side_has_one_receipt():
    payment = paid_unseen(due())
    together(4, lambda _number: settlement.settle(payment))
    together(4, lambda _number: receipts.issue_due())
    assert Receipt.objects.count() == 1
