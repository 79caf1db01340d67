"""The registry of kinds is complete, and the system checks say when it is not."""

import pytest
from django.core.checks import run_checks

from messaging import checks, kinds, rendering
from messaging.kinds import Kind, Ready
from tests.factories.messaging import MessageFactory

CONTRACT = {
    "bookings.appointment_confirmed",
    "bookings.appointment_moved",
    "bookings.appointment_cancelled",
    "bookings.deposit_lapsed",
    "bookings.guarantee_lapsed",
    "bookings.reminder_7d",
    "bookings.reminder_2d",
    "bookings.reminder_24h",
    "bookings.request_received",
    "bookings.times_offered",
    "bookings.request_declined",
    "bookings.request_expired",
    "bookings.waiting_joined",
    "bookings.place_offered",
    "bookings.waiting_ended",
    "bookings.follow_up_questions",
    "bookings.follow_up_reminder",
    "bookings.follow_up_amber",
    "bookings.follow_up_red",
    "bookings.annual_recall",
    "bookings.discharge_pack",
    "bookings.hand_back",
}


@pytest.fixture
def registry(monkeypatch):
    """A copy of the registry that a test may change."""
    copy = kinds.all_kinds()
    monkeypatch.setattr(kinds, "_kinds", copy)
    return copy


def test_every_kind_of_the_booking_app_is_there():
    assert {name for name in kinds.all_kinds() if name.startswith("bookings.")} == CONTRACT


def test_the_checks_find_nothing_wrong():
    assert [error for error in run_checks() if error.id.startswith("messaging.")] == []


def test_a_kind_without_templates_is_found(registry):
    registry["bookings.news"] = Kind("bookings.news", frozenset(), lambda _context: Ready({}))
    found = checks.kinds_are_complete(None)
    assert [error.id for error in found] == ["messaging.E001"] * 3
    assert found[0].msg.startswith("messages/bookings.news/subject.txt: TemplateDoesNotExist")


def test_templates_without_a_kind_are_found(registry):
    del registry["bookings.reminder_2d"]
    (found,) = checks.kinds_are_complete(None)
    assert found.id == "messaging.E002"
    assert found.msg == "bookings.reminder_2d belongs to no registered message kind"


def test_the_same_name_cannot_be_registered_twice(registry):
    with pytest.raises(ValueError, match="bookings.reminder_2d"):
        kinds.register(registry["bookings.reminder_2d"])


@pytest.mark.django_db
def test_values_beyond_the_closed_list_are_refused(registry):
    name = "accounts.account_already_exists"
    values = {"password_reset_url": "x", "diagnosis": "y"}
    registry[name] = Kind(name, frozenset({"password_reset_url"}), lambda _c: Ready(values))
    with pytest.raises(rendering.PlaceholderMismatch, match="diagnosis"):
        rendering.render(MessageFactory(kind=name))
