"""What is due towards a quote: opened once, paid without a hold, nothing kept once it is closed."""

import pytest

from medtour.lib import clock
from payments.models import Account, Obligation, ObligationKind, Refund
from payments.refusals import NothingOwed, ObligationClosed
from payments.selectors.balances import balance, paid_in
from payments.selectors.terms import terms_in
from payments.services import settlement
from payments.services.obligations import close_obligation, open_for_quote
from payments.services.shares import offer_share
from tests.factories import CaseFactory, PayeeAccountFactory, UserFactory
from tests.factories.quotes import issued_quote
from tests.payments.paying import at_the_page, cny, paid_unseen, started, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def quote():
    case = CaseFactory(state="in_triage")
    PayeeAccountFactory(hospital=case.hospital)
    return issued_quote(case, UserFactory(staff=True))


def opened(quote, kind=ObligationKind.TOP_UP, minor=50_000) -> Obligation:
    return open_for_quote(quote, kind=kind, amount=cny(minor), by=quote.case.patient.account)


def test_the_same_wish_is_one_obligation(quote):
    first = opened(quote)
    assert opened(quote) == first
    assert opened(quote, minor=60_000) != first
    assert opened(quote, ObligationKind.BALANCE) != first
    assert (first.appointment, first.case) == (None, quote.case)
    assert terms_in(first, "en").payee == quote.case.hospital.payee


def test_nothing_is_not_asked_for(quote):
    with pytest.raises(NothingOwed):
        opened(quote, minor=0)


def test_it_is_paid_without_a_hold(quote):
    obligation = opened(quote)
    settlement.settle(paid_unseen(obligation))
    obligation.refresh_from_db()
    assert obligation.settled_at == clock.now()
    assert paid_in(obligation) == cny(50_000)
    with pytest.raises(NothingOwed):
        started(obligation)


def test_a_share_of_it_ends_after_a_week(quote):
    share = offer_share(opened(quote), label="Uncle", amount=cny(10_000), by=None)
    assert (share.expires_at - clock.now()).days == 7


def test_nothing_can_be_begun_for_what_is_no_longer_due(quote):
    obligation = opened(quote)
    payment = at_the_page(obligation)
    close_obligation(obligation, reason="superseded", now=clock.now())
    with pytest.raises(ObligationClosed):
        started(obligation, "USD")
    payment.refresh_from_db()
    assert payment.state == "cancelled"
    assert world.session_of(payment.public_id)["status"] == "expired"
    assert not Refund.objects.exists()


def test_money_that_was_paid_before_it_closed_goes_back(quote):
    obligation = opened(quote)
    payment = paid_unseen(obligation)
    close_obligation(obligation, reason="superseded", now=clock.now())
    payment = settlement.settle(payment)
    refund = Refund.objects.get()
    assert (payment.state, payment.surplus_minor, refund.cause, refund.amount) == (
        "succeeded",
        50_000,
        "paid_twice",
        cny(50_000),
    )
    obligation.refresh_from_db()
    assert (obligation.settled_at, obligation.claimed_minor) == (None, 0)
    assert balance(Account.UNAPPLIED) == {}
