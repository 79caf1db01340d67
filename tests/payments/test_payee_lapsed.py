"""An offer whose deposit nobody could pay is not booked: said before the details are typed (M23)."""

import pytest
from django.urls import reverse

from bookings.models import Appointment
from payments.models import PayeeAccount
from payments.selectors.payees import is_payable, takes_deposits
from tests.factories import (
    AppointmentFactory,
    HospitalFactory,
    OfferFactory,
    PayeeAccountFactory,
    SlotFactory,
    WaitingEntryFactory,
    WindowRequestFactory,
)
from tests.factories.bookings import in_days

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SAID = "This cannot be booked online at the moment"


@pytest.fixture
def offer(hospital):
    return OfferFactory(hospital=hospital, asks_deposit_online=True, deposit_percent=20)


def lapse(how, hospital):
    """Leave the hospital without an account that fits, in one of the ways that there are."""
    PayeeAccountFactory(hospital=hospital)
    if how == "closed":
        PayeeAccount.objects.update(is_active=False)
    elif how == "renamed":
        PayeeAccount.objects.update(holder_name="Somebody Else Trading Co")
    elif how == "unnamed":
        hospital.payee = ""
        hospital.save(update_fields=["payee"])
    else:
        PayeeAccount.objects.update(gateway="bank_transfer")


@pytest.fixture(params=["closed", "renamed", "unnamed", "transfer only"])
def lapsed(request, offer):
    lapse(request.param, offer.hospital)
    offer.hospital.refresh_from_db()
    return offer


def test_the_rule(lapsed):
    assert (takes_deposits(lapsed.hospital), is_payable(lapsed)) == (False, False)
    lapsed.asks_deposit_online = False
    assert is_payable(lapsed)


def test_a_fitting_account_takes_deposits(offer):
    PayeeAccountFactory(hospital=offer.hospital)
    assert is_payable(offer)
    assert not takes_deposits(HospitalFactory(payee=offer.hospital.payee))


def test_no_time_is_shown_or_held(client, lapsed):
    slot = SlotFactory(offer=lapsed, starts_at=in_days(2))
    page = client.get(reverse("bookings:picker", args=[lapsed.public_id]))
    assert (page.status_code, SAID in page.content.decode()) == (200, True)
    assert slot.public_id not in page.content.decode()
    data = {"slot": slot.public_id, "language": "en", "idempotency_key": "k1"}
    answer = client.post(reverse("bookings:hold_slot", args=[lapsed.public_id]), data)
    assert (answer.status_code, SAID in answer.content.decode()) == (409, True)
    assert not Appointment.objects.exists()


def test_the_offer_itself_says_so(client, lapsed):
    page = client.get(reverse("hospitals:offer", args=[lapsed.public_id])).content.decode()
    assert SAID in page


@pytest.mark.parametrize("name", ["ask_for_dates", "join_waiting_list"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_asks_or_waits_in_vain(client, user, patient, offer, name, method):
    lapse("closed", offer.hospital)
    client.force_login(user)
    answer = getattr(client, method)(reverse(f"bookings:{name}", args=[offer.public_id]))
    assert SAID in answer.content.decode()
    assert answer.status_code == (200 if method == "get" else 409)


@pytest.fixture
def asked(offer, patient):
    return WindowRequestFactory(offer=offer, case__patient=patient, booker=patient.account)


@pytest.fixture
def waits(offer, patient):
    return WaitingEntryFactory(offer=offer, patient=patient, booker=patient.account)


@pytest.mark.parametrize("kind", ["request", "waiting_entry"])
def test_an_offered_time_is_not_taken_into_a_dead_end(client, user, offer, asked, waits, kind):
    lapse("closed", offer.hospital)
    client.force_login(user)
    owner = {"request": asked} if kind == "request" else {"waiting_entry": waits}
    slot = SlotFactory(offer=offer, starts_at=in_days(3))
    facts = {"case": asked.case} if kind == "request" else {"case": None}
    time = AppointmentFactory(
        slot=slot, offered=True, patient=asked.case.patient, booker=user, **owner, **facts
    )
    name = "accept_time" if kind == "request" else "accept_place"
    row = asked if kind == "request" else waits
    answer = client.post(
        reverse(f"bookings:{name}", args=[row.public_id]), {"time": time.public_id}
    )
    assert answer.status_code == 409
    assert "cannot take deposits online at the moment" in answer.content.decode()
    time.refresh_from_db()
    assert time.state == "offered"


def test_a_lapse_after_the_hold_is_said_on_the_last_page(client, user, patient, offer):
    """Whoever holds a time already keeps it, and nothing is confirmed that cannot be paid."""
    from bookings.views.offers import DepositNotTaken, check_payable

    PayeeAccountFactory(hospital=offer.hospital)
    check_payable(offer)
    PayeeAccount.objects.update(is_active=False)
    with pytest.raises(DepositNotTaken):
        check_payable(offer)
