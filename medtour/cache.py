"""A Redis cache that answers "not cached" when Redis is away, so that no page dies with it.

Only the counts of sign-in attempts fail closed: what cannot be counted is not let through (RL-09).
"""

from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


# Under which the account pages count attempts to sign in, sign up, and to guess codes.
COUNTS_OF_ATTEMPTS = "allauth:rl:"


class LimitsUnavailable(Exception):
    """Attempts cannot be counted at this moment, so none is let through."""


class CountingClient(RedisCacheClient):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._made: dict[bool, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """Return the same client each time: threads may share it, and it is dear to make."""
        if len(self._servers) > 1:
            return super().get_client(key, write=write)
        client = self._made.get(write)
        if client is None:
            client = self._made[write] = super().get_client(key, write=write)
        return client

    def count_more(self, key: str, seconds: float, by: int) -> int:
        """Begin a count unless it runs and raise it, in one round trip."""
        pipeline = self.get_client(key, write=True).pipeline(transaction=False)
        pipeline.set(key, 0, ex=max(1, int(seconds)), nx=True)
        pipeline.incrby(key, by)
        _is_new, count = pipeline.execute()
        return int(count)


class FailOpenRedisCache(RedisCache):
    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = CountingClient

    def _safely(self, method: str, fallback: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(super(), method)(*args, **kwargs)
        except RedisError as error:
            log.warning("cache_unreachable", operation=method, error=type(error).__name__)
            if str(args[0]).startswith(COUNTS_OF_ATTEMPTS):
                raise LimitsUnavailable from error
            return fallback

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._safely("get", default, key, default, version)

    def get_many(self, keys: Any, version: int | None = None) -> Any:
        return self._safely("get_many", {}, keys, version)

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        return self._safely("set", None, key, value, *args, **kwargs)

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        return self._safely("add", True, key, value, *args, **kwargs)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> Any:
        return self._safely("incr", 0, key, delta, version)

    def count_more(self, key: str, seconds: float, by: int) -> int:
        """Count more; 0 when Redis is away. What `medtour/lib/counts.py` uses."""
        try:
            return self._cache.count_more(self.make_and_validate_key(key), seconds, by)
        except RedisError as error:
            log.warning("cache_unreachable", operation="count", error=type(error).__name__)
            return 0

    def touch(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        return self._safely("touch", False, key, *args, **kwargs)

    def delete(self, key: Any, version: int | None = None) -> Any:
        return self._safely("delete", False, key, version)

    def has_key(self, key: Any, version: int | None = None) -> Any:
        return self._safely("has_key", False, key, version)
