"""G9 alone: the eligibility API against R.json, in a small database of its own.

`make bench ARGS="--only insurance"`. The figures of the whole run are the ones that are kept.
"""

import os
import random

import psycopg2

from bench import insurance
from bench.client import get
from bench.databases import database_name, ensure_filled, environment, server_url
from bench.sizes import Size

ALONE = Size("insurance", hospitals=0, appointments=0)
VIEWS = ("R.json", "eligibility")


class Questions:
    """Makes the bytes to send, as `bench.requests.Requests` does for the large databases."""

    size = ALONE

    def __init__(self) -> None:
        self.database = psycopg2.connect(server_url(database_name(ALONE)))
        self.database.autocommit = True
        self.chance = random.Random(0)

    def json(self, count: int) -> list[bytes]:
        return [get("/reference/json")] * count

    def eligibility(self, count: int) -> list[bytes]:
        return insurance.questions(self.database, self.chance, count)


def measure_insurance(rounds: int, seconds: float, *, fresh: bool) -> bool:
    """Print what each interleaved round gave and how G9 stands; returns whether it is reached."""
    ensure_filled(ALONE, fresh=fresh, again=ALONE.name)
    os.environ.update(environment(ALONE))
    import django

    django.setup()
    from bench.goals import insurers
    from bench.inside import most_statements
    from bench.measure import Figures, Plan, run, warm_up
    from bench.server import serving

    plan = Plan(rounds=rounds, seconds=seconds, clients=(8,), race_rounds=0, questions=0)
    figures, made = Figures(), Questions()
    with serving(ALONE) as port:
        warm_up(port, made, plan.clients, VIEWS)
        for number in range(rounds):
            for view in VIEWS:
                run(figures, plan, view, 8, "full", port, made)
            told = (f"{view} {_last(figures, view)}" for view in VIEWS)
            print(f"Round {number + 1} of {rounds}: {', '.join(told)}", flush=True)
    lines = insurers(figures, most_statements(made.eligibility))
    print("\n".join([*(line.row() for line in lines), *figures.failures]))
    print(f"{insurance.answer_ms(made.eligibility):.2f} ms an answer in one process.")
    made.database.close()
    return not figures.failures and not any(line.is_missed for line in lines)


def _last(figures, view: str) -> str:
    tally = figures.tallies[view, 8, "full"][-1]
    return f"{tally.per_second:,.0f}/s p95 {tally.percentile(0.95):.1f} ms"
