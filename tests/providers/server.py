"""A small HTTP server on this machine that behaves as a provider does, well or badly."""

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Provider:
    """Takes JSON posts; `go_wrong` queues how the next ones end, after that all is well.

    `taken` holds what was accepted, in order; a post may be accepted although its sender never
    hears so ("taken_then_silent", "taken_then_dropped").
    """

    def __init__(self):
        self.taken = []
        self.asked = 0
        self.endings = deque()
        self.released = threading.Event()
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def go_wrong(self, *endings):
        self.endings.extend(endings)

    def stop(self):
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def accept(self, path, headers, payload):
        """Return (status, answer) for a post that goes well, and keep it in `taken`."""
        raise NotImplementedError

    def refuse(self, ending):
        """Return (status, answer) for a named ending such as "429" or "131026"."""
        raise NotImplementedError

    def _answer(self, handler):
        length = int(handler.headers.get("Content-Length", 0))
        payload = json.loads(handler.rfile.read(length))
        with self.lock:
            self.asked += 1
            ending = self.endings.popleft() if self.endings else "ok"
            if ending in ("ok", "taken_then_silent", "taken_then_dropped"):
                status, answer = self.accept(handler.path, handler.headers, payload)
        if ending in ("silent", "taken_then_silent"):
            self.released.wait(30)
        if ending in ("silent", "taken_then_silent", "dropped", "taken_then_dropped"):
            handler.close_connection = True
            return None
        if ending == "500_bare":
            return 500, None
        return (status, answer) if ending == "ok" else self.refuse(ending)

    def _handler(provider):  # noqa: N805  (the handler below has a self of its own)
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                answered = provider._answer(self)
                if answered is None:
                    return
                status, answer = answered
                body = b"oops" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments):
                pass

        return Handler
