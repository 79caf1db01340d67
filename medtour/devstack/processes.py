"""Runs the Procfile's processes side by side, shows their output, and ends them as one."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from medtour.devstack import orphans
from medtour.devstack.state import PROJECT

LAUNCHER = PROJECT / "deploy" / "process"
LINE = re.compile(r"^(?P<name>[a-z][a-z0-9_-]*):\s*(?P<command>\S.*)$")
STOP_SECONDS = 30
COLOURS = {"web": "36", "worker": "33", "beat": "35"}


@dataclass(frozen=True)
class Ended:
    """A process that ended by itself: its name and exit code."""

    name: str
    code: int


def parse_procfile(text: str) -> dict[str, str]:
    """Return name -> command; blank lines and # comments are left out, others are refused."""
    commands: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = LINE.match(line)
        if match is None or match["name"] in commands:
            raise ValueError(f"Procfile line {number} is not `name: command`: {line!r}")
        commands[match["name"]] = match["command"].strip()
    return commands


def read_procfile(path: Path = PROJECT / "Procfile") -> dict[str, str]:
    return parse_procfile(path.read_text())


class Supervisor:
    """Starts each process in a group of its own and ends whole groups."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        self.running: dict[str, subprocess.Popen[str]] = {}
        self.readers: list[threading.Thread] = []

    def start(self, names: list[str]) -> None:
        """Start the processes by the launcher that production uses too."""
        for name in names:
            process = subprocess.Popen(
                ["/bin/sh", str(LAUNCHER), name],
                cwd=PROJECT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            self.running[name] = process
            reader = threading.Thread(target=self._relay, args=(name, process), daemon=True)
            reader.start()
            self.readers.append(reader)

    def first_ended(self) -> Ended | None:
        """Return a process that has ended by itself, None while all run."""
        for name, process in self.running.items():
            code = process.poll()
            if code is not None:
                return Ended(name, code)
        return None

    def wait(self) -> Ended:
        """Return when a process has ended by itself; a signal interrupts the wait."""
        while (ended := self.first_ended()) is None:
            time.sleep(0.2)
        return ended

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask every group to end, wait, and kill what is left."""
        for process in self.running.values():
            # Only the leader is asked: granian and celery wind their children down in order.
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            kill_group(process.pid)
            process.wait()
        for reader in self.readers:
            reader.join(2)

    def _relay(self, name: str, process: subprocess.Popen[str]) -> None:
        label = f"{name:<7}|"
        if sys.stdout.isatty():
            label = f"\033[{COLOURS.get(name, '32')}m{label}\033[0m"
        for line in process.stdout or ():
            print(label, line.rstrip("\n"), flush=True)


def kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def run_to_end(command: list[str], env: dict[str, str]) -> int:
    """Run one command in the project's folder and return its code; an interrupt ends its group.

    At a terminal the command stays in our group, so that it may ask and answer.
    """
    own_group = not sys.stdin.isatty()
    process = subprocess.Popen(command, cwd=PROJECT, env=env, start_new_session=own_group)
    try:
        return process.wait()
    except BaseException:
        process.send_signal(signal.SIGTERM)
        orphans.wait_until_gone(process.pid, STOP_SECONDS)
        raise
    finally:
        if own_group:
            kill_group(process.pid)
        elif process.poll() is None:
            process.kill()
        process.wait()
