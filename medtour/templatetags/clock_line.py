"""The two clocks on one line: markup by shape, so that a page of times renders no template."""

from functools import lru_cache
from typing import Any

from django.template.loader import get_template
from django.utils.safestring import SafeString

from medtour.templatetags import faces
from medtour.templatetags.frames import Frame, filled, frame, gap

PARTS = ("place", "moment", "time", "day")


def clocks_line_for(instant: Any, hospital_zone: str, place: str, visitor_zone: str) -> SafeString:
    """Hospital time and the visitor's own, where zone and language of the reader are known."""
    both = faces.two_faces(instant, hospital_zone, place, visitor_zone)
    shown = {name: each for name, each in both.items() if isinstance(each, faces.Face)}
    texts = {
        f"{name}_{part}": getattr(each, part) for name, each in shown.items() for part in PARTS
    }
    return filled(_frame(*shown), place=both["shared_place"] or both["hospital"].place, **texts)


@lru_cache(maxsize=2)
def _frame(*names: str) -> Frame:
    """Return the line with gaps for a hospital's clock, and for a visitor's when named."""
    gaps = {name: {part: gap(f"{name}_{part}") for part in PARTS} for name in names}
    line = get_template("components/clocks_line.html")
    return frame(line.render({"visitor": None, **gaps, "shared_place": gap("place")}))
