"""The same contract against Stripe's test mode; runs where STRIPE_SECRET_KEY=sk_test_… is set.

Nothing here runs without a key, and a key of live mode is refused.
"""

import socket

import pytest
import stripe as sdk
from django.conf import settings

from medtour.lib.ids import public_id
from payments.gateways.stripe import API_VERSION, SandboxClient, StripeGateway
from tests.contracts.contract import AMOUNT, Contract
from tests.contracts.recorder import Recorder

KEY = settings.STRIPE_LIVE_TEST_KEY
pytestmark = [
    pytest.mark.stripe_live,
    pytest.mark.skipif(
        not KEY.startswith(("sk_test_", "rk_test_")),
        reason="STRIPE_SECRET_KEY=sk_test_… is not set",
    ),
]


@pytest.fixture(autouse=True)
def _outside_world(monkeypatch):
    """Let these tests, and no others, reach another machine."""
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, getattr(socket.socket, name).__wrapped__)


@pytest.fixture
def stripe():
    network = sdk.RequestsClient(timeout=(5, 20))
    recorder = Recorder(network.request)
    yield StripeGateway(KEY, secrets=[], http_client=SandboxClient(recorder))
    network.close()


@pytest.fixture
def paid_intent():
    """Pay by Stripe's own test card: nobody can click on its page here."""
    return intent_of("automatic_async")


@pytest.fixture
def reserved_intent():
    return intent_of("manual")


def intent_of(capture_method):
    client = sdk.StripeClient(KEY, stripe_version=API_VERSION)
    made = client.v1.payment_intents.create(
        {
            "amount": AMOUNT.minor,
            "currency": AMOUNT.currency.lower(),
            "payment_method": "pm_card_visa",
            "payment_method_types": ["card"],
            "capture_method": capture_method,
            "confirm": True,
            "metadata": {"payment": public_id()},
        }
    )
    return made.id


class TestStripe(Contract):
    """See `Contract`."""
