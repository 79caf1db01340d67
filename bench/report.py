"""The run as text: the machine, the figures, the goals."""

import os
import platform
import statistics
from datetime import UTC, datetime
from pathlib import Path

import psycopg2

from bench.databases import PROJECT, database_name, server_url
from bench.goals import Goal
from bench.inside import Inside
from bench.measure import VIEWS, Figures, Plan, Race, ratio
from bench.sizes import FULL

DOCUMENT = Path(PROJECT, "docs", "performance.md")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def machine() -> str:
    """Return what the run was made on, in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    connection = psycopg2.connect(server_url(database_name(FULL)))
    with connection, connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
        cursor.execute("SHOW fsync")
        fsync = cursor.fetchone()[0]
    connection.close()
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}, PostgreSQL {version} (fsync {fsync}),"
        f" load {os.getloadavg()[0]:.1f} at the end, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    )


def report(plan: Plan, figures: Figures, race: Race, inside: Inside, lines: list[Goal]) -> str:
    """Return the whole run in Markdown."""
    return "\n".join(
        [
            f"Machine: {machine()}.",
            f"{plan.rounds} interleaved rounds of {plan.seconds:g} s, medians.",
            "",
            "| Goal | What | must | good | measured | verdict |",
            "| --- | --- | --- | --- | --- | --- |",
            *(line.row() for line in lines),
            "",
            *_figures(plan, figures),
            "",
            *_single_figures(figures, race, inside),
        ]
    )


def _figures(plan: Plan, figures: Figures) -> list[str]:
    clients = sorted(plan.clients)
    head = " / ".join(map(str, clients))
    rows = [
        f"| View | req/s, {head} clients | p50 ms, {head} | p95 ms, {head} | p99 ms, {head} |",
        "| --- | --- | --- | --- | --- |",
    ]
    for view in VIEWS:
        tallies = [figures.tallies[view, n, "full"] for n in clients]
        rates = [statistics.median(t.per_second for t in each) for each in tallies]
        cells = [" / ".join(f"{rate:,.0f}" for rate in rates)]
        for share in (0.5, 0.95, 0.99):
            times = [statistics.median(t.percentile(share) for t in each) for each in tallies]
            cells.append(" / ".join(f"{ms:.1f}" for ms in times))
        rows.append(f"| {view} | {' | '.join(cells)} |")
    return rows


def _single_figures(figures: Figures, race: Race, inside: Inside) -> list[str]:
    if figures.pgbench:
        limit = f"{statistics.median(figures.pgbench):,.0f} bookings a second"
    else:
        limit = "not measured, pgbench was not found"
    mixed = ratio(figures.rates("search", 8, "tenth"), figures.rates("search", 8))
    cards = figures.cards
    return [
        f"- Searches as they are mixed: {mixed:.2f} times as long with ten times the data, on pages"
        f" of {cards['full']:.1f} instead of {cards['tenth']:.1f} results.",
        f"- L (pgbench, five round trips, 8 clients): {limit}.",
        f"- Race: median answer {statistics.median(race.medians):.0f} ms"
        f" with {race.clients} clients.",
        f"- Search, time in the database: {inside.search_ms:.2f} ms a page;"
        f" S4's two statements {inside.reference_search_ms:.2f} ms.",
        f"- Next free times of a hospital's 50 offers: {inside.free_us:.0f} µs all free,"
        f" {inside.sold_out_us:.0f} µs with 13 of 14 days sold out.",
        *(f"- Answers that were no success: {failure}." for failure in figures.failures),
    ]


def save(text: str) -> None:
    """Put the run into docs/performance.md, between its two marks."""
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")
