"""Which ports the stack listens on: loopback only, and never one that somebody else holds."""

import socket
from collections.abc import Mapping

from medtour.devstack.say import Trouble

LOOPBACK = "127.0.0.1"
USUAL_PORT = 8000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def is_free(port: int) -> bool:
    """Say whether a server could listen on this port now (old closing connections do not count)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def web_port(environ: Mapping[str, str]) -> tuple[int, str]:
    """Return the port for the web server and a remark for the person, empty when there is none.

    A port asked for by PORT is taken or refused, never swapped for another.
    """
    wish = environ.get("PORT", "").strip()
    if not wish:
        if is_free(USUAL_PORT):
            return USUAL_PORT, ""
        port = free_port()
        return port, f"Port {USUAL_PORT} is in use, so this run takes port {port}."
    if not wish.isdigit() or not 0 < int(wish) < 65536:
        raise Trouble(f"PORT must be a number from 1 to 65535, not {wish!r}.")
    if not is_free(int(wish)):
        raise Trouble(f"Port {wish} is in use: stop what listens there, or set another PORT.")
    return int(wish), ""
