"""What our gateway relies on: the same class runs against the sandbox and against Stripe itself."""

import datetime as dt

import pytest

from medtour.lib import clock
from medtour.lib.ids import public_id
from medtour.lib.money import Money
from payments.gateways.protocol import CheckoutRequest, GatewayRefused, RefundRequest

AMOUNT = Money(12_000, "USD")


def asked(**changes) -> CheckoutRequest:
    """Return a request with an id that nobody used before."""
    facts = {
        "payment_id": public_id(),
        "attempt": 1,
        "amount": AMOUNT,
        "account_id": "",
        "language": "en",
        "label": "Deposit",
        "success_url": "https://care.medtour.example/en/pay/x/back/",
        "cancel_url": "https://care.medtour.example/en/pay/x/",
        "expires_at": clock.now() + dt.timedelta(minutes=31),
    }
    return CheckoutRequest(**{**facts, **changes})


class Contract:
    """Each test needs the fixtures `stripe`, a gateway, and the ids of intents.

    `paid_intent` was paid, on `reserved_intent` a card keeps the money.
    """

    @pytest.mark.parametrize("language", ["en", "zh-hans", "ru", "id", "vi", "mn", "ar", "fr"])
    def test_a_page_in_each_language(self, stripe, language):
        page = stripe.create_checkout(asked(language=language))
        assert (page.status, page.is_paid, page.amount) == ("open", False, AMOUNT)
        assert page.url.startswith("http")

    @pytest.mark.parametrize(
        "amount",
        [Money(12_345, "CNY"), Money(5_000, "JPY"), Money(12_340, "KWD"), Money(9_900, "ISK")],
        ids=lambda amount: amount.currency,
    )
    def test_amounts_come_back_as_they_went(self, stripe, amount):
        page = stripe.create_checkout(asked(amount=amount))
        assert page.amount == amount
        assert stripe.fetch_checkout(page.session_id, account_id="").amount == amount

    def test_the_same_key_gives_the_same_page(self, stripe):
        request = asked()
        assert stripe.create_checkout(request) == stripe.create_checkout(request)

    def test_the_same_key_for_something_else_is_refused(self, stripe):
        request = asked()
        stripe.create_checkout(request)
        with pytest.raises(GatewayRefused) as refused:
            stripe.create_checkout(asked(payment_id=request.payment_id, amount=Money(7_000, "USD")))
        assert refused.value.code == "idempotency_error"

    def test_a_page_that_is_too_short_is_refused(self, stripe):
        with pytest.raises(GatewayRefused):
            stripe.create_checkout(asked(expires_at=clock.now() + dt.timedelta(minutes=5)))

    def test_a_page_is_found_by_our_id_and_ended(self, stripe):
        page = stripe.create_checkout(asked())
        assert stripe.find_checkout(page.payment_id, account_id="") == page
        ended = stripe.expire_checkout(page.session_id, account_id="")
        assert (ended.status, ended.is_paid) == ("expired", False)
        assert stripe.expire_checkout(page.session_id, account_id="") == ended
        assert stripe.find_checkout(public_id(), account_id="") is None

    def test_what_is_not_there_is_refused(self, stripe):
        for fetch in (stripe.fetch_checkout, stripe.fetch_charge, stripe.fetch_refund):
            with pytest.raises(GatewayRefused) as refused:
                fetch("cs_test_2222", account_id="")
            assert refused.value.code == "resource_missing"

    def test_reserved_money_is_collected_once(self, stripe, reserved_intent):
        kept = stripe.fetch_charge(reserved_intent, account_id="")
        assert (kept.status, kept.amount, kept.received) == ("reserved", AMOUNT, Money(0, "USD"))
        assert kept.capture_before > clock.now() + dt.timedelta(days=1)
        taken = stripe.collect(reserved_intent, account_id="")
        assert (taken.status, taken.received) == ("succeeded", AMOUNT)
        for act in (stripe.collect, stripe.release):
            with pytest.raises(GatewayRefused) as refused:
                act(reserved_intent, account_id="")
            assert refused.value.code == "payment_intent_unexpected_state"

    def test_a_card_is_let_go_once_and_never_charged(self, stripe, reserved_intent):
        ended = stripe.release(reserved_intent, account_id="")
        assert (ended.status, ended.received) == ("canceled", Money(0, "USD"))
        for act in (stripe.collect, stripe.release):
            with pytest.raises(GatewayRefused):
                act(reserved_intent, account_id="")

    def test_a_paid_charge_has_a_method_and_a_fee(self, stripe, paid_intent):
        charge = stripe.fetch_charge(paid_intent, account_id="")
        assert (charge.status, charge.received, charge.method) == ("succeeded", AMOUNT, "card")
        assert charge.fee.minor > 0

    def test_refunds_end_at_what_was_paid(self, stripe, paid_intent):
        first = RefundRequest(public_id(), 1, paid_intent, Money(5_000, "USD"), "")
        made = stripe.refund(first)
        assert (made.refund_id, made.amount) == (first.refund_id, first.amount)
        assert stripe.refund(first) == made
        assert stripe.fetch_refund(made.gateway_id, account_id="") == made
        found = stripe.find_refund(first.refund_id, intent_id=paid_intent, account_id="")
        assert found == made
        with pytest.raises(GatewayRefused):
            stripe.refund(RefundRequest(public_id(), 1, paid_intent, Money(7_001, "USD"), ""))

    def test_the_balance_names_charge_and_refund(self, stripe, paid_intent):
        refund = stripe.refund(RefundRequest(public_id(), 1, paid_intent, AMOUNT, ""))
        now = clock.now()
        lines = {
            line.source_id: line
            for line in stripe.balance_lines(
                "", since=now - dt.timedelta(hours=1), until=now + dt.timedelta(minutes=1)
            )
        }
        assert (lines[paid_intent].type, lines[paid_intent].original) == ("charge", AMOUNT)
        assert lines[refund.gateway_id].type == "refund"
        assert lines[refund.gateway_id].original == AMOUNT * -1

    def test_the_platforms_own_account_has_a_holder(self, stripe):
        assert isinstance(stripe.account_holder(""), str)

    def test_a_strange_account_is_refused(self, stripe):
        with pytest.raises(GatewayRefused):
            stripe.create_checkout(asked(account_id="acct_1NotOursAtAll0000"))
