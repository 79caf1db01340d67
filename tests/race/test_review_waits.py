"""Symptoms found by reading: waits that became faults, deadlocks or lost clicks."""

import threading

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from bookings.models import Appointment, Slot, WindowRequest
from bookings.services import holds
from bookings.services.expiry import expire_stale_holds
from medtour.lib import clock
from medtour.lib.locks import Busy, lock_row
from tests.factories import (
    AppointmentFactory,
    MembershipFactory,
    OfferFactory,
    SlotFactory,
    WindowRequestFactory,
)
from tests.factories.bookings import in_days
from tests.race.together import together

pytestmark = pytest.mark.django_db(transaction=True)


class Locked:
    """Keep one row locked from another connection inside the block."""

    def __init__(self, model, pk):
        self.model, self.pk = model, pk
        self.taken, self.finished = threading.Event(), threading.Event()

    def _keep(self):
        try:
            with transaction.atomic():
                lock_row(self.model.objects.all(), self.pk)
                self.taken.set()
                self.finished.wait(20)
        finally:
            connection.close()

    def __enter__(self):
        self.thread = threading.Thread(target=self._keep)
        self.thread.start()
        assert self.taken.wait(10)

    def __exit__(self, *_error):
        self.finished.set()
        self.thread.join()


def test_one_visitor_clicking_on_many_times_at_once_ends_with_one_hold_and_no_fault():
    offer = OfferFactory()
    slots = [SlotFactory(offer=offer, starts_at=in_days(3, 9 + number)) for number in range(6)]

    def click(number):
        slot = Slot.objects.select_related("offer").get(pk=slots[number].pk)
        return holds.place_hold(slot, holder=holds.Holder("visitor:same"), language="en")

    results = together(6, click)

    assert {type(each) for each in results} <= {Appointment, Busy}, results
    assert Appointment.objects.filter(state="held").count() == 1


def test_cancelling_while_the_time_is_busy_asks_to_try_again():
    kept = AppointmentFactory()
    client = Client()
    client.force_login(kept.booker)
    address = reverse("bookings:cancel_appointment", args=[kept.public_id])
    with Locked(Slot, kept.slot_id):
        answer = client.post(address, {"version": kept.version})
    kept.refresh_from_db()
    assert (answer.status_code, kept.state) == (503, "confirmed")


def test_the_sweeper_does_not_wait_for_a_request_that_somebody_answers():
    asked = WindowRequestFactory(state="offered")
    lapsed = AppointmentFactory(
        offered=True,
        slot__offer=asked.offer,
        patient=asked.case.patient,
        case=asked.case,
        request=asked,
        held_until=clock.now(),
    )
    with Locked(WindowRequest, asked.pk):
        assert expire_stale_holds() == 1
    lapsed.refresh_from_db()
    assert lapsed.state == "expired"


def test_the_desk_cancelling_while_the_time_is_busy_is_asked_to_try_again(lenient_templates):
    kept = AppointmentFactory()
    desk = MembershipFactory(hospital=kept.hospital).user
    client = Client()
    client.force_login(desk)
    address = reverse("admin:bookings_appointment_cancel", args=[kept.pk])
    with Locked(Slot, kept.slot_id):
        told = {"version": kept.version, "reason": "Ill", "time_is_usable": "no"}
        answer = client.post(address, told)
    kept.refresh_from_db()
    assert (answer.status_code, kept.state) == (503, "confirmed")
