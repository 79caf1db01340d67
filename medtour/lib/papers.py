"""Papers as PDF by typst: the only file that imports it.

Data goes in as JSON, so that markup in a name stays literal; templates see their own folder and no
other. PDF/A refuses to be written when a glyph is missing.
"""

import datetime as dt
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import manimgx_fonts
import manimgx_fonts_cjk
import structlog
import typst
from django.conf import settings

from medtour.lib.paper_kinds import PAPERS

log = structlog.get_logger(__name__)

ARCHIVED = ["a-2b"]
FONT_FOLDERS = [str(Path(each.__file__).parent) for each in (manimgx_fonts, manimgx_fonts_cjk)]
CHINESE, LATIN, ARABIC = "Noto Sans CJK SC", "Noto Sans", "Noto Sans Arabic"
FIRST_FONTS = {"zh-hans": [CHINESE, LATIN, ARABIC], "ar": [ARABIC, LATIN, CHINESE]}


class PaperBroken(RuntimeError):
    """A paper could not be set; the text is the typesetter's own, without the data."""


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=FONT_FOLDERS
    )


@lru_cache(maxsize=16)
def fonts_for(language: str) -> list[str]:
    """Return the families for a language, its own first, then every other script's."""
    first = FIRST_FONTS.get(language, [LATIN, ARABIC, CHINESE])
    return first + sorted(set(_fonts().families()) - set(first))


def pdf(kind: str, data: Mapping[str, Any], *, language: str, at: dt.datetime) -> bytes:
    """Return a paper of a kind of ours as PDF/A-2b, dated `at`; call it outside a transaction.

    Text of others may hold a character that no font has: then it is a plain PDF that shows a box.
    """
    try:
        return archived_pdf(kind, data, language=language, at=at)
    except PaperBroken as error:
        if "PDF/A" not in str(error):
            raise
        log.warning("paper_glyph_missing", kind=kind)
    return _set(kind, data, language, format="pdf", timestamp=_whole(at))[0]


def archived_pdf(kind: str, data: Mapping[str, Any], *, language: str, at: dt.datetime) -> bytes:
    """As `pdf`, but raise PaperBroken when a glyph is missing."""
    how = {"format": "pdf", "timestamp": _whole(at), "pdf_standards": ARCHIVED}
    return _set(kind, data, language, **how)[0]


def _whole(at: dt.datetime) -> dt.datetime:
    """Return the instant without parts of a second, which the typesetter does not take."""
    return at.replace(microsecond=0)


def _set(kind: str, data: Mapping[str, Any], language: str, **how: Any) -> list[bytes]:
    root = settings.BASE_DIR / "templates" / "papers"
    template = PAPERS[kind].template
    compiler = typst.Compiler(str(root / template), root=str(root), font_paths=_fonts())
    inputs = {"data": json.dumps({**data, "fonts": fonts_for(language)}, ensure_ascii=False)}
    try:
        made = compiler.compile(sys_inputs=inputs, **how)
    except typst.TypstError as error:
        raise PaperBroken(_first_line(error)) from None
    return made if isinstance(made, list) else [made or b""]


def _first_line(error: typst.TypstError) -> str:
    """Return the message without what it quotes: a name must not reach a log."""
    return str(error).splitlines()[0].partition("`")[0]
