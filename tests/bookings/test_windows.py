import datetime as dt

import pytest

from accounts.services.consents import GivenConsent
from bookings.models import Appointment, Case, CaseEvent, Slot
from bookings.refusals import HoldExpired, OtherOffer, RequestClosed, SlotFull, TooManyTimes
from bookings.services import windows
from bookings.services.expiry import expire_stale_holds
from medtour.lib import clock
from medtour.lib.states import MoveRefused
from messaging.models import Message
from tests.bookings.snapshot import snapshot
from tests.factories import AppointmentFactory, OfferFactory, SlotFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def offer(hospital):
    return OfferFactory(hospital=hospital, window=True)


@pytest.fixture
def request_(offer, patient, user):
    return windows.ask_for_dates(
        wish(offer),
        by=user,
        patient=patient,
        consents=[GivenConsent("hospital_transfer", "first-hospital", "I agree", "en")],
        idempotency_key="k1",
    )


def wish(offer):
    return windows.DateWish(
        offer=offer,
        first_on=dt.date(2026, 12, 1),
        last_on=dt.date(2026, 12, 10),
        part_of_day="morning",
        language="en",
        notes="old scans at home",
    )


@pytest.fixture
def times(offer):
    first = SlotFactory(offer=offer)
    return [first, SlotFactory(offer=offer, starts_at=first.starts_at + HOUR)]


def kinds():
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


def test_asking_opens_a_case_with_a_deadline_in_working_days(request_, patient):
    assert (request_.state, request_.case.state) == ("requested", "submitted")
    assert request_.answer_by == dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC)
    assert (request_.notes, patient.consents.count()) == ("old scans at home", 1)
    assert kinds() == ["bookings.request_received"]


def test_asking_twice_with_one_key_makes_one_request(request_, offer, patient, user):
    before = snapshot()

    again = windows.ask_for_dates(wish(offer), by=user, patient=patient, idempotency_key="k1")

    assert (again.pk, snapshot()) == (request_.pk, before)


def test_offered_times_claim_their_places(request_, times, coordinator, frozen):
    offered = windows.offer_times(request_, slots=times, by=coordinator)

    request_.refresh_from_db()
    assert request_.state == "offered"
    assert [(row.state, row.held_until) for row in offered] == [("offered", frozen + 48 * HOUR)] * 2
    assert list(Slot.objects.order_by("pk").values_list("booked", flat=True)) == [1, 1]
    assert kinds()[-1] == "bookings.times_offered"


def test_if_one_time_is_gone_none_is_offered(request_, times, coordinator):
    AppointmentFactory(slot=times[1])
    before = snapshot()

    with pytest.raises(SlotFull):
        windows.offer_times(request_, slots=times, by=coordinator)

    assert snapshot() == before


def test_times_of_another_offer_or_too_many_are_refused(request_, times, coordinator):
    before = snapshot()

    with pytest.raises(OtherOffer):
        windows.offer_times(request_, slots=[SlotFactory()], by=coordinator)
    with pytest.raises(TooManyTimes):
        windows.offer_times(request_, slots=[], by=coordinator)
    with pytest.raises(TooManyTimes):
        windows.offer_times(request_, slots=times * 3, by=coordinator)

    assert {**snapshot(), "Slot": 0} == {**before, "Slot": 0}


def test_accepting_one_time_confirms_it_and_frees_the_others(request_, times, coordinator, user):
    offered = windows.offer_times(request_, slots=times, by=coordinator)

    done = windows.accept_time(offered[1], by=user)

    request_.refresh_from_db()
    states = dict(Appointment.objects.values_list("pk", "state"))
    assert states == {offered[0].pk: "cancelled", offered[1].pk: "confirmed"}
    assert (request_.state, Case.objects.get().state) == ("accepted", "scheduled")
    assert list(Slot.objects.order_by("pk").values_list("booked", flat=True)) == [0, 1]
    assert done.case == request_.case
    assert "bookings.appointment_confirmed" in kinds()


def test_a_second_answer_is_refused(request_, times, coordinator, user):
    offered = windows.offer_times(request_, slots=times, by=coordinator)
    windows.accept_time(offered[0], by=user)
    before = snapshot()

    with pytest.raises(HoldExpired):
        windows.accept_time(offered[1], by=user)

    assert snapshot() == before


def test_none_suits_asks_the_hospital_again(request_, times, coordinator, user):
    windows.offer_times(request_, slots=times, by=coordinator)

    again = windows.decline_times(request_, by=user)

    assert again.state == "requested"
    assert set(Appointment.objects.values_list("state", flat=True)) == {"declined"}
    assert list(Slot.objects.values_list("booked", flat=True)) == [0, 0]


def test_lapsed_offers_close_the_request_and_tell_the_patient(request_, times, coordinator, frozen):
    windows.offer_times(request_, slots=times, by=coordinator)

    with clock.freeze(frozen + 48 * HOUR):
        assert expire_stale_holds() == 2

    request_.refresh_from_db()
    assert (request_.state, Case.objects.get().state) == ("expired", "withdrawn")
    assert kinds()[-1] == "bookings.request_expired"


def test_a_declined_request_frees_everything_and_is_final(request_, times, coordinator):
    windows.offer_times(request_, slots=times, by=coordinator)

    closed = windows.decline_request(request_, by=coordinator, reason="needs surgery first")

    assert (closed.state, Case.objects.get().state) == ("declined", "declined")
    assert list(Slot.objects.values_list("booked", flat=True)) == [0, 0]
    assert CaseEvent.objects.filter(request=request_).last().reason == "needs surgery first"
    with pytest.raises(RequestClosed):
        windows.offer_times(request_, slots=times, by=coordinator)
    with pytest.raises(MoveRefused):
        windows.withdraw_request(request_, by=request_.booker)


def test_unanswered_requests_are_closed_after_the_deadline(request_):
    with clock.freeze(request_.answer_by):
        assert windows.expire_requests() == 0
    with clock.freeze(request_.answer_by + dt.timedelta(seconds=1)):
        assert windows.expire_requests() == 1

    request_.refresh_from_db()
    assert (request_.state, kinds()[-1]) == ("expired", "bookings.request_expired")
