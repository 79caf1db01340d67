"""Supply at the desk: times, working hours, closed days, offers and prices."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.models import AuditEntry
from bookings.models import Schedule, ScheduleException, Slot
from hospitals.models import Hospital, HospitalMembership, Offer, PriceLine
from medtour.lib import clock
from tests.factories import AppointmentFactory, OfferFactory, SlotFactory
from tests.factories.bookings import in_days

pytestmark = [pytest.mark.long, pytest.mark.django_db]


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def act(row, name):
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=[row.pk])


def test_withdrawing_a_time_first_shows_whom_it_hits(desk, frozen, slot, patient):
    appointment = AppointmentFactory(slot=slot, patient=patient)
    response = desk.get(act(slot, "withdraw"))
    rows = response.context["step"].rows
    assert [row["address"] for row in rows] == [act(appointment, "change")]
    assert "ANNA TEST" in rows[0]["text"]
    assert Slot.objects.get(pk=slot.pk).withdrawn_at is None
    response = desk.post(act(slot, "withdraw"))
    assert said(response) == ["Withdrawn. 1 appointment stays until you move or cancel it."]
    assert Slot.objects.get(pk=slot.pk).withdrawn_at == frozen
    appointment.refresh_from_db()
    assert appointment.state == "confirmed"


def test_a_place_is_added_within_the_hospitals_rule(desk, slot, hospital):
    Hospital.objects.filter(pk=hospital.pk).update(overbooking_places=1)
    schedule = Schedule.objects.create(
        hospital=hospital,
        offer=slot.offer,
        weekday=0,
        starts_at=dt.time(9),
        ends_at=dt.time(12),
        slot_minutes=30,
    )
    Slot.objects.filter(pk=slot.pk).update(schedule=schedule)
    assert desk.post(act(slot, "add_place"), {"reason": "Twins"}).status_code == 302
    assert Slot.objects.get(pk=slot.pk).capacity == 2
    response = desk.post(act(slot, "add_place"), {"reason": "Triplets"})
    assert response.status_code == 409
    assert b"rules do not allow one more place" in response.content
    assert Slot.objects.get(pk=slot.pk).capacity == 2


def test_confirming_all_times_of_the_own_hospital(desk, frozen, slot, hospital, other_hospital):
    foreign = SlotFactory(offer=OfferFactory(hospital=other_hospital))
    old = frozen - dt.timedelta(days=3)
    Slot.objects.update(last_confirmed_at=old)
    address = reverse("admin:bookings_slot_confirm_all")
    assert desk.get(address).status_code == 200
    assert Slot.objects.filter(last_confirmed_at=old).count() == 2
    refused = desk.post(address, {"hospital": other_hospital.pk})
    assert refused.status_code == 200
    assert Slot.objects.filter(last_confirmed_at=old).count() == 2
    response = desk.post(address, {"hospital": hospital.pk})
    assert said(response) == ["1 time was confirmed."]
    assert list(Slot.objects.filter(last_confirmed_at=old)) == [foreign]


def schedule_form(row, **changed):
    return {
        "hospital": row.hospital_id,
        "offer": row.pk,
        "weekday": 1,
        "starts_at": "09:00",
        "ends_at": "11:00",
        "slot_minutes": 60,
        "capacity": 2,
        "is_active": "on",
        **changed,
    }


def test_new_working_hours_make_times(desk, frozen, offer):
    response = desk.post(reverse("admin:bookings_schedule_add"), schedule_form(offer))
    assert response.status_code == 302
    schedule = Schedule.objects.get()
    first = schedule.slots.order_by("starts_at").first()
    assert clock.local(first.starts_at, "Asia/Shanghai").isoformat() == "2026-11-24T09:00:00+08:00"
    assert (first.capacity, schedule.slots.count() % 2) == (2, 0)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"ends_at": "08:00"}, "ends_at"),
        ({"slot_minutes": 1}, "slot_minutes"),
        ({"capacity": 0}, "capacity"),
        ({"starts_at": "25:00"}, "starts_at"),
        ({"offer": 999999}, "offer"),
    ],
)
def test_bad_working_hours_are_explained(desk, offer, changed, field):
    response = desk.post(reverse("admin:bookings_schedule_add"), schedule_form(offer, **changed))
    assert list(response.context["adminform"].form.errors) == [field]
    assert (Schedule.objects.count(), Slot.objects.count()) == (0, 0)


def test_a_closed_day_is_saved_only_after_its_appointments_were_seen(
    desk, frozen, offer, patient, hospital
):
    slot = SlotFactory(offer=offer, starts_at=in_days(3))
    appointment = AppointmentFactory(slot=slot, patient=patient)
    form = {"hospital": hospital.pk, "date": "2026-11-26", "kind": "closed", "reason": "Repairs"}
    response = desk.post(reverse("admin:bookings_scheduleexception_add"), form)
    assert list(response.context["adminform"].form.errors) == ["seen"]
    assert act(appointment, "change") in response.content.decode()
    assert ScheduleException.objects.count() == 0
    assert Slot.objects.get(pk=slot.pk).withdrawn_at is None
    response = desk.post(reverse("admin:bookings_scheduleexception_add"), {**form, "seen": "on"})
    assert "1 appointment now waits to be moved or cancelled." in said(response)
    assert ScheduleException.objects.get().reason == "Repairs"
    assert Slot.objects.get(pk=slot.pk).withdrawn_at == frozen


def test_a_closed_day_that_hits_nobody_is_saved_at_once(desk, frozen, hospital):
    form = {"hospital": hospital.pk, "date": "2026-11-26", "kind": "closed"}
    response = desk.post(reverse("admin:bookings_scheduleexception_add"), form)
    assert response.status_code == 302
    assert ScheduleException.objects.count() == 1


def test_extra_hours_need_working_hours_and_times(desk, hospital):
    form = {"hospital": hospital.pk, "date": "2026-11-26", "kind": "extra"}
    response = desk.post(reverse("admin:bookings_scheduleexception_add"), form)
    assert list(response.context["adminform"].form.errors) == ["schedule", "starts_at"]
    assert ScheduleException.objects.count() == 0


def offer_form(offer, **changed):
    lines = list(offer.price_lines.all())
    form = {
        "hospital": offer.hospital_id,
        "treatment": offer.treatment_id,
        "booking_mode": "instant",
        "is_published": "on",
        "duration_minutes": 30,
        "inpatient_nights": 0,
        "stay_days_min": 1,
        "stay_days_max": 2,
        "cancellation_notice_hours": 24,
        "languages": "en",
        "title_en": "A first visit",
        "title_zh_hans": "初诊",
        "price_lines-TOTAL_FORMS": len(lines) + 1,
        "price_lines-INITIAL_FORMS": len(lines),
        "visit_preparation-TOTAL_FORMS": 0,
        "visit_preparation-INITIAL_FORMS": 0,
    }
    for number, line in enumerate(lines):
        form |= price_form(number, id=line.pk, offer=offer.pk)
    return form | changed


def price_form(number, **changed):
    fields = {
        "tier": "international",
        "amount": "800.00",
        "currency": "CNY",
        "position": 0,
        "source": "Hospital's price list, page 3",
        "as_of": "2026-11",
        "confidence": "high",
        "valid_from": "2026-11-01",
        "valid_until": "2030-12-31",
        "label_en": "The visit",
        **changed,
    }
    return {f"price_lines-{number}-{name}": value for name, value in fields.items()}


def test_saving_an_offer_keeps_each_language_and_refreshes_the_search(desk, offer):
    from hospitals.models import SearchDocument

    SearchDocument.objects.all().delete()
    form = offer_form(offer, **{"price_lines-TOTAL_FORMS": 1})
    response = desk.post(act(offer, "change"), form)
    assert response.status_code == 302
    offer = Offer.objects.get(pk=offer.pk)
    assert (offer.title_en, offer.title_zh_hans, offer.version) == ("A first visit", "初诊", 2)
    assert SearchDocument.objects.filter(offer_id=offer.pk).exists()


def test_a_price_is_typed_in_whole_units_and_says_who_entered_it(desk, offer, coordinator):
    form = offer_form(offer) | price_form(1, amount="1234.50", high="2000", label_en="The report")
    assert desk.post(act(offer, "change"), form).status_code == 302
    line = PriceLine.objects.get(label_en="The report")
    assert (line.amount_minor, line.high_minor, line.currency) == (123450, 200000, "CNY")
    assert line.entered_by == coordinator


def test_a_price_in_a_currency_with_three_decimals(desk, offer):
    form = offer_form(offer) | price_form(1, amount="12.345", currency="kwd", label_en="In dinars")
    assert desk.post(act(offer, "change"), form).status_code == 302
    line = PriceLine.objects.get(label_en="In dinars")
    assert (line.amount_minor, line.currency) == (12345, "KWD")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"source": ""}, "source"),
        ({"as_of": ""}, "as_of"),
        ({"confidence": ""}, "confidence"),
        ({"tier": ""}, "tier"),
        ({"valid_from": ""}, "valid_from"),
        ({"valid_until": ""}, "valid_until"),
        ({"label_en": ""}, "label_en"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "900", "high": "100"}, "high"),
    ],
)
def test_a_price_without_source_tier_or_sense_is_refused(desk, offer, changed, field):
    form = offer_form(offer) | price_form(1, **changed)
    response = desk.post(act(offer, "change"), form)
    assert response.status_code == 200
    formset = response.context["inline_admin_formsets"][0].formset
    assert list(formset.forms[1].errors) == [field]
    assert PriceLine.objects.filter(offer=offer).count() == 1


def test_a_published_offer_keeps_a_price(desk, offer):
    form = offer_form(offer, **{"price_lines-TOTAL_FORMS": 1, "price_lines-0-DELETE": "on"})
    response = desk.post(act(offer, "change"), form)
    assert b"needs at least one price with its source" in response.content
    assert PriceLine.objects.filter(offer=offer).count() == 1


def test_an_offer_whose_prices_have_all_run_out_is_not_published(desk, offer):
    over = {"price_lines-TOTAL_FORMS": 1, "price_lines-0-valid_until": "2026-11-02"}
    form = offer_form(offer, **over)
    response = desk.post(act(offer, "change"), form)
    assert b"Every price of this offer has run out" in response.content
    assert PriceLine.objects.get(offer=offer).valid_until is None
    form.pop("is_published")
    assert desk.post(act(offer, "change"), form).status_code == 302
    assert PriceLine.objects.get(offer=offer).valid_until.isoformat() == "2026-11-02"


def test_an_offer_cannot_name_another_hospitals_department(desk, offer):
    from tests.factories import DepartmentFactory

    foreign = DepartmentFactory()
    form = offer_form(offer, department=foreign.pk, **{"price_lines-TOTAL_FORMS": 1})
    response = desk.post(act(offer, "change"), form)
    assert list(response.context["adminform"].form.errors) == ["department"]


def test_staff_cannot_say_things_about_their_hospital(desk, hospital):
    assert desk.post(act(hospital, "change"), {"name_en": "Another"}).status_code == 403
    assert Hospital.objects.get(pk=hospital.pk).name_en == "First Hospital"


def test_giving_a_role_opens_the_desk_and_is_noted(client, operator, user, hospital):
    client.force_login(operator)
    form = {"user": user.pk, "hospital": hospital.pk, "role": "scheduler"}
    response = client.post(reverse("admin:hospitals_hospitalmembership_add"), form)
    assert response.status_code == 302
    user.refresh_from_db()
    assert user.is_staff is True
    entry = AuditEntry.objects.get(action="desk.grant_role")
    assert (entry.user, entry.target) == (operator, f"accounts.user:{user.public_id}")
    membership = HospitalMembership.objects.get(user=user)
    client.post(act(membership, "delete"), {"post": "yes"})
    assert AuditEntry.objects.filter(action="desk.end_role").count() == 1
    assert not HospitalMembership.objects.filter(user=user).exists()
