"""Command line: `python -m bench`, with DATABASE_URL naming any database of the server to use."""

import argparse
import os
import sys
from contextlib import ExitStack

from bench.databases import ensure_filled, environment
from bench.sizes import FULL, SIZES


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="fill the databases again")
    parser.add_argument("--quick", action="store_true", help="a short run to look at, not to keep")
    parser.add_argument("--fill-only", action="store_true", help="fill the databases and stop")
    parser.add_argument("--save", action="store_true", help="write the run to docs/performance.md")
    parser.add_argument(
        "--only", choices=["insurance", "messages"], help="measure one part and stop"
    )
    return parser.parse_args()


def main() -> int:
    chosen = parse()
    if chosen.only == "messages":
        return only_messages(chosen.quick)
    if chosen.only == "insurance":
        return only_insurance(chosen)
    for size in SIZES:
        ensure_filled(size, fresh=chosen.fresh)
    return 0 if chosen.fill_only else measure_everything(chosen)


def only_messages(is_quick: bool) -> int:
    """Print the drain of the outbox; returns whether something was wrong with it."""
    from bench.messages import FULL_MESSAGES, QUICK_MESSAGES, measure_messages

    figures = measure_messages(QUICK_MESSAGES if is_quick else FULL_MESSAGES)
    print("\n".join(figures.lines()))
    return 1 if figures.failures else 0


def only_insurance(chosen: argparse.Namespace) -> int:
    """Measure questions of insurers' programs; returns whether a goal was missed."""
    from bench.only_insurance import measure_insurance

    rounds, seconds = (2, 1.0) if chosen.quick else (7, 2.0)
    return 0 if measure_insurance(rounds, seconds, fresh=chosen.fresh) else 1


def measure_everything(chosen: argparse.Namespace) -> int:
    """Measure and print every part, and save it if asked; returns whether a goal was missed."""
    os.environ.update(environment(FULL))
    import django

    django.setup()
    from bench import measure, report
    from bench.goals import goals

    plan = measure.QUICK_PLAN if chosen.quick else measure.FULL_PLAN
    figures, race, inside = measured(plan)
    lines = goals(figures, race, inside)
    parts, is_well = other_parts(inside, is_quick=chosen.quick)
    text = "\n".join([report.report(plan, figures, race, inside, lines), *parts])
    print(f"\n{text}\n")
    if chosen.save:
        report.save(text)
    missed = [line for line in lines if line.is_missed]
    print(f"{len(lines) - len(missed)} of {len(lines)} goals reached.")
    return 0 if is_well and not missed else 1


def other_parts(inside, *, is_quick: bool) -> tuple[list[str], bool]:
    """Measure money, messages and eligibility; returns their lines and whether all went well."""
    from bench.eligibility import measure_eligibility
    from bench.insurance import share_line
    from bench.messages import FULL_MESSAGES, QUICK_MESSAGES, measure_messages
    from bench.money import FULL_MONEY, QUICK_MONEY, measure_money

    print("Money.", flush=True)
    money = measure_money(QUICK_MONEY if is_quick else FULL_MONEY)
    print("Eligibility.", flush=True)
    eligibility = measure_eligibility(2_000 if is_quick else 10_000)
    print("Messages.", flush=True)
    messages = measure_messages(QUICK_MESSAGES if is_quick else FULL_MESSAGES)
    share = share_line(inside.eligibility_ms, eligibility.per_second)
    lines = [*money.lines(), *messages.lines(), *eligibility.lines(), share]
    return lines, not messages.failures and not eligibility.is_missed


def measured(plan):
    """Serve both databases and return the rounds, the race, and what happens inside a request."""
    from bench import measure
    from bench.inside import measure_inside
    from bench.requests import Requests
    from bench.server import serving

    with ExitStack() as cleanup:
        sites = {}
        for seed, size in enumerate(SIZES):
            requests = Requests(size, seed)
            cleanup.callback(requests.close)
            sites[size.name] = (cleanup.enter_context(serving(size)), requests)
        port, requests = sites[FULL.name]
        figures = measure.measure(plan, sites)
        print("The race.", flush=True)
        race = measure.race(port, requests, plan.race_rounds)
        print("Statements and time in the database.", flush=True)
        return figures, race, measure_inside(requests, plan.questions)


if __name__ == "__main__":
    sys.exit(main())
