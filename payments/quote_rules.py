"""The arithmetic of quotes and bills as plain functions; no database, no request.

All sums are whole minor units of one currency, so parts always add up exactly.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Protocol

INCLUDED, OPTIONAL, EXCLUDED = "included", "optional", "excluded"
REASON_ABOVE_PERCENT = 10
ONE_PLACE = Decimal("0.1")


class Priced(Protocol):
    """What a sum needs of a quote's line."""

    label: str
    tier: str
    unit: str
    quantity: Decimal
    unit_price_minor: int
    high_unit_price_minor: int | None
    inclusion: str


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most of a sum in minor units."""

    low: int
    high: int

    def clamp(self, minor: int) -> int:
        return min(max(minor, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Shares:
    """Who pays what of the most likely total, and what the patient pays at most.

    `insurer + own` is the most likely total to the minor unit (M3).
    """

    insurer: int
    own: int
    worst: int


def amount_of(quantity: Decimal, unit_minor: int) -> int:
    """Return quantity × unit price, rounded half-even to the minor unit."""
    return int((Decimal(quantity) * unit_minor).to_integral_value(rounding=ROUND_HALF_EVEN))


def range_of(line: Priced) -> Range:
    """Return what one line costs at least and at most."""
    low = amount_of(line.quantity, line.unit_price_minor)
    upper = line.high_unit_price_minor
    return Range(low, low if upper is None else amount_of(line.quantity, upper))


def total_range(lines: Iterable[Priced]) -> Range:
    """Return the range of all that is included; optional and excluded lines add nothing."""
    ranges = [range_of(line) for line in lines if line.inclusion == INCLUDED]
    return Range(sum(one.low for one in ranges), sum(one.high for one in ranges))


def shares(likely: int, high: int, insurer: int | None) -> Shares:
    """Split the most likely total between insurer and patient; nothing known means all is own."""
    part = insurer or 0
    return Shares(insurer=part, own=likely - part, worst=high - part)


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one line between two versions: added, removed, changed or same."""

    kind: str
    before: Priced | None
    after: Priced | None

    @property
    def line(self) -> Priced:
        """The line to name it by: the newer one where there is one."""
        return self.after or self.before  # type: ignore[return-value]


def differences(before: Sequence[Priced], after: Sequence[Priced]) -> list[Difference]:
    """Compare two versions line by line: the new order first, then what was removed.

    Lines are the same thing when they carry the same label; of several with one label the first
    meets the first.
    """
    waiting: dict[str, list[Priced]] = defaultdict(list)
    for line in before:
        waiting[line.label].append(line)
    found = []
    for line in after:
        if waiting[line.label]:
            old = waiting[line.label].pop(0)
            kind = "same" if _says(old) == _says(line) else "changed"
            found.append(Difference(kind, old, line))
        else:
            found.append(Difference("added", None, line))
    left = {id(line) for lines in waiting.values() for line in lines}
    return found + [Difference("removed", line, None) for line in before if id(line) in left]


def _says(line: Priced) -> tuple[object, ...]:
    return (
        line.tier,
        line.inclusion,
        Decimal(line.quantity),
        line.unit,
        line.unit_price_minor,
        line.high_unit_price_minor,
    )


def agreed_parts(billed: Sequence[tuple[int | None, int]], caps: Mapping[int, int]) -> list[int]:
    """Return how much of each billed line was agreed: (quoted line's key, minor) against `caps`.

    A quoted line covers what it was quoted for at most, however many billed lines name it (M5).
    """
    left = dict(caps)
    agreed = []
    for key, minor in billed:
        part = 0 if key is None else min(minor, left.get(key, 0))
        if key is not None and part:
            left[key] -= part
        agreed.append(part)
    return agreed


def cap_of(line: Priced) -> int:
    """Return the most that may be billed for a quoted line: nothing for one that was left out."""
    return 0 if line.inclusion == EXCLUDED else range_of(line).high


def variance_percent(quoted: int, final: int) -> Decimal | None:
    """Return by how many percent the bill differs, to one decimal; None for a quote of nothing."""
    if not quoted:
        return None
    exact = Decimal(final - quoted) * 100 / quoted
    return exact.quantize(ONE_PLACE, rounding=ROUND_HALF_EVEN)


def needs_reason(quoted: int, final: int) -> bool:
    """Tell whether a bill differs by more than ten percent, up or down; exactly ten does not."""
    return abs(final - quoted) * 100 > REASON_ABOVE_PERCENT * quoted
