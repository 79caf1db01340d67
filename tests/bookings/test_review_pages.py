"""Symptoms found by reading: dead ends, lost input and faults on the booking pages."""

import datetime as dt

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Consent
from bookings.models import Appointment, WaitingEntry, WindowRequest
from bookings.services.expiry import expire_stale_holds
from medtour.lib import clock
from tests.bookings.snapshot import snapshot
from tests.factories import (
    AppointmentFactory,
    ConsentFactory,
    OfferFactory,
    SlotFactory,
    WaitingEntryFactory,
    WindowRequestFactory,
)
from tests.factories.bookings import in_days

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PERSON = {
    "passport_name": "ANNA TEST",
    "relation": "self",
    "phone_country": "RU",
    "phone": "912 345 67 89",
}
NOTE = {"notes": "Nut allergy", "consent_health": "on", "consent_transfer": "on"}


@pytest.fixture
def slot(hospital):
    return SlotFactory(offer=OfferFactory(hospital=hospital), starts_at=in_days(2))


@pytest.fixture
def signed_in(client, user):
    client.force_login(user)
    return client


def take(client, slot, key="k1"):
    data = {"slot": slot.public_id, "language": "en", "idempotency_key": key}
    client.post(reverse("bookings:hold_slot", args=[slot.offer.public_id]), data)
    return Appointment.objects.latest("pk")


def step(hold, name):
    return reverse(f"bookings:{name}", args=[hold.public_id])


def test_a_hold_that_ended_while_signing_up_is_explained_and_not_missing(client, user, slot):
    hold = take(client, slot)
    client.post(step(hold, "details_new"), PERSON)
    with clock.freeze(clock.now() + dt.timedelta(minutes=16)):
        expire_stale_holds()
        client.force_login(user)
        answer = client.get(step(hold, "check"))
        assert answer.status_code == 409
        again = take(client, slot, key="k2")
        assert 'value="ANNA TEST"' in client.get(step(again, "details")).content.decode()


def test_a_form_key_used_before_and_after_signing_in_is_no_fault(client, user, slot):
    client.force_login(user)
    take(client, slot, key="same")
    client.post(step(Appointment.objects.get(), "release_hold"))
    client.logout()
    hold = take(client, slot, key="same")
    client.force_login(user)
    assert client.get(step(hold, "details")).status_code == 200


@pytest.mark.parametrize("page", ["accept_time", "accept_place", "withdraw"])
def test_a_nul_in_a_hidden_field_is_not_a_fault(signed_in, user, patient, page):
    if page == "accept_time":
        asked = WindowRequestFactory(case__patient=patient)
        address = reverse("bookings:accept_time", args=[asked.public_id])
    elif page == "accept_place":
        entry = WaitingEntryFactory(booker=user, patient=patient)
        address = reverse("bookings:accept_place", args=[entry.public_id])
    else:
        address = reverse("accounts:withdraw_consent")
    answer = signed_in.post(address, {"time": "a\0b", "patient": "\0", "purpose": "\0"})
    assert answer.status_code == (302 if page == "withdraw" else 404)


@pytest.mark.parametrize("box", ["day", "month", "year"])
def test_a_date_of_thousands_of_digits_is_a_mistake_and_not_a_fault(client, slot, box):
    hold = take(client, slot)
    date = {f"date_of_birth_{part}": "2" for part in ("day", "month", "year")}
    answer = client.post(
        step(hold, "details_new"), {**PERSON, **date, f"date_of_birth_{box}": "9" * 5000}
    )
    assert answer.status_code == 422


def test_waiting_is_possible_when_no_place_is_left_in_the_language(signed_in, patient, slot):
    today = clock.today("Asia/Shanghai")
    last = today + dt.timedelta(days=30)
    answer = signed_in.post(
        reverse("bookings:join_waiting_list", args=[slot.offer.public_id]),
        {
            "who": patient.public_id,
            **{f"first_on_{n}": getattr(today, n) for n in ("day", "month", "year")},
            **{f"last_on_{n}": getattr(last, n) for n in ("day", "month", "year")},
            "language": "kk",
            "consent_transfer": "on",
        },
    )
    assert answer.status_code == 303
    assert WaitingEntry.objects.get().language == "kk"


