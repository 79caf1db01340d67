"""Rules of the catalogue as plain functions; no database, no request."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

WHOLE = 100


class LadderBroken(ValueError):
    """Bands that are not a ladder: hours and percentages must both fall towards the start."""


@dataclass(frozen=True, slots=True, order=True)
class Band:
    """From `hours_before` the start (and earlier) `refund_percent` of the deposit comes back."""

    hours_before: int
    refund_percent: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """A cancellation policy: best band first; after the last one nothing comes back (BK-10).

    Hours are real hours before the instant the appointment starts, so summer time moves nothing.
    """

    bands: tuple[Band, ...]

    @classmethod
    def from_pairs(cls, pairs: Iterable[Iterable[int]]) -> "Ladder":
        """Build a ladder from [[hours before, refund percent], …]; raises LadderBroken."""
        try:
            bands = tuple(Band(int(hours), int(percent)) for hours, percent in pairs)
        except (TypeError, ValueError) as error:
            raise LadderBroken("every step needs hours and a percentage") from error
        for band in bands:
            if band.hours_before < 0 or not 0 < band.refund_percent <= WHOLE:
                raise LadderBroken("hours and percentages must be positive")
        for earlier, later in zip(bands, bands[1:], strict=False):
            falls = later.hours_before < earlier.hours_before
            if not falls or later.refund_percent >= earlier.refund_percent:
                raise LadderBroken("steps must fall towards the start")
        return cls(bands)

    def to_pairs(self) -> list[list[int]]:
        return [[band.hours_before, band.refund_percent] for band in self.bands]

    def percent_at(self, cancelled_at: dt.datetime, starts_at: dt.datetime) -> int:
        """Return what percentage comes back; the very second of a step still belongs to it."""
        left = starts_at - cancelled_at
        for band in self.bands:
            if left >= dt.timedelta(hours=band.hours_before):
                return band.refund_percent
        return 0

    def steps(self, starts_at: dt.datetime) -> list[tuple[dt.datetime, int]]:
        """Return (last instant, percent) of each band for an appointment at `starts_at`."""
        return [
            (starts_at - dt.timedelta(hours=band.hours_before), band.refund_percent)
            for band in self.bands
        ]
