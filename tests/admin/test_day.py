"""The day at the desk: arrivals, cancelling, moving, offering times; services decide, pages tell."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.models import AuditEntry
from bookings.models import Appointment, CaseEvent, WindowRequest
from hospitals.models.staff import Role
from medtour.lib import clock
from messaging.models import Message
from tests.factories import AppointmentFactory, InterpreterFactory, SlotFactory
from tests.factories.bookings import in_days

pytestmark = [pytest.mark.long, pytest.mark.django_db]


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


def act(row, name):
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=[row.pk])


def page(row):
    return act(row, "change")


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def state_of(row):
    return type(row)._default_manager.values_list("state", flat=True).get(pk=row.pk)


def test_the_list_shows_hospital_time_patient_language_interpreter_and_doctor(
    desk, frozen, offer, patient, doctor
):
    slot = SlotFactory(offer=offer, doctor=doctor, starts_at=in_days(1, 14, 30))
    interpreter = InterpreterFactory(hospital=offer.hospital, name="Li Na")
    AppointmentFactory(slot=slot, patient=patient, language="ru", interpreter=interpreter)
    text = desk.get(reverse("admin:bookings_appointment_changelist")).content.decode()
    for shown in (
        "Tue 24 Nov 2026, 14:30 (UTC+8)",
        "ANNA TEST",
        "Li Na",
        doctor.name_en,
        "Confirmed",
    ):
        assert shown in text


def test_the_page_shows_both_clocks(desk, frozen, offer, patient):
    slot = SlotFactory(offer=offer, starts_at=in_days(1, 9))
    appointment = AppointmentFactory(slot=slot, patient=patient)
    text = desk.get(page(appointment)).content.decode()
    assert "Tue 24 Nov 2026, 09:00 (UTC+8)" in text
    assert "Tue 24 Nov 2026, 04:00 (UTC+3)" in text


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("today", ["today"]),
        ("tomorrow", ["tomorrow"]),
        ("week", ["today", "tomorrow"]),
        (None, ["today", "tomorrow"]),
        ("all", ["today", "tomorrow", "later"]),
    ],
)
def test_the_days_follow_the_hospitals_own_calendar(desk, frozen, offer, day, expected):
    starts = {"today": in_days(0, 23, 30), "tomorrow": in_days(1, 0, 15), "later": in_days(9)}
    made = {
        name: AppointmentFactory(slot=SlotFactory(offer=offer, starts_at=starts_at))
        for name, starts_at in starts.items()
    }
    query = {"day": day} if day else {}
    response = desk.get(reverse("admin:bookings_appointment_changelist"), query)
    assert list(response.context["cl"].result_list) == [made[name] for name in expected]


def test_arrived_then_completed(desk, begun):
    assert desk.post(act(begun, "arrived"))["Location"] == page(begun)
    assert state_of(begun) == "arrived"
    assert desk.get(act(begun, "completed")).status_code == 200
    assert state_of(begun) == "arrived"
    response = desk.post(act(begun, "completed"))
    assert response["Location"] == page(begun)
    assert said(response)[-1] == "Marked as completed."
    assert state_of(begun) == "completed"
    assert list(begun.events.values_list("action", "actor")) == [
        ("arrive", "hospital"),
        ("complete", "hospital"),
    ]


@pytest.mark.parametrize("name", ["arrived", "no-show"])
def test_opening_the_address_of_an_act_does_nothing(desk, begun, name):
    assert desk.get(act(begun, name)).status_code == 405
    assert state_of(begun) == "confirmed"


def test_no_show_only_after_the_beginning(desk, frozen, appointment, begun):
    response = desk.post(act(appointment, "no-show"))
    assert said(response) == ["This can only be noted once the appointment has begun."]
    assert state_of(appointment) == "confirmed"
    desk.post(act(begun, "no-show"))
    assert state_of(begun) == "no_show"


def test_a_no_show_is_taken_back_with_a_reason(desk, frozen, begun):
    desk.post(act(begun, "no-show"))
    labels = [button["label"] for button in desk.get(page(begun)).context["acts"]]
    assert labels == ["Take back “did not come”"]
    assert desk.post(act(begun, "undo-no-show"), {"reason": ""}).status_code == 200
    assert state_of(begun) == "no_show"
    desk.post(act(begun, "undo-no-show"), {"reason": "Sat in room 2"})
    assert state_of(begun) == "confirmed"


def test_a_no_show_of_yesterday_stands(desk, frozen, begun):
    desk.post(act(begun, "no-show"))
    with clock.freeze(frozen + dt.timedelta(hours=24, seconds=1)):
        assert desk.get(page(begun)).context["acts"] == []
        refused = desk.post(act(begun, "undo-no-show"), {"reason": "x"})
    assert refused.status_code == 409
    assert "more than 24 hours ago" in refused.content.decode()
    assert state_of(begun) == "no_show"


def test_the_buttons_are_those_that_make_sense(desk, frozen, appointment, begun):
    labels = {
        row.pk: [button["label"] for button in desk.get(page(row)).context["acts"]]
        for row in (appointment, begun)
    }
    assert labels[appointment.pk] == [
        "Mark as arrived",
        "Issue an invitation letter",
        "Give the link to a video consultation",
        "Move to another time",
        "Cancel with a reason",
    ]
    assert labels[begun.pk] == [
        "Mark as arrived",
        "Did not come",
        "Move to another time",
        "Cancel with a reason",
    ]


def test_cancelling_needs_a_reason_and_tells_the_patient(desk, appointment, user):
    address = act(appointment, "cancel")
    assert desk.post(address, {"version": 1, "reason": ""}).status_code == 200
    assert (state_of(appointment), Message.objects.count()) == ("confirmed", 0)
    answer = {"version": 1, "reason": "The doctor is ill", "time_is_usable": "yes"}
    response = desk.post(address, answer)
    assert response["Location"] == page(appointment)
    appointment.refresh_from_db()
    assert (appointment.state, appointment.ended_by) == ("cancelled", "hospital")
    assert appointment.ended_reason == "The doctor is ill"
    message = Message.objects.get(kind="bookings.appointment_cancelled")
    assert message.recipient == user


def test_cancelling_asks_what_becomes_of_the_time_and_supposes_that_nobody_can_use_it(
    desk, frozen, appointment, slot
):
    address = act(appointment, "cancel")
    form = desk.get(address).context["step"].form
    assert form["time_is_usable"].value() == "no"
    assert desk.post(address, {"version": 1, "reason": "ill"}).status_code == 200
    assert state_of(appointment) == "confirmed"
    answer = {"version": 1, "reason": "ill", "time_is_usable": "no"}
    response = desk.post(address, answer)
    slot.refresh_from_db()
    assert (state_of(appointment), slot.withdrawn_at) == ("cancelled", frozen)
    assert said(response) == ["Cancelled. The patient is told. Nobody else can book this time."]


def test_cancelling_leaves_a_time_on_sale_that_others_can_use(desk, frozen, appointment, slot):
    answer = {"version": 1, "reason": "asked by the patient", "time_is_usable": "yes"}
    response = desk.post(act(appointment, "cancel"), answer)
    slot.refresh_from_db()
    assert (state_of(appointment), slot.withdrawn_at, slot.is_open) == ("cancelled", None, True)
    assert said(response) == ["Cancelled. The patient is told."]


def test_a_time_that_has_begun_is_not_asked_about(desk, begun):
    assert "time_is_usable" not in desk.get(act(begun, "cancel")).context["step"].form.fields
    desk.post(act(begun, "cancel"), {"version": 1, "reason": "fell ill"})
    begun.slot.refresh_from_db()
    assert (state_of(begun), begun.slot.withdrawn_at) == ("cancelled", None)


def test_cancelling_what_changed_meanwhile_is_refused(desk, appointment):
    Appointment.objects.filter(pk=appointment.pk).update(version=5)
    answer = {"version": 1, "reason": "x", "time_is_usable": "no"}
    response = desk.post(act(appointment, "cancel"), answer)
    assert response.status_code == 409
    assert b"was changed in the meantime" in response.content
    assert (state_of(appointment), Message.objects.count()) == ("confirmed", 0)


def test_moving_to_a_free_time(desk, appointment, offer):
    free = SlotFactory(offer=offer, starts_at=in_days(2))
    full = SlotFactory(offer=offer, starts_at=in_days(3))
    AppointmentFactory(slot=full)
    choices = desk.get(act(appointment, "move")).context["step"].form.fields["slot"].queryset
    assert list(choices) == [free]
    response = desk.post(act(appointment, "move"), {"version": 1, "slot": free.pk})
    assert response["Location"] == page(appointment)
    appointment.refresh_from_db()
    assert (appointment.slot, appointment.version) == (free, 2)
    assert Message.objects.filter(kind="bookings.appointment_moved").count() == 1


@pytest.mark.parametrize("which", ["full", "foreign"])
def test_moving_to_what_is_not_free_is_refused(desk, appointment, offer, which):
    elsewhere = SlotFactory(starts_at=in_days(2))
    full = SlotFactory(offer=offer, starts_at=in_days(3))
    AppointmentFactory(slot=full)
    target = full if which == "full" else elsewhere
    events = CaseEvent.objects.count()
    response = desk.post(act(appointment, "move"), {"version": 1, "slot": target.pk})
    assert response.status_code == 200
    assert b"This time is no longer free. Choose another one." in response.content
    appointment.refresh_from_db()
    assert (appointment.version, CaseEvent.objects.count()) == (1, events)


def test_offering_times_for_a_request(desk, window_request, offer):
    inside = [SlotFactory(offer=offer, starts_at=in_days(day)) for day in (3, 4, 5)]
    SlotFactory(offer=offer, starts_at=in_days(9))
    address = act(window_request, "offer_times")
    choices = desk.get(address).context["step"].form.fields["slots"].queryset
    assert list(choices) == inside
    response = desk.post(address, {"slots": [inside[0].pk, inside[2].pk]})
    assert response["Location"] == page(window_request)
    assert state_of(window_request) == "offered"
    offered = Appointment.objects.filter(request=window_request).order_by("slot__starts_at")
    assert [(row.slot, row.state) for row in offered] == [
        (inside[0], "offered"),
        (inside[2], "offered"),
    ]
    assert Message.objects.filter(kind="bookings.times_offered").count() == 1


def test_more_than_five_times_are_refused(desk, window_request, offer):
    slots = [SlotFactory(offer=offer, starts_at=in_days(3, 8 + hour)) for hour in range(6)]
    response = desk.post(act(window_request, "offer_times"), {"slots": [row.pk for row in slots]})
    assert b"Choose five times at most." in response.content
    assert state_of(window_request) == "requested"
    assert Appointment.objects.count() == 0


def test_only_the_part_of_the_day_is_offered(desk, window_request, offer):
    SlotFactory(offer=offer, starts_at=in_days(3, 9))
    late = SlotFactory(offer=offer, starts_at=in_days(3, 15))
    WindowRequest.objects.update(part_of_day="afternoon")
    step = desk.get(act(window_request, "offer_times")).context["step"]
    assert list(step.form.fields["slots"].queryset) == [late]


def test_declining_a_request_tells_the_patient_why(desk, window_request):
    desk.post(act(window_request, "decline"), {"reason": "The ward is closed"})
    assert state_of(window_request) == "declined"
    assert Message.objects.filter(kind="bookings.request_declined").count() == 1
    assert desk.get(page(window_request)).context["acts"] == []


@pytest.mark.parametrize("fixture", ["appointment", "window_request", "waiting_entry", "case"])
def test_opening_a_patients_record_writes_one_line_of_audit(desk, request, fixture, coordinator):
    row = request.getfixturevalue(fixture)
    desk.get(page(row))
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.hospital_slug) == (coordinator, "first-hospital")
    assert entry.target.endswith(f":{row.public_id}")
    assert entry.patient_public_id != ""


@pytest.mark.parametrize("name", ["appointment", "windowrequest", "waitingentry", "case"])
def test_opening_a_list_of_patients_writes_one_line_of_audit(desk, name):
    desk.get(reverse(f"admin:bookings_{name}_changelist"))
    assert AuditEntry.objects.count() == 1


def test_the_patients_notes_are_for_those_who_care(client, staff_of, appointment):
    appointment.intake = {"notes": "I use a wheelchair"}
    appointment.save(update_fields=["intake"])
    seen = {}
    for role in (Role.COORDINATOR, Role.DOCTOR, Role.CASHIER):
        client.force_login(staff_of(role))
        seen[role] = b"I use a wheelchair" in client.get(page(appointment)).content
    assert seen == {Role.COORDINATOR: True, Role.DOCTOR: True, Role.CASHIER: False}


def test_a_visitors_hold_shows_no_person_and_no_notes(desk, slot):
    hold = AppointmentFactory(slot=slot, held=True, intake={"notes": "secret words"})
    response = desk.get(page(hold))
    assert response.status_code == 200
    assert b"secret words" not in response.content


def test_the_first_page_shows_the_day(desk, frozen, offer, patient, window_request):
    today = SlotFactory(offer=offer, starts_at=in_days(0, 15))
    AppointmentFactory(slot=today, patient=patient)
    AppointmentFactory(slot=SlotFactory(offer=offer, starts_at=in_days(1)), held=True)
    SlotFactory(offer=offer, starts_at=in_days(2), capacity=3)
    SlotFactory(offer=offer, starts_at=in_days(20), capacity=3)
    SlotFactory(starts_at=in_days(2), capacity=3)
    day = desk.get(reverse("admin:index")).context["day"]
    assert [figure["value"] for figure in day["figures"]] == [1, 1, 0, 3, 0, 0]
    assert [row["patient"] for row in day["arrivals"]] == ["ANNA TEST"]
    assert [row["patient"] for row in day["requests"]] == ["ANNA TEST"]


def test_the_editors_first_page_shows_no_patients(client, staff_of, frozen, offer, patient):
    AppointmentFactory(slot=SlotFactory(offer=offer, starts_at=in_days(0, 15)), patient=patient)
    client.force_login(staff_of(Role.EDITOR))
    response = client.get(reverse("admin:index"))
    assert response.context["day"] is None
    assert b"ANNA TEST" not in response.content


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"),
    [("appointment", 7), ("windowrequest", 6), ("waitingentry", 6), ("slot", 6), ("index", 16)],
)
def test_pages_cost_a_fixed_number_of_queries(
    desk, frozen, offer, doctor, count, name, queries, django_assert_num_queries
):
    from tests.factories import WaitingEntryFactory, WindowRequestFactory

    for number in range(count):
        slot = SlotFactory(offer=offer, doctor=doctor, starts_at=in_days(0, 12 + number))
        AppointmentFactory(slot=slot)
        WindowRequestFactory(offer=offer)
        WaitingEntryFactory(offer=offer)
    address = "admin:index" if name == "index" else f"admin:bookings_{name}_changelist"
    with django_assert_num_queries(queries):
        assert desk.get(reverse(address)).status_code == 200


def test_the_day_begins_by_the_hospitals_clock(desk, offer):
    evening_in_utc = dt.datetime(2026, 11, 23, 17, 0, tzinfo=dt.UTC)
    with clock.freeze(evening_in_utc):
        slot = SlotFactory(offer=offer, starts_at=in_days(0, 10))
        made = AppointmentFactory(slot=slot)
        response = desk.get(reverse("admin:bookings_appointment_changelist"), {"day": "today"})
    assert slot.starts_at == dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)
    assert list(response.context["cl"].result_list) == [made]
