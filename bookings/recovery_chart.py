"""A patient's own curve as points of a small drawing; the page always has the table beside it.

The days stand at equal distances, because they are days on which somebody asked: a line to scale
would push the first week together. Where the language runs from the right, so do the days.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 18, 16, 36


@dataclass(frozen=True, slots=True)
class Mark:
    """One answered day: its place in the drawing, its label and its value."""

    x: float
    y: float
    day: int
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """One horizontal line of the drawing with its number."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A curve ready to draw; `axis_x` is where the numbers of the scale stand."""

    marks: list[Mark]
    lines: list[Line]
    axis_x: float
    line_from: float
    line_to: float
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def path(self) -> str:
        """The points of the polyline."""
        return " ".join(f"{mark.x:g},{mark.y:g}" for mark in self.marks)


def chart(
    values: Sequence[tuple[int, str]], *, least: int, most: int, step: int, is_rtl: bool
) -> Chart | None:
    """Return the curve of (day, value) pairs on a scale from `least` to `most`, or None."""
    if not values:
        return None
    begin, end = LEFT, WIDTH - RIGHT
    gap = (end - begin) / (len(values) + 1)

    def across(place: float) -> float:
        x = begin + gap * place
        return round(WIDTH - x if is_rtl else x, 1)

    def up(value: float) -> float:
        share = (min(max(value, least), most) - least) / (most - least)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    return Chart(
        marks=[
            Mark(across(place), up(float(value)), day, value)
            for place, (day, value) in enumerate(values, start=1)
        ],
        lines=[Line(up(number), str(number)) for number in range(least, most + 1, step)],
        axis_x=WIDTH - LEFT + 10 if is_rtl else LEFT - 10,
        line_from=RIGHT if is_rtl else LEFT,
        line_to=WIDTH - LEFT if is_rtl else WIDTH - RIGHT,
    )
