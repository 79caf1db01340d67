"""Command line: `python -m bench.fill full|tenth` on the database in DATABASE_URL.

With `sessions` instead of a size everybody is only signed in again; with `insurance` only an
insurer is made, for `python -m bench --only insurance`.
"""

import sys
import time
from collections.abc import Callable

import django


def main(name: str) -> None:
    django.setup()
    from bench.fill import insurers, people

    if name == "sessions":
        people.fill_sessions()
        insurers.fill_insurer()
    elif name == "insurance":
        fill_only_insurance()
    else:
        fill_everything(name)


def fill_only_insurance() -> None:
    from django.db import connection

    from bench.fill.insurers import fill_insurer

    fill_insurer()
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS bench")
        cursor.execute("CREATE TABLE IF NOT EXISTS bench.filled AS SELECT now() AS filled_at")
        cursor.execute("VACUUM ANALYZE")


def fill_everything(name: str) -> None:
    """Fill a database of the named size, and say how long each part took."""
    from django.db import connection

    from bench.fill import catalogue, insurers, people, plain, supply
    from bench.sizes import SIZES
    from hospitals.services.search_index import rebuild_index

    size = next(size for size in SIZES if size.name == name)
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA bench")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '256MB'; SET work_mem = '128MB'")
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        (
            f"{size.hospitals} hospitals, {size.offers:,} offers in 8 languages",
            lambda: catalogue.fill_offers(catalogue.fill_hospitals(size)),
        ),
        ("the search index, by the site's own indexer", rebuild_index),
        (f"{size.slots:,} slots", supply.fill_slots),
        (f"{size.patients + size.bookers:,} accounts", lambda: people.fill_people(size)),
        (f"{size.appointments:,} appointments", lambda: supply.fill_appointments(size)),
        ("an insurer with its members", insurers.fill_insurer),
        ("consents", lambda: people.fill_consents(size)),
        ("sessions", people.fill_sessions),
        ("the reference's plain tables", lambda: plain.fill_plain(size)),
        ("statistics", lambda: connection.cursor().execute("VACUUM ANALYZE")),
    )
    for what, fill in steps:
        started = time.monotonic()
        fill()
        print(f"  {what}: {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
