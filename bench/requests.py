"""The requests of each measured view, made from what is free in the database at that moment."""

import itertools
import random
import secrets
from collections.abc import Callable
from urllib.parse import urlencode

import psycopg2

from bench import insurance
from bench.client import get, post
from bench.databases import database_name, server_url
from bench.full_pages import full_pages
from bench.questions import Questions
from bench.sizes import HOT_HOSPITAL, Size

CSRF = "benchbenchbenchbenchbenchbenchbe"
HOT_SLOTS = 20
HOT_CAPACITY = 30_000
RACE_HOURS = (18, 19, 20, 21, 22)
CONSENTED = """
CREATE TABLE IF NOT EXISTS bench.consented AS
    SELECT h.id AS hospital_id, booker.number, booker.patient_id, booker.patient_public_id,
           row_number() OVER (PARTITION BY h.id ORDER BY booker.number) - 1 AS place,
           count(*) OVER (PARTITION BY h.id) AS bookers
    FROM accounts_consent consent
    JOIN bench.booker booker ON booker.patient_id = consent.patient_id
    JOIN bench.hospital h ON h.slug = consent.recipient
"""
# A random booker for each random free slot; nobody twice at one time, nor where they have a time.
PAIRS = """
WITH free AS MATERIALIZED (
    SELECT slot.id, slot.public_id, slot.offer_id, slot.hospital_id, slot.starts_at, slot.ends_at,
           random() AS chance
    FROM bookings_slot slot {sample}
    WHERE slot.is_open AND {which}
    LIMIT %(most)s
), matched AS (
    SELECT DISTINCT ON (booker.patient_id, free.starts_at)
           free.*, booker.number, booker.patient_id, booker.patient_public_id
    FROM free
    JOIN bench.consented booker ON booker.hospital_id = free.hospital_id
     AND {booker}
)
SELECT offer.public_id, matched.public_id, matched.patient_public_id, matched.number
FROM matched JOIN hospitals_offer offer ON offer.id = matched.offer_id
WHERE NOT EXISTS (
    SELECT 1 FROM bookings_appointment taken
    WHERE taken.patient_id = matched.patient_id
      AND taken.state IN ('offered', 'held', 'awaiting_payment', 'confirmed', 'arrived')
      AND taken.period && tstzrange(matched.starts_at, matched.ends_at)
)
ORDER BY random() LIMIT %(count)s
"""
NEW_SLOTS = """
INSERT INTO bookings_slot (public_id, hospital_id, offer_id, starts_at, ends_at, capacity, booked,
                           languages, last_confirmed_at)
SELECT left(md5(random()::text) || md5(random()::text), 26), h.id, offer.id, starts.at,
       starts.at + interval '30 minutes', %(capacity)s, 0, '{{en}}', now()
FROM bench.hospital h
JOIN bench.offer offer ON offer.hospital = h.number AND offer.number = 0
CROSS JOIN LATERAL unnest(%(starts)s::timestamptz[]) AS starts(at)
WHERE h.number = %(hospital)s
RETURNING id, public_id, (SELECT public_id FROM hospitals_offer WHERE id = offer_id)
"""


