"""What comes back of a quote's deposit: the same cents on its page, on its paper and as a refund."""

import datetime as dt

import pytest

from hospitals.models import CancellationPolicy
from payments.presenters.quote_paper import quote_paper
from payments.presenters.quotes import ladder_of
from payments.refund_rules import part_back
from tests.factories import CaseFactory, OfferFactory
from tests.factories.quotes import issued_quote

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def quoted(hospital, patient, coordinator):
    """Return how to issue a quote whose deposit comes back as `bands` say: hours and percent."""

    def issue(*bands, deposit_minor):
        policy = CancellationPolicy.objects.create(
            hospital=hospital, name="Surgery", bands=[list(band) for band in bands]
        )
        offer = OfferFactory(
            hospital=hospital, unpriced=True, case=True, cancellation_policy=policy
        )
        case = CaseFactory(
            hospital=hospital, patient=patient, treatment=offer.treatment, state="in_triage"
        )
        return issued_quote(case, coordinator, offer=offer, deposit_minor=deposit_minor)

    return issue


def test_a_quote_promises_to_the_cent_what_a_refund_gives(quoted):
    quote = quoted((336, 100), (72, 50), deposit_minor=33_333)
    promised = [(step.percent, step.amount.minor, step.days) for step in ladder_of(quote, None)]
    assert promised == [(100, 33_333, 14), (50, 16_667, 3), (0, 0, None)]
    assert promised[1][1] == part_back(quote.deposit, 50).minor


def test_steps_that_are_over_are_not_promised_any_more(quoted, frozen):
    quote = quoted((336, 100), (72, 50), deposit_minor=33_333)
    starts_at = frozen + dt.timedelta(hours=100)
    dated = [(step.percent, step.until, step.is_now) for step in ladder_of(quote, starts_at)]
    assert dated == [(50, starts_at - dt.timedelta(hours=72), True), (0, None, False)]


def test_a_step_until_the_start_is_told_on_the_paper(quoted):
    quote = quoted((24, 100), (0, 30), deposit_minor=100_000)
    lists = [each for each in quote_paper(quote, "en")["blocks"] if each["kind"] == "list"]
    told = [line["words"].replace("\N{NO-BREAK SPACE}", " ") for line in lists[-1]["lines"]]
    assert told[1:4] == [
        "If you cancel at least 1 day before the start: CNY 1,000.00",
        "If you cancel before the start: CNY 300.00",
        "If you cancel later, or do not come, nothing comes back.",
    ]
