"""Counting in the cache, where many processes count at once and none may be forgotten."""

import threading
from dataclasses import dataclass

from django.core.cache import cache

# In how many handfuls a process tells what it counted towards a limit.
HANDFULS = 50


def count_one_more(key: str, seconds: float, *, by: int = 1) -> int:
    """Count one more under a key that begins anew after `seconds`; returns how many there are.

    The count is raised where it lies, so that two at once are two. A cache that keeps nothing, or
    is away, counts nothing: 0.
    """
    if hasattr(cache, "count_more"):
        return int(cache.count_more(key, seconds, by))
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key, by))
    except ValueError:
        return 0


@dataclass(slots=True)
class _Counted:
    """What one process counted in a window: not told yet, and how many all were when it told."""

    window: int
    untold: int = 0
    known: int = 0


class WindowLimit:
    """A limit on what somebody does within a window of time, counted by many processes together.

    Each tells the cache a fiftieth of the limit at once, so the limit may be passed by as many
    fiftieths as there are processes; limits under fifty are exact. For names that are few.
    """

    def __init__(self, name: str, seconds: int) -> None:
        self._name, self._seconds = name, seconds
        self._lock = threading.Lock()
        self._counted: dict[str, _Counted] = {}

    def passes(self, who: str, most: int, *, at: float) -> bool:
        """Count one more at a moment in seconds; tell whether there are `most` at the most."""
        window = int(at) // self._seconds
        with self._lock:
            counted = self._counted.get(who)
            if counted is None or counted.window != window:
                counted = self._counted[who] = _Counted(window)
            counted.untold += 1
            if counted.known and counted.untold <= most // HANDFULS:
                return counted.known + counted.untold <= most
            by, counted.untold = counted.untold, 0
        key = f"{self._name}:{who}:{window}"
        counted.known = max(counted.known, count_one_more(key, 2 * self._seconds, by=by))
        return counted.known <= most
