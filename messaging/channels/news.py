"""Reading foreign JSON without trusting its shape."""

import datetime as dt
from typing import Any


def objects(parent: Any, name: str) -> list[dict[str, Any]]:
    """Return the JSON objects in a list of an object; anything else is nothing."""
    rows = parent.get(name) if isinstance(parent, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def instant_of(seconds: Any, otherwise: dt.datetime) -> dt.datetime:
    """Return the instant of a Unix time, or `otherwise`; the future counts as now."""
    try:
        found = dt.datetime.fromtimestamp(int(seconds), tz=dt.UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return otherwise
    return min(found, otherwise)
