"""The real background processes of the Procfile, on a broker of their own, to be killed."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from medtour.devstack.ports import free_port
from medtour.devstack.valkey import find_binary

# A worker takes 4 s of processor time to start; a machine that does much else gives it little.
LONGEST_WAIT = 120


def wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LONGEST_WAIT
    while not true():
        assert time.monotonic() < deadline, f"waited {LONGEST_WAIT} s in vain until {what}"
        time.sleep(0.02)


class Background:
    """Starts broker, worker and beat; `kill` gives a process no chance to say goodbye."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.password = secrets.token_urlsafe(16)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.more_environment: dict[str, str] = {}

    def start_broker(self) -> None:
        """Start an empty broker on the same address as any before it."""
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self.password,
            "save": "",
            "appendonly": "no",
            "dir": str(self.folder),
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        self._start("broker", [str(find_binary()), *arguments])

    def start(self, process: str, *, name: str = "") -> None:
        """Start `worker` or `beat` as production does; a second one under a name of its own."""
        command = ["/bin/sh", str(settings.BASE_DIR / "deploy" / "process"), process]
        self._start(name or process, command)

    def kill(self, process: str) -> None:
        """kill -9 the process and all its children."""
        running = self.running.pop(process)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()

    def stop(self) -> None:
        for process in list(self.running):
            self.kill(process)

    def log_of(self, process: str) -> str:
        return (self.folder / f"{process}.log").read_text(errors="replace")[-3000:]

    def _start(self, name: str, command: list[str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=settings.BASE_DIR,
                env=self._environment(name),
            )

    def _environment(self, name: str) -> dict[str, str]:
        database = connection.settings_dict
        address = f"{database['HOST']}:{database['PORT']}/{quote(database['NAME'])}"
        return {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DJANGO_SETTINGS_MODULE": "medtour.settings.dev",
            "DATABASE_URL": f"postgres://{database['USER']}:{quote(database['PASSWORD'])}@{address}",
            "REDIS_URL": f"redis://:{self.password}@127.0.0.1:{self.port}/0",
            "EMAIL_BACKEND": "tests.slow.slow_mail.EmailBackend",
            "OUTBOX_LEASE_SECONDS": "3",
            "BEAT_STATE": str(self.folder / f"{name}-state"),
            "LOG_LEVEL": "INFO",
            **self.more_environment,
        }
