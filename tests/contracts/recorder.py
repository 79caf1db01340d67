"""Stands between the SDK and whoever answers, and holds both sides to Stripe's description."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.contracts import description

Answer = tuple[str, int, Mapping[str, str]]


class Recorder:
    """Checks every request before it leaves and every answer before it is read."""

    def __init__(self, answer: Callable[..., Answer]) -> None:
        self._answer = answer
        self.seen: set[tuple[str, int]] = set()
        self.headers: list[dict[str, str]] = []

    def __call__(self, method: str, url: str, headers: dict[str, str], body: Any) -> Answer:
        description.check_request(method, url, headers, body)
        text, status, answered = self._answer(method, url, headers, body)
        description.check_answer(method, url, status, _text(text))
        self.seen.add((method, status))
        self.headers.append(headers)
        return text, status, answered


def _text(body: str | bytes) -> str:
    return body.decode() if isinstance(body, bytes) else body
