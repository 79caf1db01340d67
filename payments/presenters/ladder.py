"""What comes back of a deposit by and by, as dates once the start is known."""

import datetime as dt
from dataclasses import dataclass

from hospitals.policies import Ladder
from medtour.lib.money import Money
from payments.refund_rules import part_back


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the ladder: what comes back until an instant, or, without a time, until so many
    hours before the start. The last step has neither.
    """

    percent: int
    amount: Money
    until: dt.datetime | None = None
    hours: int | None = None
    is_now: bool = False

    @property
    def days(self) -> int | None:
        """Whole days, where the hours make some."""
        return self.hours // 24 if self.hours and self.hours % 24 == 0 else None


def steps(
    ladder: Ladder, amount: Money, *, starts_at: dt.datetime | None, now: dt.datetime
) -> list[Step]:
    """Return what comes back of `amount` by and by; steps that are over are left out."""
    if starts_at is None:
        ahead = [
            Step(percent, part_back(amount, percent), hours=hours)
            for hours, percent in ladder.to_pairs()
        ]
        return [*ahead, Step(0, amount * 0)]
    dated = [(until, percent) for until, percent in ladder.steps(starts_at) if until >= now]
    ahead = [
        Step(percent, part_back(amount, percent), until, is_now=number == 0)
        for number, (until, percent) in enumerate(dated)
    ]
    return [*ahead, Step(0, amount * 0, is_now=not ahead)]
