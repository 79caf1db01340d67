"""The test-payment page in Chromium, and the way from our own form to the real page of Stripe."""

import datetime as dt

import pytest
from django.urls import reverse

from medtour.lib import clock
from medtour.lib.money import Money
from payments.gateways import gateway
from payments.gateways.protocol import CheckoutRequest
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STRIPE = "https://checkout.stripe.com/c/pay/cs_live_2"


@pytest.fixture
def address(live_server):
    home = live_server.url + reverse("home")
    request = CheckoutRequest(
        payment_id="pay2",
        attempt=1,
        amount=Money(1_234_560, "CNY"),
        account_id="",
        language="en",
        label="Deposit · MT-2222",
        success_url=f"{home}?paid",
        cancel_url=f"{home}?left",
        expires_at=clock.now() + dt.timedelta(minutes=31),
    )
    return gateway().create_checkout(request).url


@pytest.mark.long
def test_a_person_is_refused_then_confirms_and_pays(open_page, live_server, address):
    page = open_page()
    visitor = Visitor(page, live_server)
    page.goto(address)
    visitor.look()
    visitor.keep_picture("test_payment")
    page.get_by_role("button", name="Not enough money on the card").click()
    page.get_by_role("alert").get_by_text("Not enough money on the card").wait_for()
    page.get_by_role("button", name="Pay by test card, the bank asks first").click()
    visitor.look()
    visitor.keep_picture("test_payment_bank")
    page.get_by_role("button", name="Yes, it is me").click()
    page.wait_for_url("**/?paid")
    page.goto(address)
    visitor.look()
    visitor.keep_picture("test_payment_used")
    assert visitor.complaints == []


def test_a_person_goes_back_without_paying(open_page, address):
    page = open_page()
    page.goto(address)
    page.get_by_role("link", name="Go back without paying").click()
    page.wait_for_url("**/?left")


@pytest.mark.parametrize(
    ("target", "arrives"), [(STRIPE, True), ("https://elsewhere.example/", False)]
)
def test_a_form_of_ours_may_lead_to_stripe_and_nowhere_else(
    open_page, live_server, target, arrives
):
    """Chromium holds a form's redirect to `form-action`: without the host the button is dead."""
    page = open_page()
    page.route(
        "**/place/",
        lambda route: (
            route.fulfill(status=303, headers={"Location": target})
            if route.request.method == "POST"
            else route.continue_()
        ),
    )
    page.context.route(
        lambda url: url.startswith("https://"),
        lambda route: route.fulfill(status=200, content_type="text/html", body="arrived"),
    )
    page.goto(live_server.url + reverse("set_place"))
    button = page.locator("main form").get_by_role("button")
    if arrives:
        button.click()
        page.wait_for_url(target)
        assert page.inner_text("body") == "arrived"
        return
    with page.expect_console_message(lambda message: "form-action" in message.text):
        button.click()
    assert page.url.startswith(live_server.url)
