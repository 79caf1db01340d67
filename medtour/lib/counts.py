"""Counting in the cache, where many processes count at once and none may be forgotten."""

from django.core.cache import cache


def count_one_more(key: str, seconds: float) -> int:
    """Count one more under a key that begins anew after `seconds`; returns how many there are.

    The count is raised where it lies, so that two at once are two. A cache that keeps nothing, or
    is away, counts nothing: 0.
    """
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:
        return 0
