"""Interleaved rounds over all views; every figure is a median, every ratio pairs the same round."""

import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bench.client import Tally, load
from bench.databases import database_name, server_url
from bench.requests import Requests
from bench.sizes import Size

SUCCESSES = {200, 201, 303}
WARM_UP_REQUESTS = 400
WARM_UP_SECONDS = 5
PGBENCH = r"""
\set slot random(:first, :last)
BEGIN;
UPDATE bench.slot SET booked = booked + 1 WHERE id = :slot AND booked < capacity;
INSERT INTO bench.booking (slot_id, patient_id, created_at) VALUES (:slot, 1, now());
INSERT INTO bench.outbox (kind, payload, created_at) VALUES ('booked', '{}', now());
COMMIT;
"""
# Name in the table, how its requests are made.
VIEWS = {
    "R.json": "json",
    "R.tpl": "listed",
    "R.next": "next_free",
    "R.search": "reference_search",
    "R.book": "plain_book",
    "R.book in one": "plain_book_in_one",
    "book": "book",
    "book, 20 hot slots": "book_hot",
    "hold, signed in": "hold",
    "hold, visitor": "hold_as_visitor",
    "availability": "openings",
    "search": "search",
    "search, full page": "full_search",
    "eligibility": "eligibility",
}
TEN_TIMES = ("book", "availability", "search, full page", "search")


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often to measure."""

    rounds: int
    seconds: float
    clients: tuple[int, ...]
    race_rounds: int
    questions: int


FULL_PLAN = Plan(rounds=5, seconds=2.0, clients=(8, 32, 1), race_rounds=200, questions=300)
QUICK_PLAN = Plan(rounds=2, seconds=1.0, clients=(8, 32), race_rounds=20, questions=60)


@dataclass(slots=True)
class Figures:
    """What all rounds gave: answers by view, number of clients and database size."""

    tallies: dict[tuple[str, int, str], list[Tally]] = field(
        default_factory=lambda: defaultdict(list)
    )
    pgbench: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    cards: dict[str, float] = field(default_factory=dict)  # results a page of the mix, by size

    def rates(self, view: str, clients: int, size: str = "full") -> list[float]:
        return [tally.per_second for tally in self.tallies[view, clients, size]]

    def p95s(self, view: str, clients: int, size: str = "full") -> list[float]:
        return [tally.percentile(0.95) for tally in self.tallies[view, clients, size]]


def ratio(above: list[float], below: list[float]) -> float:
    """Return the median of the ratios of the same rounds."""
    pairs = [a / b for a, b in zip(above, below, strict=True) if b]
    return statistics.median(pairs) if pairs else float("nan")


def measure(plan: Plan, sites: dict[str, tuple[int, Requests]]) -> Figures:
    """Run every view once in every round, on each database that has it."""
    figures = Figures()
    requests = sites["full"][1]
    for size, (port, own) in sites.items():
        figures.cards[size] = own.find_full_pages(port)
        warm_up(port, own, plan.clients)
    for number in range(plan.rounds):
        started = time.monotonic()
        for clients in plan.clients:
            for view in VIEWS:
                run(figures, plan, view, clients, "full", *sites["full"])
                if view in TEN_TIMES and clients == 8 and "tenth" in sites:
                    run(figures, plan, view, clients, "tenth", *sites["tenth"])
        figures.pgbench += pgbench(requests.size, requests.plain, plan.seconds)
        print(
            f"Round {number + 1} of {plan.rounds}: {time.monotonic() - started:.0f} s", flush=True
        )
    return figures


def warm_up(
    port: int, requests: Requests, clients: tuple[int, ...], views: Iterable[str] = VIEWS
) -> None:
    """Let every process open its connections, plan its statements and render its frames."""
    for many in (8, max(clients)):
        for view in views:
            wanted = make(requests, view, WARM_UP_REQUESTS)
            load(port, wanted, clients=many, seconds=WARM_UP_SECONDS)


def make(requests: Requests, view: str, count: int) -> list[bytes]:
    return getattr(requests, VIEWS[view])(count)


def run(
    figures: Figures,
    plan: Plan,
    view: str,
    clients: int,
    size: str,
    port: int,
    requests: Requests,
) -> None:
    seen = [tally.per_second for n in (1, 8, 32) for tally in figures.tallies[view, n, size]]
    count = int(max(seen, default=700) * plan.seconds * 1.7) + 2 * clients
    tally = load(port, make(requests, view, count), clients=clients, seconds=plan.seconds)
    figures.tallies[view, clients, size].append(tally)
    failed = {status: n for status, n in tally.statuses.items() if status not in SUCCESSES}
    if failed:
        figures.failures.append(f"{view}, {clients} clients, {size}: {failed}")


def pgbench(size: Size, slots: tuple[int, int], seconds: float) -> list[float]:
    """Return the five-step bookings a second at 8 clients; nothing without pgbench."""
    program = pgbench_program()
    if program is None:
        return []
    place = urlsplit(server_url(database_name(size)))
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "book.sql")
        script.write_text(PGBENCH)
        told = subprocess.run(
            [
                *(program, "-n", "-M", "prepared", "-c", "8", "-j", "2"),
                *("-T", str(max(2, int(seconds))), "-f", str(script)),
                *("-D", f"first={slots[0]}", "-D", f"last={slots[1]}"),
                *("-h", place.hostname or "", "-p", str(place.port or 5432)),
                *("-U", place.username or "", place.path.lstrip("/")),
            ],
            env={**os.environ, "PGPASSWORD": place.password or ""},
            capture_output=True,
            text=True,
            check=False,
        )
    found = re.search(r"tps = ([\d.]+)", told.stdout)
    return [float(found[1])] if found else []


def pgbench_program() -> str | None:
    """Return pgbench beside the embedded server, or from PATH."""
    from medtour.devstack.postgres import find_binaries
    from medtour.devstack.say import Trouble

    try:
        beside = find_binaries() / "pgbench"
    except Trouble:
        beside = Path()
    return str(beside) if beside.is_file() else shutil.which("pgbench")


@dataclass(slots=True)
class Race:
    """The rounds in which many wanted one place."""

    rounds: int = 0
    clients: int = 64
    oversold: int = 0
    unsold: int = 0
    server_errors: int = 0
    other_answers: int = 0
    medians: list[float] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.oversold or self.unsold or self.server_errors or self.other_answers)


def race(port: int, requests: Requests, rounds: int) -> Race:
    """Let 64 people want the last place, `rounds` times; the truth is counted in the database."""
    result = Race(rounds=rounds)
    for slot, everybody in requests.race(rounds, result.clients):
        tally = load(port, everybody, clients=result.clients, seconds=30)
        counter, live = requests.booked_at(slot)
        result.oversold += counter > 1 or live > 1 or tally.statuses[303] > 1
        result.unsold += live == 0
        result.server_errors += sum(n for status, n in tally.statuses.items() if status >= 500)
        result.other_answers += (
            tally.statuses[303] != 1 or tally.statuses[409] != result.clients - 1
        )
        result.medians.append(tally.percentile(0.5))
    return result
