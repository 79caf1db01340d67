"""A cache that remembers nothing and still counts, as the site does (`medtour/lib/counts.py`).

Facets must be counted, not remembered, when counting them is what is measured; the limits on calls
are part of what every answer costs.
"""

from typing import Any

from django.core.cache.backends.dummy import DummyCache

from medtour.cache import CountingClient


class OnlyCounts(DummyCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._client = CountingClient([server])

    def count_more(self, key: str, seconds: float, by: int) -> int:
        return self._client.count_more(self.make_and_validate_key(key), seconds, by)