class Requests:
    """Makes the bytes to send for one database; every method returns a list of `count`."""

    def __init__(self, size: Size, seed: int) -> None:
        self.size = size
        self.database = psycopg2.connect(server_url(database_name(size)))
        self.database.autocommit = True
        self.questions = iter(Questions(self.database, seed))
        self.reference_questions = iter(Questions(self.database, seed))
        self.chance = random.Random(seed)
        self._do(CONSENTED)
        self.days = itertools.cycle(range(2, 45))
        self.hot = [row[0] for row in self._new_slots(HOT_SLOTS, HOT_CAPACITY)]
        self.plain = self._ask("SELECT min(id), max(id) FROM bench.slot")[0]
        self.full_pages: list[bytes] = []

    def _ask(self, sql: str, parameters: dict | None = None) -> list[tuple]:
        with self.database.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()

    def _do(self, sql: str) -> None:
        with self.database.cursor() as cursor:
            cursor.execute(sql)

    def _new_slots(self, count: int, capacity: int) -> list[tuple]:
        """Add times at the hot hospital, no two of them at once."""
        starts = self._ask(
            "SELECT array_agg(date_trunc('day', now()) + day * interval '1 day'"
            " + hour * interval '1 hour' + %(minute)s * interval '1 minute')"
            " FROM (SELECT day, hour FROM generate_series(2, 45) day, unnest(%(hours)s) hour"
            " ORDER BY random() LIMIT %(count)s) chosen",
            {"hours": list(RACE_HOURS), "count": count, "minute": self.chance.randrange(30)},
        )[0][0]
        parameters = {"starts": starts, "capacity": capacity, "hospital": HOT_HOSPITAL}
        return self._ask(NEW_SLOTS.replace("{{", "{").replace("}}", "}"), parameters)

    def _pairs(self, count: int, *, hot: bool = False) -> list[tuple]:
        share = min(100.0, 100.0 * count * 6 / self.size.slots)
        if hot:
            parts = {
                "sample": "CROSS JOIN generate_series(1, 1)",
                "which": "slot.id = ANY(%(hot)s)",
                "booker": "true",
            }
        else:
            parts = {
                "sample": f"TABLESAMPLE BERNOULLI ({share})",
                "which": "slot.hospital_id IN (SELECT hospital_id FROM bench.consented)"
                " AND slot.capacity < 100",
                "booker": "booker.place = floor(free.chance * booker.bookers)",
            }
        pairs = self._ask(
            PAIRS.format(**parts), {"hot": self.hot, "count": count, "most": count * 10}
        )
        if len(pairs) < count:
            print(f"  only {len(pairs)} of {count} free places found", flush=True)
        return pairs

    def book(self, count: int) -> list[bytes]:
        return [booking(*pair) for pair in self._pairs(count)]

    def book_hot(self, count: int) -> list[bytes]:
        return [booking(*pair) for pair in self._pairs(count, hot=True)]

    def hold(self, count: int) -> list[bytes]:
        self.forget_holds()
        return [holding(offer, slot, number) for offer, slot, _p, number in self._pairs(count)]

    def hold_as_visitor(self, count: int) -> list[bytes]:
        self.forget_holds()
        return [holding(offer, slot, None) for offer, slot, _p, _number in self._pairs(count)]

    def forget_holds(self) -> None:
        """End what the last round held, so that every round meets the same."""
        self._do("UPDATE bookings_appointment SET state = 'expired' WHERE state = 'held'")

    def openings(self, count: int) -> list[bytes]:
        return [
            get(f"/en/hospitals/{slug}/openings/") for slug in self._random_hospitals("slug", count)
        ]

    def next_free(self, count: int) -> list[bytes]:
        return [get(f"/reference/next?hospital={pk}") for pk in self._random_hospitals("id", count)]

    def _random_hospitals(self, column: str, count: int) -> list:
        known = [row[0] for row in self._ask(f"SELECT {column} FROM bench.hospital")]
        return self.chance.choices(known, k=count)

    def search(self, count: int) -> list[bytes]:
        return [get(next(self.questions).site_path) for _ in range(count)]

    def find_full_pages(self, port: int) -> float:
        """Ask the site which searches fill a page, to be used by `full_search`.

        Returns how many results the mix of searches has a page.
        """
        found = full_pages(port, self.questions)
        self.full_pages = found.requests
        return found.cards_of_mix

    def full_search(self, count: int) -> list[bytes]:
        return self.chance.choices(self.full_pages, k=count)

    def reference_search(self, count: int) -> list[bytes]:
        return [get(next(self.reference_questions).reference_path) for _ in range(count)]

    def eligibility(self, count: int) -> list[bytes]:
        return insurance.questions(self.database, self.chance, count)

    def json(self, count: int) -> list[bytes]:
        return [get("/reference/json")] * count

    def listed(self, count: int) -> list[bytes]:
        return [get("/reference/list")] * count

    def plain_book(self, count: int) -> list[bytes]:
        return self._plain("/reference/book", count)

    def plain_book_in_one(self, count: int) -> list[bytes]:
        return self._plain("/reference/book-in-one", count)

    def _plain(self, path: str, count: int) -> list[bytes]:
        rows = self._ask(
            "SELECT id FROM bench.slot TABLESAMPLE BERNOULLI (%(share)s)"
            " WHERE booked < capacity ORDER BY random() LIMIT %(count)s",
            {"count": count, "share": min(100.0, 100.0 * count * 4 / self.size.slots)},
        )
        return [
            post(path, urlencode({"slot": slot, "patient": self.chance.randrange(2000)}))
            for (slot,) in rows
        ]

    def race(self, rounds: int, clients: int) -> list[tuple[int, list[bytes]]]:
        """Return for each round the key of a new slot with one place, and everybody's request."""
        slots = self._new_slots(rounds, 1)
        slots = (slots * (rounds // max(len(slots), 1) + 1))[:rounds]
        people = self._ask(
            "SELECT patient_public_id, consented.number FROM bench.consented consented"
            " JOIN bench.hospital h ON h.id = consented.hospital_id WHERE h.number = %(hospital)s",
            {"hospital": HOT_HOSPITAL},
        )
        return [
            (pk, [booking(offer, slot, *who) for who in self.chance.sample(people, clients)])
            for pk, slot, offer in slots
        ]

    def booked_at(self, slot: int) -> tuple[int, int]:
        """Return what the slot's counter says, and how many live appointments it really has."""
        return self._ask(
            "SELECT booked, (SELECT count(*) FROM bookings_appointment taken"
            " WHERE taken.slot_id = slot.id AND taken.state IN ('held', 'confirmed'))"
            " FROM bookings_slot slot WHERE id = %(slot)s",
            {"slot": slot},
        )[0]

    def close(self) -> None:
        """Take the added times off the pages and let the connection go."""
        self._do(
            "UPDATE bookings_slot SET withdrawn_at = now() WHERE schedule_id IS NULL AND"
            f" doctor_id IS NULL AND withdrawn_at IS NULL AND capacity IN (1, {HOT_CAPACITY})"
        )
        self.database.close()


Maker = Callable[[int], list[bytes]]


def cookie(number: int | None) -> str:
    session = "" if number is None else f"; sessionid=bench{number:027d}"
    return f"csrftoken={CSRF}{session}"


def booking(offer: str, slot: str, patient: str, number: int) -> bytes:
    """Return the press on "Book now" of a signed-in booker, as the page's form sends it."""
    body = _taking(slot) | {"patient": patient}
    return post(f"/en/book/{offer}/now/", urlencode(body), cookie=cookie(number))


def holding(offer: str, slot: str, number: int | None) -> bytes:
    return post(f"/en/book/{offer}/hold/", urlencode(_taking(slot)), cookie=cookie(number))


def _taking(slot: str) -> dict[str, str]:
    return {
        "slot": slot,
        "language": "en",
        "idempotency_key": secrets.token_urlsafe(18),
        "csrfmiddlewaretoken": CSRF,
    }
