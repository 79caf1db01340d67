"""An insurer's program asks about members: what is asked, and how much of the time the engine is.

The insurer, its members and the token come from `bench/fill/insurers.py`.
"""

import datetime as dt
import json
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench.client import post_json
from medtour.lib import clock

TOKEN = "bench-token-of-no-use-anywhere-else"
MEMBERS = 2_000
BORN = "1980-05-17"
ADDRESS = "/api/v1/eligibility"
SLUG = "bench-insurer"
SAMPLES = 200
HOSPITALS = """
SELECT hospital.slug FROM payments_networkhospital AS place
  JOIN payments_network AS network ON network.id = place.network_id
  JOIN hospitals_insurer AS insurer ON insurer.id = network.insurer_id
  JOIN hospitals_hospital AS hospital ON hospital.id = place.hospital_id
 WHERE insurer.slug = %(insurer)s ORDER BY hospital.slug
"""


def questions(database: Any, chance: random.Random, count: int) -> list[bytes]:
    """Return the bytes of so many questions about random members at hospitals of the network."""
    start = (clock.now() + dt.timedelta(days=3)).isoformat(timespec="seconds")
    with database.cursor() as cursor:
        cursor.execute(HOSPITALS, {"insurer": SLUG})
        hospitals = [slug for (slug,) in cursor.fetchall()]
    return [
        post_json(
            ADDRESS,
            json.dumps(
                {
                    "hospital": chance.choice(hospitals),
                    "member_number": number(chance.randrange(MEMBERS)),
                    "date_of_birth": BORN,
                    "service_start": start,
                    "category": "inpatient",
                    "setting": "inpatient",
                    "amount": f"{chance.randrange(1_000, 90_000)}.00",
                    "currency": "CNY",
                }
            ),
            token=TOKEN,
        )
        for _question in range(count)
    ]


def number(index: int) -> str:
    return f"BENCH{index:06d}"


def answer_ms(make: Callable[[int], list[bytes]]) -> float:
    """Return the median milliseconds of an answer in this process, the database included."""
    from bench.inside import Caller

    call = Caller()
    times = []
    for request in make(SAMPLES):
        started = time.perf_counter()
        status = call(request)
        times.append(time.perf_counter() - started)
        if status != 200:
            raise SystemExit(f"A question was answered with {status}.")
    return statistics.median(times) * 1000


def share_line(milliseconds: float, engine_per_second: float) -> str:
    """Return how much of an answer's time the raw engine takes, as a line of the report."""
    share = 1000 / engine_per_second / milliseconds
    return (
        f"- Eligibility API: {milliseconds:.2f} ms an answer in one process, {share:.0%} of it the"
        " engine."
    )
