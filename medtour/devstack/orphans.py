"""Processes that outlive their run: each carries the run's mark, and can be found by it."""

import os
import signal
import subprocess
import time
from pathlib import Path

MARK = "MEDTOUR_DEVSTACK_RUN"
PROC = Path("/proc")
POLL_SECONDS = 0.05


def is_alive(pid: int) -> bool:
    """Say whether the process runs; one that ended but was not yet collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return not PROC.joinpath("self").exists()


def command_line(pid: int) -> str:
    """Return the command of a process, empty when it cannot be told."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        if not Path("/bin/ps").exists():
            return ""
    question = ["/bin/ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(question, capture_output=True, text=True, check=False).stdout.strip()


def marked(run: str) -> list[int]:
    """Return the living processes that carry the run's mark (Linux only; elsewhere none)."""
    wanted = f"{MARK}={run}".encode()
    found = []
    for folder in PROC.glob("[0-9]*"):
        pid = int(folder.name)
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted in environment and pid != os.getpid() and is_alive(pid):
            found.append(pid)
    return found


def wait_until_gone(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def sweep(run: str, seconds: float = 5) -> int:
    """End everything that carries the run's mark, politely first; return how many there were."""
    first = marked(run)
    for kind, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, seconds)):
        left = marked(run)
        for pid in left:
            try:
                os.kill(pid, kind)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + patience
        while left and any(is_alive(pid) for pid in left) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        if not marked(run):
            break
    return len(first)
