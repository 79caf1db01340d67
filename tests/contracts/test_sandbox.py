"""The sandbox keeps the contract, and both sides fit Stripe's own description."""

import pytest

from payments.gateways.protocol import Charge
from payments.gateways.sandbox import server, world
from payments.gateways.sandbox.models import StoredObject
from payments.gateways.stripe import API_VERSION, SandboxClient, StripeGateway
from tests.contracts import description
from tests.contracts.contract import Contract, asked
from tests.contracts.recorder import Recorder

pytestmark = pytest.mark.django_db


@pytest.fixture
def recorder():
    return Recorder(server.answer)


@pytest.fixture
def stripe(recorder):
    client = SandboxClient(recorder)
    return StripeGateway(server.SECRET_KEY, secrets=["whsec_test"], http_client=client)


@pytest.fixture
def paid_intent(stripe):
    page = stripe.create_checkout(asked())
    world.pay(page.session_id)
    return stripe.fetch_checkout(page.session_id, account_id="").intent_id


@pytest.fixture
def reserved_intent(stripe):
    page = stripe.create_checkout(asked(reserves=True))
    world.pay(page.session_id)
    return stripe.fetch_checkout(page.session_id, account_id="").intent_id


class TestSandbox(Contract):
    """See `Contract`."""


def test_we_pin_the_version_that_is_described(stripe, recorder):
    stripe.create_checkout(asked())
    assert description.version() == API_VERSION
    assert recorder.headers[-1]["Stripe-Version"] == API_VERSION


def test_the_key_is_our_id_and_attempt(stripe, recorder):
    request = asked(attempt=3)
    stripe.create_checkout(request)
    assert recorder.headers[-1]["Idempotency-Key"] == f"{request.payment_id}:3"


def test_a_connected_account_travels_in_a_header(stripe, recorder):
    world.open_account("acct_1Hospital", name="Example Hospital Ltd")
    page = stripe.create_checkout(asked(account_id="acct_1Hospital"))
    assert recorder.headers[-1]["Stripe-Account"] == "acct_1Hospital"
    assert page.account_id == "acct_1Hospital"
    assert stripe.account_holder("acct_1Hospital") == "Example Hospital Ltd"


@pytest.mark.parametrize("outcome", [each for each in world.OUTCOMES if "3ds" not in each])
def test_every_outcome_is_a_charge_that_stripe_could_show(stripe, outcome):
    page = stripe.create_checkout(asked())
    world.pay(page.session_id, outcome)
    after = stripe.fetch_checkout(page.session_id, account_id="")
    assert isinstance(stripe.fetch_charge(after.intent_id, account_id=""), Charge)
    if after.status == "complete" and not after.is_paid:
        world.finish_wallet(page.session_id)
        assert stripe.fetch_charge(after.intent_id, account_id="").status in ("succeeded", "failed")
    _all_fit()


def test_disputes_and_failed_refunds_fit(stripe, paid_intent):
    dispute_id = world.open_dispute(paid_intent)
    assert stripe.fetch_dispute(dispute_id, account_id="").status == "open"
    world.close_dispute(dispute_id, is_won=True)
    assert stripe.fetch_dispute(dispute_id, account_id="").status == "won"
    _all_fit()


@pytest.mark.parametrize("end", ["collect", "release"])
def test_reserved_money_fits_in_every_state(stripe, reserved_intent, end):
    _all_fit()
    getattr(stripe, end)(reserved_intent, account_id="")
    _all_fit()


def test_a_wallet_on_a_page_that_reserves_pays_at_once(stripe):
    page = stripe.create_checkout(asked(reserves=True))
    world.pay(page.session_id, "alipay")
    intent = stripe.fetch_checkout(page.session_id, account_id="").intent_id
    assert stripe.fetch_charge(intent, account_id="").status == "succeeded"
    _all_fit()


def _all_fit():
    """Everything that the sandbox remembers is what Stripe calls by that name."""
    for stored in StoredObject.objects.all():
        description.check_object(stored.kind, stored.body)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("ui_mode=hosted_page", "ui_mode=hosted"),
        ("locale=auto", "locale=ar"),
        ("[unit_amount]", "[unit_amout]"),
        ("client_reference_id", "client_reference"),
        ("expires_at=", "expires_at=x"),
    ],
)
def test_the_description_catches_mistakes(right, wrong):
    """The negative control."""
    sent = []

    def keep(method, url, headers, body):
        sent.append((method, url, headers, body))
        raise ConnectionError

    gateway = StripeGateway("sk_test_2", secrets=[], http_client=SandboxClient(keep))
    with pytest.raises(Exception, match="unreachable"):
        gateway.create_checkout(asked(language="ar"))
    method, url, headers, body = sent[0]
    description.check_request(method, url, headers, body)
    plain = body.replace("%5B", "[").replace("%5D", "]")
    assert right in plain
    with pytest.raises(description.DoesNotFit):
        description.check_request(method, url, headers, plain.replace(right, wrong))
