"""What the desk calls things: states, history, rows and the words of its own templates."""

import pytest
from django.urls import reverse

from bookings.models import Appointment
from bookings.services import appointments, holds
from messaging.models import Message
from tests.factories import AppointmentFactory, SlotFactory
from tests.factories.bookings import in_days
from tests.factories.messaging import MessageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
LIST = reverse("admin:bookings_appointment_changelist")


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


def page(row):
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def shown(response):
    return [
        response.context["cl"].model_admin.chip(row)[1]
        for row in response.context["cl"].result_list
    ]


@pytest.fixture
def let_go(offer):
    """Return a hold that its visitor let go of."""
    slot = SlotFactory(offer=offer, starts_at=in_days(2))
    hold = holds.place_hold(slot, holder=holds.Holder("visitor:quick"), language="en")
    return holds.release_hold(hold)


@pytest.fixture
def cancelled(offer, patient):
    return AppointmentFactory(slot=SlotFactory(offer=offer, starts_at=in_days(3)), cancelled=True)


def test_a_hold_that_nobody_booked_has_expired_and_is_not_cancelled(desk, let_go, cancelled):
    assert [str(text) for text in shown(desk.get(LIST))] == ["Expired", "Cancelled"]
    text = desk.get(page(let_go)).content.decode()
    assert "Held time let go" in text
    assert "Cancelled" not in text


@pytest.mark.parametrize(("state", "text"), [("expired", "Expired"), ("cancelled", "Cancelled")])
def test_the_filter_says_the_same_as_the_list(desk, let_go, cancelled, state, text):
    assert [str(each) for each in shown(desk.get(LIST, {"state": state}))] == [text]


def test_the_history_is_in_words(desk, appointment, coordinator):
    appointments.cancel_appointment(
        appointment,
        by=coordinator,
        actor="hospital",
        version=1,
        reason="ill",
        time_stays_usable=False,
    )
    text = desk.get(page(appointment)).content.decode()
    for words in ("Appointment cancelled", "Time taken off sale", "Confirmed", "Cancelled"):
        assert words in text
    assert "withdraw_time" not in text


def test_rows_are_named_by_their_days_and_not_by_keys(desk, window_request, waiting_entry, slot):
    assert str(window_request) == "26 Nov 2026 to 28 Nov 2026"
    for row in (window_request, waiting_entry):
        text = desk.get(page(row)).content.decode()
        assert str(row) in text
        assert row.public_id not in text
    assert str(slot) == "2026-11-24 09:00"


def test_languages_have_names(desk, slot, waiting_entry):
    type(slot).objects.filter(pk=slot.pk).update(languages=["ar", "zh-hans"])
    assert "Arabic, Simplified Chinese" in desk.get(page(slot)).content.decode()
    assert "English" in desk.get(page(waiting_entry)).content.decode()


def test_staff_and_messages_are_named_for_people(coordinator, user):
    membership = coordinator.hospital_memberships.get()
    assert str(membership) == "coordinator@first.example · Coordinator"
    MessageFactory(kind="bookings.reminder_7d", recipient=user)
    assert str(Message.objects.get()) == "bookings.reminder_7d 2026-11-23 01:00 UTC"


def test_the_desk_runs_on_the_hospitals_clock(desk, appointment):
    text = desk.get(page(appointment)).content.decode()
    assert 'data-admin-utc-offset="+0800"' in text or 'data-admin-utc-offset="28800"' in text
    assert "css/desk.css" in text


def test_other_pages_keep_their_clock(client, user, appointment):
    client.force_login(user)
    assert Appointment.objects.filter(pk=appointment.pk).exists()
    response = client.get(reverse("bookings:care"))
    assert "data-admin-utc-offset" not in response.content.decode()


def test_the_chinese_desk_is_chinese_down_to_its_search_box(desk, appointment):
    desk.cookies["django_language"] = "zh-hans"
    text = desk.get(LIST).content.decode()
    for words in ("输入以搜索", "筛选"):
        assert words in text
    for words in ("Type to search", "Filters", "Reset filters"):
        assert words not in text
