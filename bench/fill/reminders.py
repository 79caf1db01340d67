"""Reminders that are all due at once, each of a booked time of its own, for `bench.messages`."""

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection

from accounts.models import Patient, User
from bench.fill.bulk import copy_objects, insert_select, without_constraints
from bookings.models import Appointment, Case, Slot
from medtour.lib import clock
from messaging.models import Message
from messaging.quiet_hours import awake_at

OFFERS = 20
APPOINTMENTS_OF_A_READER = 5
# One in so many was cancelled meanwhile: its reminder must not go.
CANCELLED_ONE_IN = 50
ZONES = ("UTC", "Asia/Tokyo", "America/New_York", "Pacific/Honolulu", "Asia/Dubai", "Asia/Tashkent")
LONGEST_DRAIN = dt.timedelta(minutes=30)
TABLES = ("bookings_slot", "bookings_case", "bookings_appointment")
MINUTE = 60
TOLD = """
CREATE TABLE bench.told AS
WITH numbered AS (
    SELECT n, n / %(each)s AS reader, n %% %(each)s AS place
    FROM generate_series(0, %(count)s - 1) AS n
), patient AS (
    SELECT id, account_id, row_number() OVER (ORDER BY id) - 1 AS reader FROM accounts_patient
)
SELECT n + 1 AS id, offer.id AS offer_id, offer.hospital_id, offer.treatment_id,
       patient.id AS patient_id, patient.account_id, (n + reader) %% %(one_in)s = 0 AS is_cancelled,
       %(now)s::timestamptz + place * interval '1 hour'
       + CASE WHEN place < 2 THEN interval '2 days' ELSE interval '7 days' END AS starts_at
FROM numbered JOIN patient USING (reader)
JOIN bench.offer offer ON offer.number = n %% %(offers)s
"""


def fill_reminders(count: int) -> None:
    """Make `count` reminders that fell due during the last minute, and what they tell of."""
    now = clock.now().replace(microsecond=0)
    _readers(count // APPOINTMENTS_OF_A_READER, now)
    _offers()
    with without_constraints(*TABLES):
        _appointments(count, now)
    copy_objects(Message, _messages(now))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def zones_by_day(now: dt.datetime) -> list[str]:
    """Return places where nobody sleeps before the drain is over: reminders wait for the day."""
    return [
        name
        for name in ZONES
        if all(awake_at(then, name) == then for then in (now, now + LONGEST_DRAIN))
    ]


def _readers(count: int, now: dt.datetime) -> None:
    languages = [code for code, _name in settings.LANGUAGES]
    zones = zones_by_day(now)
    nobody_knows = make_password(None)
    copy_objects(
        User,
        (
            User(
                email=f"reader-{number}@bench.example",
                password=nobody_knows,
                called="Bench",
                locale=languages[number % len(languages)],
                time_zone=zones[number % len(zones)],
            )
            for number in range(count)
        ),
    )
    insert_select(
        Patient,
        {
            "account_id": "account.id",
            "relation": "'self'",
            "passport_name": "'BENCH PATIENT'",
            "date_of_birth": "'1980-01-01'",
        },
        "FROM accounts_user account WHERE account.email LIKE 'reader-%' ORDER BY account.id",
    )


def _offers() -> None:
    from tests.factories import OfferFactory

    offers = [OfferFactory() for _number in range(OFFERS)]
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS bench")
        cursor.execute(
            "CREATE TABLE bench.offer AS SELECT id, hospital_id, treatment_id,"
            " row_number() OVER (ORDER BY id) - 1 AS number FROM hospitals_offer"
            " WHERE id = ANY(%s)",
            [[offer.pk for offer in offers]],
        )


def _appointments(count: int, now: dt.datetime) -> None:
    """Two of five in two days, three in a week; an hour apart, so that nobody is in two places."""
    with connection.cursor() as cursor:
        cursor.execute(
            TOLD,
            {
                "now": now,
                "each": APPOINTMENTS_OF_A_READER,
                "one_in": CANCELLED_ONE_IN,
                "count": count,
                "offers": OFFERS,
            },
        )
    both = {"id": "told.id", "hospital_id": "told.hospital_id"}
    ends_at = "told.starts_at + interval '30 minutes'"
    times = {"starts_at": "told.starts_at", "ends_at": ends_at, "languages": "'{en}'"}
    booked = {"offer_id": "told.offer_id", "booked": "CASE WHEN is_cancelled THEN 0 ELSE 1 END"}
    insert_select(Slot, both | times | booked, "FROM bench.told told ORDER BY told.id")
    whose = both | {"patient_id": "told.patient_id"}
    treated = {"treatment_id": "told.treatment_id", "opened_by_id": "told.account_id"}
    insert_select(
        Case, whose | treated | {"state": "'scheduled'"}, "FROM bench.told told ORDER BY told.id"
    )
    kept = {
        "slot_id": "told.id",
        "case_id": "told.id",
        "period": f"tstzrange(told.starts_at, {ends_at}, '[)')",
        "state": "CASE WHEN is_cancelled THEN 'cancelled' ELSE 'confirmed' END",
        "holder_key": "'user:' || told.account_id",
        "booker_id": "told.account_id",
        "idempotency_key": "'fill-' || told.id",
        "confirmed_at": "now()",
    }
    insert_select(Appointment, whose | kept, "FROM bench.told told ORDER BY told.id")


def _messages(now: dt.datetime) -> Iterator[Message]:
    rows = Appointment.objects.order_by("pk").values_list(
        *("pk", "public_id", "slot__starts_at", "booker", "booker__email"),
        *("booker__locale", "booker__time_zone"),
    )
    for pk, public_id, starts_at, booker, address, locale, time_zone in rows.iterator():
        kind = "reminder_2d" if starts_at - now < dt.timedelta(days=4) else "reminder_7d"
        due_at = now - dt.timedelta(seconds=pk % MINUTE)
        yield Message(
            kind=f"bookings.{kind}",
            recipient_id=booker,
            address=address,
            locale=locale,
            time_zone=time_zone,
            dedupe_key=f"bench:{pk}",
            context={
                "appointment": public_id,
                "starts_at": starts_at.isoformat(),
                "version": "1",
            },
            not_before=due_at,
            next_attempt_at=due_at,
        )
