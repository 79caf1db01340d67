"""A mail server on this machine that takes mails, counts connections, and can hang up."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class MailServer(socketserver.ThreadingTCPServer):
    """`mails` are the envelope's recipients; a connection is cut after `most` mails."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.connections = 0
        self.mails: list[str] = []
        self.most = 1_000
        self.unknown: set[str] = set()


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.server.connections += 1
        self.say("220 mail.example")
        taken, to = 0, ""
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                self.say("550 unknown" if to in self.server.unknown else "250 ok")
            elif word == "DATA":
                if taken == self.server.most:
                    return
                self.say("354 go on")
                while self.rfile.readline() != b".\r\n":
                    pass
                self.server.mails.append(to)
                taken += 1
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Serve in a thread until the end of the block."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
