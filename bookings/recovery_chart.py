"""A patient's own curve as points of a small drawing; the page always has the table beside it.

The days stand at equal distances, because they are days on which somebody asked: a line to scale
would push the first week together. Where the language runs from the right, so do the days.
Every coordinate is a text, because a page writes numbers the way its language does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 400, 220
LEFT, RIGHT, TOP, BOTTOM = 38, 14, 18, 34


@dataclass(frozen=True, slots=True)
class Mark:
    """One answered day: its place in the drawing, its label and its value."""

    x: str
    y: str
    day: int
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """One horizontal line of the drawing with its number."""

    y: str
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A curve ready to draw; `axis_x` is where the numbers of the scale stand."""

    marks: list[Mark]
    lines: list[Line]
    axis_x: str
    axis_anchor: str
    line_from: str
    line_to: str
    width: str = str(WIDTH)
    height: str = str(HEIGHT)

    @property
    def path(self) -> str:
        """The points of the polyline."""
        return " ".join(f"{mark.x},{mark.y}" for mark in self.marks)


def chart(
    values: Sequence[tuple[int, str]], *, least: int, most: int, step: int, is_rtl: bool
) -> Chart | None:
    """Return the curve of (day, value) pairs on a scale from `least` to `most`, or None."""
    if not values:
        return None
    begin, end = LEFT, WIDTH - RIGHT
    gap = (end - begin) / (len(values) + 1)

    def across(place: float) -> str:
        x = begin + gap * place
        return f"{WIDTH - x if is_rtl else x:.1f}"

    def up(value: float) -> str:
        share = (min(max(value, least), most) - least) / (most - least)
        return f"{HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM):.1f}"

    return Chart(
        marks=[
            Mark(across(place), up(float(value)), day, value)
            for place, (day, value) in enumerate(values, start=1)
        ],
        lines=[Line(up(number), str(number)) for number in range(least, most + 1, step)],
        axis_x=str(WIDTH - LEFT + 8 if is_rtl else LEFT - 8),
        axis_anchor="start" if is_rtl else "end",
        line_from=str(RIGHT if is_rtl else LEFT),
        line_to=str(WIDTH - LEFT if is_rtl else WIDTH - RIGHT),
    )
