"""What is measured without a server: statements of a request, time inside the database."""

import io
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.insurance import answer_ms
from bench.requests import Requests
from bench.sizes import FREE_HOSPITALS, SOLD_OUT_HOSPITALS

SAMPLES = 20
TRIES = 3  # the quickest counts: the others waited for the processor
G10_PAIRS = 300


@dataclass(frozen=True, slots=True)
class Inside:
    """Most statements of any sampled request by kind; milliseconds in the database a page."""

    statements: dict[str, int]
    search_ms: float
    reference_search_ms: float
    free_us: float
    sold_out_us: float
    eligibility_ms: float


@contextmanager
def statements() -> Iterator[list[tuple[str, float]]]:
    """Collect each statement with its seconds; BEGIN, COMMIT and SAVEPOINT do not come by here."""
    from django.db import connection

    seen: list[tuple[str, float]] = []

    def note(execute: Callable, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            if not sql.startswith(("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO")):
                seen.append((sql, time.perf_counter() - started))

    with connection.execute_wrapper(note):
        yield seen


class Caller:
    """Calls the site's WSGI application in this process with the bytes of a request."""

    def __init__(self) -> None:
        from django.core.wsgi import get_wsgi_application

        self.application = get_wsgi_application()

    def __call__(self, request: bytes) -> int:
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, address, _version = first.split(" ")
        path, _, query = address.partition("?")
        headers = dict(line.split(": ", 1) for line in lines)
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": headers.pop("Content-Type", ""),
            "CONTENT_LENGTH": headers.pop("Content-Length", ""),
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "http",
            **{f"HTTP_{name.upper().replace('-', '_')}": text for name, text in headers.items()},
        }
        statuses: list[str] = []
        response = self.application(environ, lambda status, _headers: statuses.append(status))
        response.close()
        return int(statuses[0][:3])


def measure_inside(requests: Requests, questions: int) -> Inside:
    """Count statements (G5), and time search (G8) and next openings (G10) in the database."""
    call = Caller()
    kinds = {
        "booking": requests.book,
        "hold": requests.hold,
        "availability": requests.openings,
        "search": requests.search,
        "eligibility": requests.eligibility,
    }
    most = {kind: most_statements(make) for kind, make in kinds.items()}
    site, reference = [], []
    pairs = zip(requests.search(questions), requests.reference_search(questions), strict=True)
    for own, plain in pairs:
        tries = [
            (_database_seconds(call, own), _database_seconds(call, plain)) for _ in range(TRIES)
        ]
        site.append(min(seconds for seconds, _ in tries))
        reference.append(min(seconds for _, seconds in tries))
    free, sold_out = _next_openings(requests)
    return Inside(
        statements=most,
        search_ms=statistics.fmean(site) * 1000,
        reference_search_ms=statistics.fmean(reference) * 1000,
        free_us=free * 1e6,
        sold_out_us=sold_out * 1e6,
        eligibility_ms=answer_ms(requests.eligibility),
    )


def most_statements(make: Callable[[int], list[bytes]]) -> int:
    """Return the most statements that any of some requests took once the caches were filled."""
    call, most = Caller(), 0
    for number, request in enumerate(make(SAMPLES)):
        with statements() as seen:
            call(request)
        most = max(most, len(seen) if number else 0)
    return most


def _database_seconds(call: Caller, request: bytes) -> float:
    with statements() as seen:
        call(request)
    return sum(seconds for _sql, seconds in seen)


def _next_openings(requests: Requests) -> tuple[float, float]:
    """Return the median seconds for hospitals that are all free, and sold out but for the last."""
    from bookings.selectors.availability import next_openings

    offers: dict[int, list[int]] = {}
    for hospital, offer in requests._ask("SELECT hospital, id FROM bench.offer"):
        offers.setdefault(hospital, []).append(offer)
    chance = random.Random(1)
    taken: dict[range, list[float]] = {FREE_HOSPITALS: [], SOLD_OUT_HOSPITALS: []}
    for _ in range(G10_PAIRS):
        for kind, seconds in taken.items():
            wanted = offers[chance.choice(kind)]
            with statements() as seen:
                next_openings(wanted, days=15)
            seconds.append(seen[0][1])
    return statistics.median(taken[FREE_HOSPITALS]), statistics.median(taken[SOLD_OUT_HOSPITALS])
