"""Asking ClamAV's daemon about a file; the only file that speaks its protocol.

The address is `tcp://host:port` or `unix:///path`. Without one nothing is scanned, which only
development may do (`medtour/checks.py`).
"""

import socket
import struct
from urllib.parse import urlsplit

from django.conf import settings

CHUNK = 64 * 1024
TIMEOUT_SECONDS = 30
LONGEST_ANSWER = 4096


class ScannerDown(RuntimeError):
    """The scanner did not answer, or not in a way that says the file is clean."""


def is_set_up() -> bool:
    return bool(settings.CLAMD_ADDRESS)


def is_clean(content: bytes) -> bool:
    """Tell whether the scanner finds nothing; raises ScannerDown for every doubt (fail closed)."""
    try:
        with _connected() as connection:
            answer = _asked(connection, content)
    except (OSError, ValueError) as error:
        raise ScannerDown(type(error).__name__) from error
    if answer == "stream: OK":
        return True
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return False
    raise ScannerDown("unexpected answer")


def _connected() -> socket.socket:
    address = urlsplit(settings.CLAMD_ADDRESS)
    if address.scheme == "tcp" and address.hostname and address.port:
        return socket.create_connection((address.hostname, address.port), TIMEOUT_SECONDS)
    if address.scheme == "unix" and address.path:
        return _connected_locally(address.path)
    raise ValueError("CLAMD_ADDRESS is neither tcp://host:port nor unix:///path")


def _connected_locally(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(TIMEOUT_SECONDS)
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def _asked(connection: socket.socket, content: bytes) -> str:
    connection.sendall(b"zINSTREAM\0")
    for start in range(0, len(content), CHUNK):
        chunk = content[start : start + CHUNK]
        connection.sendall(struct.pack("!I", len(chunk)) + chunk)
    connection.sendall(struct.pack("!I", 0))
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        received = connection.recv(LONGEST_ANSWER)
        if not received:
            break
        answer += received
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()
