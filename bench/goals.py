"""The goals as ratios inside one run, with what was measured beside them."""

import statistics
from dataclasses import dataclass

from bench.inside import Inside
from bench.measure import TEN_TIMES, Figures, Race, ratio

DASH = "–"


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of the table; `measured` is compared as at least (`floor`) or at most."""

    name: str
    what: str
    must: float
    good: float | None
    measured: float
    floor: bool = True

    def reaches(self, limit: float) -> bool:
        return self.measured >= limit if self.floor else self.measured <= limit

    @property
    def verdict(self) -> str:
        if self.measured != self.measured:
            return "not measured"
        if self.good is not None and self.reaches(self.good):
            return "good"
        return "must" if self.reaches(self.must) else "MISSED"

    @property
    def is_missed(self) -> bool:
        return self.verdict == "MISSED"

    def row(self) -> str:
        sign = "≥" if self.floor else "≤"
        good = DASH if self.good is None else f"{sign} {self.good:g}"
        measured = DASH if self.measured != self.measured else f"{self.measured:.3g}"
        must = f"{sign} {self.must:g}"
        return f"| {self.name} | {self.what} | {must} | {good} | {measured} | {self.verdict} |"


def goals(figures: Figures, race: Race, inside: Inside) -> list[Goal]:
    """Return every goal with its measured value."""
    return [
        *_booking(figures),
        *_race(race),
        *_counts(inside),
        *_reading(figures, inside),
        *insurers(figures, inside.statements["eligibility"]),
    ]


def _booking(figures: Figures) -> list[Goal]:
    def to(view: str, clients: int = 8) -> float:
        return ratio(figures.rates("book", clients), figures.rates(view, clients))

    limit = figures.pgbench or [float("nan")]
    share = statistics.median(figures.rates("book", 8)) / statistics.median(limit)
    slow = {n: ratio(figures.p95s("book", n), figures.p95s("R.book", n)) for n in (8, 32)}
    hot = ratio(figures.rates("book, 20 hot slots", 8), figures.rates("book", 8))
    wide = ratio(figures.rates("book", 32), figures.rates("book", 8))
    return [
        Goal("G1", "booking req/s ÷ R.book, 8 clients", 0.30, 0.45, to("R.book")),
        Goal("G1", "booking req/s ÷ L (pgbench, 5 round trips)", 0.035, 0.055, share),
        Goal("G2", "booking p95 ÷ R.book's, 8 clients", 4, 2.5, slow[8], floor=False),
        Goal("G2", "booking p95 ÷ R.book's, 32 clients", 4, 2.5, slow[32], floor=False),
        Goal("G3", "20 hot slots ÷ random slots, req/s", 0.8, 0.95, hot),
        Goal("G11", "booking req/s, 32 ÷ 8 clients", 0.85, 1.0, wide),
    ]


def _race(race: Race) -> list[Goal]:
    what = f"{race.clients} clients, one place, {race.rounds} rounds"
    return [
        Goal("G4", f"{what}: rounds with more than one booking", 0, 0, race.oversold, False),
        Goal("G4", f"{what}: rounds with none", 0, 0, race.unsold, False),
        Goal("G4", f"{what}: answers of 500 or more", 0, 0, race.server_errors, False),
        Goal("G4", f"{what}: rounds not 1 × 303 and rest 409", 0, 0, race.other_answers, False),
    ]


def _counts(inside: Inside) -> list[Goal]:
    limits = {"booking": (12, 8), "hold": (12, 8), "availability": (4, 2), "search": (6, 4)}
    return [
        Goal("G5", f"statements, {kind}", *limits[kind], count, False)
        for kind, count in inside.statements.items()
        if kind in limits
    ]


def insurers(figures: Figures, count: int) -> list[Goal]:
    """Return G9, with the most statements that a question took."""
    rate = ratio(figures.rates("eligibility", 8), figures.rates("R.json", 8))
    slow = ratio(figures.p95s("eligibility", 8), figures.p95s("R.json", 8))
    return [
        Goal("G9", "eligibility API req/s ÷ R.json, 8 clients", 0.35, 0.6, rate),
        Goal("G9", "eligibility API p95 ÷ R.json's, 8 clients", 3, None, slow, floor=False),
        Goal("G9", "statements, eligibility API", 2, None, count, floor=False),
    ]


def _reading(figures: Figures, inside: Inside) -> list[Goal]:
    free = ratio(figures.rates("availability", 8), figures.rates("R.next", 8))
    slow = figures.p95s("search", 8)
    to_tpl = ratio(slow, figures.p95s("R.tpl", 8))
    to_search = ratio(slow, figures.p95s("R.search", 8))
    rate = ratio(figures.rates("search", 8), figures.rates("R.search", 8))
    inner = inside.search_ms / inside.reference_search_ms
    return [
        Goal("G6", "availability of a hospital, 14 days, ÷ R.next, req/s", 0.40, 0.6, free),
        Goal("G7", "search page p95 ÷ R.tpl's", 5, 3.5, to_tpl, floor=False),
        Goal("G7", "search page p95 ÷ R.search's", 1.7, None, to_search, floor=False),
        Goal("G7", "search page req/s ÷ R.search", 0.6, 0.8, rate),
        Goal("G8", "search, time in the database ÷ S4's two statements", 1.5, 1.0, inner, False),
        Goal(
            "G10",
            "next free time, all free ÷ 13 of 14 days sold out, time",
            0.7,
            1.0,
            inside.free_us / inside.sold_out_us,
        ),
        *(
            Goal(
                "10×",
                f"{view}: time with ten times the data",
                1.3,
                None,
                ratio(figures.rates(view, 8, "tenth"), figures.rates(view, 8)),
                floor=False,
            )
            for view in TEN_TIMES
            if view != "search"
        ),
    ]
