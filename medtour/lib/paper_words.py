"""What every paper is made of: its head and foot in one language, and the blocks between them.

Every text here is finished; the templates choose none.
"""

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from medtour.lib import clock, wording

BRAND = "Medtour"
REGIONS = {"zh-hans": "CN", "en": "GB"}
Block = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a paper; codes and Latin names (`ltr`) run left to right in every language."""

    label: str
    value: str
    note: str = ""
    ltr: bool = False
    strong: bool = False


def runs_ltr(text: str) -> bool:
    """Tell which way a name runs, by its first letter."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind == "L" for kind in kinds if kind in ("L", "R", "AL")), True)


def in_both(label: str, own: str, chinese: str) -> Row:
    """Return a line with a name in the paper's language and, where it is another, in Chinese."""
    return named(label, own or chinese, note=chinese if chinese != own else "")


def named(label: str, value: str, *, note: str = "", strong: bool = False) -> Row:
    """Return a line whose value is a name in whatever letters it is written."""
    return Row(label, value, note=note, ltr=runs_ltr(value), strong=strong)


def moment(
    label: str, instant: dt.datetime, zone_name: str, language: str, *, place: str = ""
) -> Row:
    """Return a line with an instant on the clock of a zone; its note says which clock."""
    day = wording.written_date(clock.local(instant, zone_name).date(), language, "long")
    note = _("%(place)s time, %(offset)s") % {
        "place": place or wording.city_of_zone(zone_name, language),
        "offset": wording.written_offset(instant, zone_name),
    }
    time = wording.written_time(instant, zone_name)
    return Row(label, f"{day} · {time}", note=note, strong=True)


def frame(
    language: str, *, number: str, title: str, footer: str, marks: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the head and foot of a paper in the active language, one of ours."""
    return {
        "lang": language.partition("-")[0],
        "region": REGIONS.get(language),
        "rtl": translation.get_language_bidi(),
        "brand": BRAND,
        "number": number,
        "title": title,
        "marks": [str(words) for words in marks],
        "footer": footer,
    }


def facts(rows: Iterable[Row], *, title: str = "") -> Block:
    """A table of facts; a row without a value is left out."""
    return {"kind": "rows", "title": title, "rows": [asdict(row) for row in rows if row.value]}


def sealed(rows: Iterable[Row], *, svg: str, title: str, words: str) -> Block:
    """A table of facts with a square code (SVG) beside it, and what the code is for."""
    kept = [asdict(row) for row in rows if row.value]
    return {"kind": "sealed", "rows": kept, "svg": svg, "seal": {"title": title, "words": words}}


def bullets(title: str, lines: Iterable[str]) -> Block:
    """A list under a heading, each line in its own direction."""
    return {"kind": "list", "title": title, "lines": [directed(line) for line in lines]}


def prose(title: str, words: str, *, tongue: str = "") -> Block:
    """Paragraphs under a heading; `tongue` is the language that they are written in."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return {
        "kind": "prose",
        "title": title,
        "lines": [directed(line) for line in lines],
        "lang": tongue.partition("-")[0],
        "region": REGIONS.get(tongue),
    }


def total(label: str, value: str) -> Block:
    return {"kind": "total", "label": label, "value": value}


def table(
    title: str,
    heads: Sequence[str],
    lines: Iterable[Sequence[str]],
    *,
    widths: Sequence[int] = (),
) -> Block:
    """A list with columns; the last one holds figures and stands at the end of the line.

    `widths` says how the columns share what is left: 0 is as wide as its words, others by parts.
    Without it the first column takes everything that the others leave.
    """
    cells = [[directed(cell) for cell in line] for line in lines]
    shares = list(widths) or [1] + [0] * (len(heads) - 1)
    return {
        "kind": "table", "title": title, "heads": list(heads), "lines": cells, "widths": shares,
    }  # fmt: skip


def part(language: str, blocks: Iterable[Block]) -> Block:
    """Blocks in another language than the paper; that language has to be the active one."""
    return {
        "kind": "part",
        "lang": language.partition("-")[0],
        "region": REGIONS.get(language),
        "rtl": translation.get_language_bidi(),
        "blocks": list(blocks),
    }


def new_page() -> Block:
    return {"kind": "page"}


def notes(lines: Iterable[str]) -> Block:
    return {"kind": "notes", "lines": [str(line) for line in lines]}


def directed(text: str) -> dict[str, Any]:
    """A text with the direction of its own letters."""
    return {"words": str(text), "ltr": runs_ltr(str(text))}
