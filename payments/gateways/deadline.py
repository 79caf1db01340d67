"""A whole exchange over HTTP ends by its deadline, however slowly its bytes come."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

OPENED = ("connection.connect_tcp.complete", "connection.start_tls.complete")


class Cutting:
    """Knows the sockets of one exchange, and cuts them once its time is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[Any] = []
        self._is_over = False

    def trace(self, name: str, info: dict[str, Any]) -> None:
        """Learn of a connection; what httpx's `trace` extension calls."""
        if name in OPENED:
            opened = info["return_value"].get_extra_info("socket")
            with self._lock:
                self._sockets.append(opened)
                if self._is_over:
                    _cut(opened)

    def end(self) -> None:
        with self._lock:
            self._is_over = True
            for opened in self._sockets:
                _cut(opened)


@contextmanager
def ended_after(seconds: float) -> Iterator[Cutting]:
    """Cut what is opened inside after so many seconds: whoever reads from it then gets an error.

    A time-out of httpx bounds the wait for the next byte only; one byte a second would go on.
    """
    cutting = Cutting()
    timer = threading.Timer(seconds, cutting.end)
    timer.daemon = True
    timer.start()
    try:
        yield cutting
    finally:
        timer.cancel()


def _cut(opened: socket.socket) -> None:
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)
