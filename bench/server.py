"""The measured server: granian with exactly the flags that the Procfile gives the site."""

import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bench.databases import PROJECT, environment
from bench.sizes import Size

START_SECONDS = 60


def web_command(port: int) -> list[str]:
    """Return the Procfile's `web` line with its variables filled in."""
    line = next(
        line
        for line in Path(PROJECT, "Procfile").read_text().splitlines()
        if line.startswith("web:")
    )
    chosen = {"PORT": str(port), "WEB_HOST": "127.0.0.1", "WEB_LOG_LEVEL": "error"}

    def value(match: re.Match) -> str:
        return chosen.get(match[1]) or os.environ.get(match[1]) or match[2]

    command = shlex.split(re.sub(r"\$\{(\w+):-([^}]*)\}", value, line.partition(":")[2]))
    return [str(Path(sys.executable).parent / command[0]), *command[1:]]


@contextmanager
def serving(size: Size) -> Iterator[int]:
    """Serve the site and the reference views from one database; yields the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            web_command(port), cwd=PROJECT, env=environment(size), stdout=log, stderr=log
        )
        try:
            wait_until_it_answers(port, server, log)
            yield port
        finally:
            stop(server)


def stop(server: subprocess.Popen) -> None:
    server.terminate()
    try:
        server.wait(30)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def wait_until_it_answers(port: int, server: subprocess.Popen, log: IO[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            log.seek(0)
            told = log.read().decode(errors="replace")[-4000:]
            raise SystemExit(f"The server ended by itself (code {server.returncode}):\n{told}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/reference/json", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"The server did not answer within {START_SECONDS} s.")
