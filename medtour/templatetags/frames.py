"""Markup with gaps: a part is rendered once for each shape, its changing texts are put in later.

A results page shows the same part dozens of times with other titles and figures; a template costs
a hundred times more than putting three texts into a string.
"""

from typing import Any

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

# Two characters for private use: no text of ours has them, and no escaping changes them.
OPENS, CLOSES = "\ue000", "\ue001"


def gap(name: str) -> str:
    """Return what stands in a frame where the text called `name` will be."""
    return f"{OPENS}{name}{CLOSES}"


def filled(frame: str, **texts: Any) -> SafeString:
    """Return the frame with its gaps filled; every text is escaped unless it is marked safe."""
    for name, text in texts.items():
        frame = frame.replace(gap(name), conditional_escape(text))
    return mark_safe(frame)
