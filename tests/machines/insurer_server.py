"""An insurer that answers itself: one in memory, and one behind real HTTP on the loopback.

Both can be right, wrong, slow, down or talk nonsense, and remember what they were asked.
"""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from payments.fhir_words import Unusable, answer_from_fhir, request_to_fhir
from payments.gateways.insurer import InsurerSilent
from payments.insurance_questions import Question

COVERED = {
    "resourceType": "CoverageEligibilityResponse",
    "status": "active",
    "outcome": "complete",
    "insurance": [
        {
            "inforce": True,
            "item": [
                {
                    "excluded": False,
                    "authorizationRequired": False,
                    "benefit": [
                        {
                            "type": {"coding": [{"code": "benefit"}]},
                            "allowedMoney": {"value": 18000.0, "currency": "CNY"},
                        }
                    ],
                }
            ],
        }
    ],
}


UNKNOWN = {
    "resourceType": "CoverageEligibilityResponse",
    "status": "active",
    "outcome": "error",
}
DRIPS = ("drip headers", "drip body")


class FakeInsurer:
    """In memory, for what needs no wire."""

    def __init__(self) -> None:
        self.mode, self.asked = "right", []

    def ask(self, question: Question, *, request_id: str, now: dt.datetime) -> dict[str, Any]:
        self.asked.append(request_to_fhir(question, request_id=request_id, now=now))
        if self.mode != "right":
            raise InsurerSilent(self.mode)
        try:
            return answer_from_fhir(COVERED, question)
        except Unusable as error:
            raise InsurerSilent(f"unusable: {error}") from None


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.asked.append((dict(self.headers), json.loads(body)))
        mode = server.modes.pop(0) if server.modes else server.mode
        if mode == "slow":
            server.released.wait(30)
            return
        if mode in DRIPS:
            self.drip(mode)
            return
        status, answer = {
            "right": (200, json.dumps(COVERED).replace("18000.0", server.value).encode()),
            "down": (503, b""),
            "broken": (500, b"oops"),
            "garbage": (200, b"<html>"),
            "other": (200, b'{"resourceType": "Patient"}'),
            "huge": (200, b" " * 400_000),
            "redirect": (302, b""),
            "forbidden": (403, b""),
            "unknown": (200, json.dumps(UNKNOWN).encode()),
        }[mode]
        self.send_response(status)
        if mode == "redirect":
            self.send_header("Location", f"http://127.0.0.1:{server.server_port}/elsewhere")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def drip(self, mode: str) -> None:
        """Send a byte at a time, in the headers or after them, until released or cut off."""
        ending = b"\r\n" if mode == "drip body" else b""
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nX-Slow: " + ending)
            self.wfile.write(ending)
            while not self.server.released.wait(0.02):
                self.wfile.write(b"x")
                self.wfile.flush()
        except OSError:
            pass

    def log_message(self, *_args: Any) -> None:
        pass


@contextmanager
def insurer_server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.mode, server.modes, server.asked, server.value = "right", [], [], "18000.0"
    server.released = threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
