"""Markup with gaps: a part is rendered once for each shape, its changing texts are put in later.

A results page shows the same part dozens of times with other titles and figures; a template costs
a hundred times more than putting three texts into a string.
"""

import re
from functools import lru_cache
from html import escape
from typing import Any

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

# Two characters for private use: no text of ours has them, and no escaping changes them.
OPENS, CLOSES = "\ue000", "\ue001"
GAP = re.compile(f"{OPENS}([^{CLOSES}]+){CLOSES}")

# Markup, the name of a gap, markup, the name of a gap, … markup.
Frame = tuple[str, ...]


def gap(name: str) -> str:
    """Return what stands in a frame where the text called `name` will be."""
    return f"{OPENS}{name}{CLOSES}"


def frame(markup: str) -> Frame:
    """Return rendered markup, taken apart at its gaps."""
    return tuple(GAP.split(markup))


def filled(parts: Frame, **texts: Any) -> SafeString:
    """Return the frame with every gap filled; a text is escaped unless it is marked safe.

    A text that looks like a gap stays what it is: nothing a visitor sends is filled in turn.
    """
    pieces = list(parts)
    pieces[1::2] = [_escaped(texts[name]) for name in parts[1::2]]
    return SafeString("".join(pieces))


def _escaped(text: Any) -> str:
    """Escape like a template; plain and safe strings, nearly all there are, take a short way."""
    kind = type(text)
    if kind is str:
        return _escaped_once(text)
    return text if kind is SafeString else conditional_escape(text)


# The same names of places and hospitals stand on page after page.
_escaped_once = lru_cache(maxsize=16_384)(escape)
