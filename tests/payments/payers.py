"""Who pays what in the tests of the pages of money; a conftest of these tests reads it."""

import pytest

from hospitals.models import CancellationPolicy
from tests.factories import AppointmentFactory, OfferFactory, PriceLineFactory, SlotFactory
from tests.factories.bookings import in_days
from tests.factories.payments import PayeeAccountFactory


@pytest.fixture
def deposit_offer(hospital, frozen):
    """Return an offer of CNY 1,935 that asks for 20 % and gives all, then half of it back."""
    policy = CancellationPolicy.objects.create(
        hospital=hospital, name="Deposits", bands=[[168, 100], [48, 50]]
    )
    offer = OfferFactory(
        hospital=hospital,
        unpriced=True,
        asks_deposit_online=True,
        deposit_percent=20,
        cancellation_policy=policy,
    )
    PriceLineFactory(offer=offer, amount_minor=193_500)
    return offer


@pytest.fixture
def account(hospital):
    return PayeeAccountFactory(hospital=hospital)


@pytest.fixture
def waiting(deposit_offer, patient, account):
    """Return an appointment of Anna's in ten days whose deposit is not paid yet."""
    slot = SlotFactory(offer=deposit_offer, starts_at=in_days(10))
    return AppointmentFactory(slot=slot, patient=patient, awaiting_payment=True, confirmed_at=None)


@pytest.fixture
def signed_in(client, user):
    client.force_login(user)
    return client
