"""The next free times of one hospital: what its page lists before anybody picks an offer."""

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

from modeltranslation.utils import build_localized_fieldname

from bookings import policies
from hospitals.models.treatment import BookingMode
from medtour.lib import clock
from medtour.lib.prepared import prepared_rows

LOOK_AHEAD = dt.timedelta(days=14)
MOST_SHOWN = 20
# One index read an offer: the partial index on open slots leads to its first free time.
OPENINGS = """
SELECT hospital.time_zone, free.public_id, free.title, free.is_own_language, free.starts_at,
       free.places_left, free.last_confirmed_at
  FROM hospitals_hospital AS hospital
  LEFT JOIN LATERAL (
       SELECT offer.public_id, slot.starts_at, slot.capacity - slot.booked AS places_left,
              slot.last_confirmed_at,
              coalesce(nullif(offer.{title}, ''), nullif(treatment.{name}, ''),
                       nullif(offer.title_en, ''), treatment.name_en) AS title,
              coalesce(nullif(offer.{title}, ''), treatment.{name}, '') <> '' AS is_own_language
         FROM hospitals_offer AS offer
         JOIN hospitals_treatment AS treatment ON treatment.id = offer.treatment_id
        CROSS JOIN LATERAL (
              SELECT starts_at, capacity, booked, last_confirmed_at
                FROM bookings_slot
               WHERE offer_id = offer.id AND is_open
                 AND starts_at >= %(from)s AND starts_at < %(until)s
                 AND last_confirmed_at >= %(confirmed_since)s
               ORDER BY starts_at LIMIT 1) AS slot
        WHERE offer.hospital_id = hospital.id AND offer.is_published
          AND offer.booking_mode = %(mode)s
        ORDER BY slot.starts_at, offer.id
        LIMIT %(most)s) AS free ON true
 WHERE hospital.slug = %(slug)s
 ORDER BY free.starts_at, free.public_id
"""


class HospitalOpening(NamedTuple):
    """The next free time of one offer, with the offer's name in the page's language."""

    offer_public_id: str
    title: str
    is_translated: bool
    starts_at: dt.datetime
    places_left: int
    last_confirmed_at: dt.datetime


class HospitalOpenings(NamedTuple):
    """What is free first at one hospital, soonest first, within a fortnight."""

    time_zone: str
    openings: list[HospitalOpening]


@lru_cache(maxsize=32)
def _statement(language: str) -> str:
    columns = {field: build_localized_fieldname(field, language) for field in ("title", "name")}
    return OPENINGS.format(**columns)


def hospital_openings(
    slug: str, *, language: str, now: dt.datetime | None = None
) -> HospitalOpenings | None:
    """Return the hospital's next openings with one statement, None for an unknown hospital."""
    now = now or clock.now()
    rows = prepared_rows(
        _statement(language),
        {
            "slug": slug,
            "mode": BookingMode.INSTANT.value,
            "from": now + policies.BOOKING_NOTICE,
            "until": now + LOOK_AHEAD,
            "confirmed_since": now - policies.CONFIRMATION_FRESH,
            "most": MOST_SHOWN,
        },
    )
    if not rows:
        return None
    found = [HospitalOpening(*row[1:]) for row in rows if row[1] is not None]
    return HospitalOpenings(time_zone=rows[0][0], openings=found)