def test_an_offered_place_cannot_be_cancelled_past_its_own_page(signed_in, user, patient):
    entry = WaitingEntryFactory(booker=user, patient=patient, state="offered")
    offered = AppointmentFactory(
        slot__offer=entry.offer, offered=True, patient=patient, case=None, waiting_entry=entry
    )
    before = snapshot()
    signed_in.post(
        reverse("bookings:cancel_appointment", args=[offered.public_id]),
        {"version": offered.version},
    )
    assert snapshot() == before


def test_a_request_sent_again_with_other_days_is_not_swallowed(signed_in, patient, hospital):
    offer = OfferFactory(hospital=hospital, window=True)
    first, last = in_days(10).date(), in_days(20).date()
    data = {
        "who": patient.public_id,
        **{f"first_on_{n}": getattr(first, n) for n in ("day", "month", "year")},
        **{f"last_on_{n}": getattr(last, n) for n in ("day", "month", "year")},
        "part_of_day": "any",
        "language": "en",
        "consent_transfer": "on",
        "idempotency_key": "key",
    }
    address = reverse("bookings:ask_for_dates", args=[offer.public_id])
    assert signed_in.post(address, data).status_code == 303
    assert signed_in.post(address, data).status_code == 303
    refused = signed_in.post(address, {**data, "part_of_day": "morning"})
    assert refused.status_code == 422
    assert WindowRequest.objects.get().part_of_day == "any"
    again = {**data, "part_of_day": "morning"} | {
        "idempotency_key": refused.context["form"]["idempotency_key"].value()
    }
    assert signed_in.post(address, again).status_code == 303
    assert WindowRequest.objects.latest("pk").part_of_day == "morning"


def test_a_note_is_not_kept_after_its_agreement_was_withdrawn(signed_in, patient, slot):
    agreed = ConsentFactory(patient=patient, purpose="health_data")
    hold = take(signed_in, slot)
    signed_in.post(step(hold, "details"), {"who": patient.public_id})
    signed_in.post(step(hold, "notes"), {"notes": "Nut allergy", "consent_transfer": "on"})
    Consent.objects.filter(pk=agreed.pk).update(withdrawn_at=clock.now())
    answer = signed_in.post(step(hold, "check"))
    assert answer.headers["Location"] == step(hold, "notes")


def test_a_time_that_the_hospital_closed_meanwhile_is_not_booked(signed_in, patient, slot):
    hold = take(signed_in, slot)
    signed_in.post(step(hold, "details"), {"who": patient.public_id})
    signed_in.post(step(hold, "notes"), NOTE)
    type(slot).objects.filter(pk=slot.pk).update(withdrawn_at=clock.now())
    answer = signed_in.post(step(hold, "check"))
    hold.refresh_from_db()
    assert (answer.status_code, hold.state) == (409, "held")


def test_joining_the_line_and_agreeing_happen_both_or_not_at_all(signed_in, patient, slot):
    AppointmentFactory(slot=slot)
    today, last = clock.today("Asia/Shanghai"), in_days(30).date()
    data = {
        "who": patient.public_id,
        **{f"first_on_{n}": getattr(today, n) for n in ("day", "month", "year")},
        **{f"last_on_{n}": getattr(last, n) for n in ("day", "month", "year")},
        "language": "en",
        "consent_transfer": "on",
    }

    def break_at_consents(execute, sql, *rest):
        if sql.startswith('INSERT INTO "accounts_consent"'):
            raise ConnectionAbortedError
        return execute(sql, *rest)

    before = snapshot()
    address = reverse("bookings:join_waiting_list", args=[slot.offer.public_id])
    with connection.execute_wrapper(break_at_consents), pytest.raises(ConnectionAbortedError):
        signed_in.post(address, data)
    assert snapshot() == before


@pytest.mark.parametrize("page", ["hold_slot", "book_now"])
@pytest.mark.parametrize("mode", ["window", "case"])
def test_a_time_that_the_hospital_gives_out_itself_is_not_taken_by_a_crafted_form(
    signed_in, patient, hospital, page, mode
):
    ConsentFactory(patient=patient, purpose="hospital_transfer", recipient=hospital.slug)
    slot = SlotFactory(offer=OfferFactory(hospital=hospital, booking_mode=mode))
    answer = signed_in.post(
        reverse(f"bookings:{page}", args=[slot.offer.public_id]),
        {
            "slot": slot.public_id,
            "language": "en",
            "idempotency_key": "k",
            "patient": patient.public_id,
        },
    )
    assert answer.status_code == 409
    assert not Appointment.objects.exists()
