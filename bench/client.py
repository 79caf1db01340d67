"""A small load client: processes with keep-alive connections, bounded in number and in time.

It talks to this machine only. Each connection sends its next request when the answer to the last
one is complete, as so many browsers would that never pause.
"""

import multiprocessing
import selectors
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

HOST = "127.0.0.1"
MOST_CONNECTIONS = 64
LONGEST_SECONDS = 60
ANSWER_SECONDS = 30
FORK = multiprocessing.get_context("fork")


@dataclass(slots=True)
class Tally:
    """What came back: seconds of each answer, how often each status, and how long it all took."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)
    took: float = 0.0
    ran_dry: bool = False

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.took if self.took else 0.0

    def percentile(self, share: float) -> float:
        """Return the time in milliseconds within which this share of the answers came."""
        ordered = sorted(self.seconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 if ordered else 0.0

    def add(self, other: "Tally") -> None:
        self.seconds += other.seconds
        self.statuses += other.statuses
        self.took = max(self.took, other.took)
        self.ran_dry = self.ran_dry or other.ran_dry


class Connection:
    """One keep-alive connection that has at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.wanted = 0
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.received, self.wanted = b"", 0
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int:
        """Read what has come; return the status once the whole answer is here, else 0."""
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("the server closed the connection in the middle of an answer")
        self.received += part
        if not self.wanted:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return 0
            self.wanted = end + 4 + content_length(self.received[:end])
        return int(self.received[9:12]) if len(self.received) >= self.wanted else 0


def content_length(head: bytes) -> int:
    lowered = head.lower()
    place = lowered.find(b"\r\ncontent-length:")
    if place < 0:
        if b"transfer-encoding" in lowered:
            raise ConnectionError("the client reads answers with a Content-Length only")
        return 0
    return int(lowered[place + 17 :].split(b"\r\n", 1)[0])


def drive(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Tally:
    """Send requests in turn over `connections` until time or requests run out."""
    tally = Tally()
    waiting = iter(requests)
    selector = selectors.DefaultSelector()
    started = time.perf_counter()
    ends = started + seconds
    opened = [Connection(port) for _ in range(connections)]
    busy = 0
    for connection in opened:
        request = next(waiting, None)
        if request is not None:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(request)
            busy += 1
    while busy:
        ready = selector.select(ANSWER_SECONDS)
        if not ready:
            raise TimeoutError(f"no answer within {ANSWER_SECONDS} s")
        for key, _events in ready:
            connection = key.data
            status = connection.receive()
            if not status:
                continue
            now = time.perf_counter()
            tally.seconds.append(now - connection.sent_at)
            tally.statuses[status] += 1
            request = next(waiting, None) if now < ends else None
            if request is None:
                tally.ran_dry = tally.ran_dry or now < ends
                selector.unregister(connection.socket)
                busy -= 1
            else:
                connection.send(request)
    tally.took = time.perf_counter() - started
    for connection in opened:
        connection.socket.close()
    return tally


def load(port: int, requests: Sequence[bytes], *, clients: int, seconds: float) -> Tally:
    """Drive `clients` connections from one process for every sixteen and add up what came back."""
    clients, seconds = min(clients, MOST_CONNECTIONS), min(seconds, LONGEST_SECONDS)
    processes = max(1, clients // 16)
    if processes == 1:
        return drive(port, requests, clients, seconds)
    results = FORK.Queue()
    workers = [
        FORK.Process(
            target=_drive_and_tell,
            args=(results, port, requests[number::processes], clients // processes, seconds),
        )
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    total = Tally()
    for _ in workers:
        told = results.get(timeout=seconds + 2 * ANSWER_SECONDS)
        if isinstance(told, str):
            raise ConnectionError(told)
        total.add(told)
    for worker in workers:
        worker.join()
    return total


def _drive_and_tell(
    results: multiprocessing.Queue,
    port: int,
    requests: Sequence[bytes],
    connections: int,
    seconds: float,
) -> None:
    try:
        results.put(drive(port, requests, connections, seconds))
    except Exception as error:
        results.put(repr(error))


def get(path: str, *, cookie: str = "") -> bytes:
    """Return the bytes of a GET request."""
    return _request("GET", path, cookie=cookie)


def post(path: str, body: str, *, cookie: str = "") -> bytes:
    """Return the bytes of a POST of an encoded form."""
    return _request("POST", path, body=body, cookie=cookie)


def post_json(path: str, body: str, *, token: str) -> bytes:
    """Return the bytes of a POST of JSON by a program with an access token."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {HOST}",
        "Accept: application/json",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", body]).encode()


def _request(method: str, path: str, *, body: str = "", cookie: str = "") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", "Accept: text/html"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    if method == "POST":
        lines.append("Content-Type: application/x-www-form-urlencoded")
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", body]).encode()
