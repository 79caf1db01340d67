"""Times to book, and the half million appointments that are there already."""

import datetime as dt

from django.db import connection

from bench.fill.bulk import insert_select, without_constraints
from bench.sizes import (
    DAYS,
    DOCTORS_OF_A_HOSPITAL,
    FREE_HOSPITALS,
    INSTANT_OFFERS_OF_A_DOCTOR,
    SOLD_OUT_DAYS,
    SOLD_OUT_HOSPITALS,
    TIMES_A_DAY,
    Size,
)
from bookings.models import Appointment, Case, CaseEvent, Slot
from medtour.lib import clock

ZONE = "Asia/Shanghai"
# Laid down in the order of time, as a site that makes its slots day by day has them.
SLOTS = f"""
FROM generate_series(1, {DAYS}) AS day
CROSS JOIN generate_series(0, {TIMES_A_DAY - 1}) AS place
CROSS JOIN bench.doctor AS doctor
JOIN bench.offer AS offer ON offer.hospital = doctor.hospital
 AND offer.number = (doctor.number %% {DOCTORS_OF_A_HOSPITAL}) * {INSTANT_OFFERS_OF_A_DOCTOR}
                    + (day + place) %% {INSTANT_OFFERS_OF_A_DOCTOR}
ORDER BY day, place, doctor.number
"""
STARTS_AT = "%s::timestamptz + day * interval '1 day' + place * interval '75 minutes'"
CAPACITY = "(ARRAY[1,1,1,1,1,1,1,2,2,3])[1 + (doctor.number * 7 + day * 3 + place) %% 10]"
NUMBERED = """
CREATE TABLE bench.doctor AS
    SELECT doctor.id, doctor.hospital_id, h.number AS hospital,
           row_number() OVER (ORDER BY doctor.id) - 1 AS number
    FROM hospitals_doctor doctor JOIN bench.hospital h ON h.id = doctor.hospital_id;
CREATE TABLE bench.offer AS
    SELECT offer.id, offer.treatment_id, h.number AS hospital,
           row_number() OVER (PARTITION BY offer.hospital_id ORDER BY offer.id) - 1 AS number
    FROM hospitals_offer offer JOIN bench.hospital h ON h.id = offer.hospital_id
    WHERE offer.booking_mode = 'instant';
"""
NUMBERED_HOSPITALS = """
CREATE TABLE bench.hospital AS
    SELECT id, slug, row_number() OVER (ORDER BY id) - 1 AS number
    FROM hospitals_hospital WHERE slug LIKE 'bench-%'
"""
# Every other slot has one appointment; the sold-out hospitals are full, the free ones empty.
TAKEN = f"""
CREATE TABLE bench.taken AS
WITH wanted AS (
    SELECT slot.id, slot.hospital_id, slot.starts_at, slot.ends_at, offer.treatment_id,
           h.number BETWEEN {SOLD_OUT_HOSPITALS.start} AND {SOLD_OUT_HOSPITALS.stop - 1}
           AND slot.starts_at < %(sold_out_until)s AS is_sold_out, slot.capacity
    FROM bookings_slot slot
    JOIN bench.hospital h ON h.id = slot.hospital_id
    JOIN bench.offer offer ON offer.id = slot.offer_id
    WHERE h.number NOT BETWEEN {FREE_HOSPITALS.start} AND {FREE_HOSPITALS.stop - 1}
), chosen AS (
    SELECT wanted.* FROM wanted
    CROSS JOIN LATERAL generate_series(1, CASE WHEN is_sold_out THEN capacity ELSE 1 END)
    WHERE is_sold_out OR (id * 7919) %% 1000 < 560
    ORDER BY is_sold_out DESC, (id * 104729) %% 1000003 LIMIT %(appointments)s
)
SELECT row_number() OVER (ORDER BY starts_at, id) AS number,
       (row_number() OVER (ORDER BY starts_at, id) %% %(patients)s) AS patient, chosen.*
FROM chosen
"""


def start_of_times() -> dt.datetime:
    """Return midnight plus nine hours at the hospitals, today; the first slot is a day later."""
    return clock.day_bounds(clock.today(ZONE), ZONE)[0] + dt.timedelta(hours=9)


def fill_slots() -> None:
    """Make a million times of thirty minutes; seven in ten have one place."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBERED_HOSPITALS)
        cursor.execute(NUMBERED)
    first = start_of_times()
    with without_constraints("bookings_slot"):
        insert_select(
            Slot,
            {
                "hospital_id": "doctor.hospital_id",
                "offer_id": "offer.id",
                "doctor_id": "doctor.id",
                "starts_at": STARTS_AT,
                "ends_at": f"{STARTS_AT} + interval '30 minutes'",
                "capacity": CAPACITY,
                "languages": "'{en}'",
            },
            SLOTS,
            first,
            first,
        )


def fill_appointments(size: Size) -> None:
    """Make the appointments with case and history, and the counters that belong to them."""
    until = start_of_times() + dt.timedelta(days=SOLD_OUT_DAYS + 1)
    tables = ("bookings_case", "bookings_appointment", "bookings_caseevent")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE bookings_slot")
        cursor.execute(
            TAKEN,
            {"sold_out_until": until, "appointments": size.appointments, "patients": size.patients},
        )
    with without_constraints(*tables):
        _insert_appointments()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bookings_slot SET booked = counted.n FROM"
            " (SELECT id, count(*) AS n FROM bench.taken GROUP BY id) counted"
            " WHERE counted.id = bookings_slot.id"
        )
        for sequence in ("bookings_case", "bookings_appointment"):
            cursor.execute(f"SELECT setval('{sequence}_id_seq', (SELECT max(id) FROM {sequence}))")


def _insert_appointments() -> None:
    people = "FROM bench.taken taken JOIN bench.patient p ON p.number = taken.patient"
    both = {"hospital_id": "taken.hospital_id", "patient_id": "p.id"}
    insert_select(
        Case,
        {
            **both,
            "id": "taken.number",
            "treatment_id": "taken.treatment_id",
            "state": "'scheduled'",
            "opened_by_id": "p.account_id",
        },
        people,
    )
    insert_select(
        Appointment,
        {
            **both,
            "id": "taken.number",
            "slot_id": "taken.id",
            "period": "tstzrange(taken.starts_at, taken.ends_at, '[)')",
            "state": "'confirmed'",
            "holder_key": "'user:' || p.account_id",
            "booker_id": "p.account_id",
            "case_id": "taken.number",
            "idempotency_key": "'fill-' || taken.number",
            "confirmed_at": "now()",
        },
        people,
    )
    insert_select(
        CaseEvent,
        {
            "case_id": "taken.number",
            "appointment_id": "taken.number",
            "action": "'book'",
            "after": "'confirmed'",
            "actor": "'patient'",
            "by_id": "p.account_id",
        },
        people,
    )
