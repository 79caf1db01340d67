"""The personal calendar address: a secret told once, revocable, honest, and without cookies."""

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from bookings.models import CalendarFeed
from bookings.models.case import Actor
from bookings.selectors.calendar_feeds import hash_of
from bookings.services import appointments, moves
from bookings.services.calendar_feeds import make_feed, revoke_feed
from bookings.views import calendar_feed as view
from tests.bookings.calendar_reader import read
from tests.factories import AppointmentFactory, UserFactory
from tests.factories.bookings import SlotFactory, in_days

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def appointment(patient, hospital):
    return AppointmentFactory(
        patient=patient, slot__offer__hospital=hospital, slot__starts_at=in_days(9)
    )


@pytest.fixture
def secret(user):
    return make_feed(user)


def get(secret, **headers):
    """Ask as a calendar program does: a new client, nobody signed in."""
    return Client().get(reverse("calendar_feed", args=[secret]), headers=headers)


def events(content):
    """Return the properties of each event of a calendar."""
    found, now = [], None
    for name, _parameters, value in read(content):
        if (name, value) == ("BEGIN", "VEVENT"):
            now = {}
        elif (name, value) == ("END", "VEVENT"):
            found.append(now)
            now = None
        elif now is not None:
            now[name] = value
    return found


def test_the_feed_holds_the_persons_appointments_and_says_nothing_of_health(appointment, secret):
    answer = get(secret)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = events(answer.content)
    assert event["UID"] == f"{appointment.public_id}@appointments.medtour"
    assert (event["SEQUENCE"], event["STATUS"]) == ("0", "CONFIRMED")
    assert event["SUMMARY"] == "Appointment at First Hospital"
    assert event["CLASS"] == "PRIVATE"
    body = answer.content.decode()
    for word in (appointment.slot.offer.treatment.name_en, "ANNA", "anna@", "ATTENDEE"):
        assert word not in body


def test_it_needs_and_sets_no_cookie(appointment, secret):
    answer = get(secret)
    assert answer.cookies == {}
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"


def test_a_move_and_a_cancellation_keep_the_uid_and_raise_the_sequence(appointment, user, secret):
    later = SlotFactory(offer=appointment.slot.offer, starts_at=in_days(10))
    moved = moves.move_appointment(
        appointment, to_slot=later, by=user, actor=Actor.PATIENT, version=appointment.version
    )
    (event,) = events(get(secret).content)
    assert (event["SEQUENCE"], event["DTSTART"]) == ("1", f"{later.starts_at:%Y%m%dT%H%M%SZ}")
    appointments.cancel_appointment(moved, by=user, actor=Actor.PATIENT, version=moved.version)
    (event,) = events(get(secret).content)
    assert event["UID"] == f"{appointment.public_id}@appointments.medtour"
    assert (event["SEQUENCE"], event["STATUS"]) == ("2", "CANCELLED")


def test_others_appointments_holds_and_old_ones_are_not_in_it(patient, hospital, secret):
    AppointmentFactory()
    AppointmentFactory(held=True)
    AppointmentFactory(patient=patient, offered=True, case=None)
    AppointmentFactory(patient=patient, completed=True, slot__starts_at=in_days(-120))
    recent = AppointmentFactory(patient=patient, completed=True, slot__starts_at=in_days(-20))
    (event,) = events(get(secret).content)
    assert event["UID"].startswith(recent.public_id)


def test_the_same_facts_are_not_sent_again(appointment, user, secret):
    first = get(secret)
    again = get(secret, if_none_match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    appointments.cancel_appointment(
        appointment, by=user, actor=Actor.PATIENT, version=appointment.version
    )
    assert get(secret, if_none_match=first["ETag"]).status_code == 200


def test_it_speaks_the_accounts_language(appointment, user, secret):
    user.locale = "ar"
    user.save()
    (event,) = events(get(secret).content)
    assert "Appointment" not in event["SUMMARY"]


@pytest.mark.parametrize("count", [1, 3])
def test_it_takes_two_queries_for_any_number(
    patient, hospital, secret, django_assert_num_queries, count
):
    for day in range(count):
        AppointmentFactory(
            patient=patient, slot__offer__hospital=hospital, slot__starts_at=in_days(9 + day)
        )
    with django_assert_num_queries(2):
        assert len(events(get(secret).content)) == count


# ---- the secret ----------------------------------------------------------------------------------


def test_only_a_hash_of_the_secret_is_kept(user, secret):
    feed = CalendarFeed.objects.get()
    assert feed.token_hash == hash_of(secret)
    assert len(secret) >= 43
    assert secret not in str(vars(feed))
    (entry,) = AuditEntry.objects.filter(action="calendar_feed.make")
    assert (entry.user, secret in entry.target) == (user, False)


def test_an_unknown_a_revoked_and_an_older_address_open_nothing(appointment, user, secret):
    assert get("x" * 43).status_code == 404
    newer = make_feed(user)
    assert get(secret).status_code == 404
    assert get(newer).status_code == 200
    assert revoke_feed(user) is True
    assert get(newer).status_code == 404
    assert revoke_feed(user) is False
    assert CalendarFeed.objects.filter(revoked_at=None).count() == 0


def test_a_closed_account_shows_nothing(appointment, user, secret):
    user.is_active = False
    user.save()
    assert get(secret).status_code == 404


def test_two_live_addresses_of_one_account_cannot_be(user, secret):
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarFeed.objects.create(account=user, token_hash="0" * 64)


def test_who_asks_too_often_is_told_to_wait(secret, monkeypatch):
    monkeypatch.setattr(view, "READS_AN_HOUR", 2)
    assert [get(secret).status_code for _ in range(3)] == [200, 200, 429]
    assert get(secret)["Retry-After"] == "3600"


def test_guessing_is_slowed_down_by_address(secret, monkeypatch):
    monkeypatch.setattr(view, "WRONG_AN_HOUR", 2)
    assert [get(f"wrong{n}").status_code for n in range(3)] == [404, 404, 429]
    assert get(secret).status_code == 200


# ---- the page ------------------------------------------------------------------------------------


def test_the_address_is_shown_once(client, user):
    client.force_login(user)
    page = reverse("bookings:calendar")
    assert "You have no address yet." in client.get(page).content.decode()
    made = client.post(page)
    body = made.content.decode()
    start = f"{settings.SITE_URL.rstrip('/')}/calendar/"
    secret = body.split(start)[1].split(".ics")[0]
    assert get(secret).status_code == 200
    assert made["Cache-Control"] == "no-store, private"
    again = client.get(page).content.decode()
    assert secret not in again
    assert "You made an address on" in again


def test_revoking_on_the_page_ends_it(client, user, secret):
    client.force_login(user)
    address = reverse("bookings:revoke_calendar")
    assert client.get(address).status_code == 302
    assert get(secret).status_code == 200
    assert client.post(address).status_code == 303
    assert get(secret).status_code == 404


def test_another_account_can_neither_see_nor_end_it(client, secret):
    client.force_login(UserFactory())
    client.post(reverse("bookings:revoke_calendar"))
    assert get(secret).status_code == 200
    body = client.get(reverse("bookings:calendar")).content.decode()
    assert "You have no address yet." in body
