"""Starts and kills real processes: the whole stack, and a run that was cut off."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from medtour.devstack import orphans
from medtour.devstack.state import PROJECT

pytestmark = pytest.mark.slow

PATIENCE_SECONDS = 60
# Starts a child that would outlive it, says where the servers are, and waits.
COMMAND = 'sleep 600 & echo "READY $DATABASE_URL $REDIS_URL"; wait'


@pytest.fixture
def state():
    """A folder that PostgreSQL's own account can enter; pytest's is closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="medtour-stack-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def start(state):
    begun = []

    def start(verb="exec", command=COMMAND):
        env = {**os.environ, "DEVSTACK_STATE": str(state)}
        for name in ("DATABASE_URL", "REDIS_URL", orphans.MARK):
            env.pop(name, None)
        process = subprocess.Popen(
            [sys.executable, "-m", "medtour.devstack", verb, "--", "sh", "-c", command],
            cwd=PROJECT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        begun.append(process)
        return process

    yield start
    for process in begun:
        process.kill()
        process.wait()
        process.stdout.close()


def wait_until_ready(process):
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("READY"):
            return lines
    raise AssertionError("the stack did not come up:\n" + "".join(lines))


def running_in(state):
    """Return the processes of the run: its commands, PostgreSQL and Valkey."""
    run = json.loads((state / "running.json").read_text())["run"]
    commands = orphans.marked(run)
    files = [*state.glob("postgres-*/postmaster.pid"), state / "valkey.pid"]
    servers = [int(file.read_text().split()[0]) for file in files]
    assert len(commands) == 2, "the shell and its sleeping child"
    assert len(servers) == 2
    return commands + servers


def pid_files(state):
    return [*state.glob("running.json"), *state.glob("**/*.pid")]


def test_being_asked_to_end_leaves_no_process_and_no_pid_file(start, state):
    process = start()
    wait_until_ready(process)
    processes = running_in(state)
    assert all(orphans.is_alive(pid) for pid in processes)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 130
    assert not any(orphans.is_alive(pid) for pid in processes)
    assert pid_files(state) == []


def test_the_commands_own_code_is_returned(start, state):
    process = start(verb="test", command="exit 7")
    assert process.wait(PATIENCE_SECONDS) == 7
    assert not (state / "test" / "running.json").exists()


def test_a_run_that_was_killed_is_cleaned_up_by_the_next(start, state):
    first = start()
    wait_until_ready(first)
    left = running_in(state)
    first.kill()
    first.wait()
    assert all(orphans.is_alive(pid) for pid in left)
    second = start()
    told = wait_until_ready(second)
    assert told[0] == (
        "[medtour] The last run was cut off; cleaned up after it (2 processes ended).\n"
    )
    assert not any(orphans.is_alive(pid) for pid in left)
    processes = running_in(state)
    second.send_signal(signal.SIGINT)
    assert second.wait(PATIENCE_SECONDS) == 130
    assert not any(orphans.is_alive(pid) for pid in processes)
    assert pid_files(state) == []


def test_a_second_run_beside_the_first_is_refused(start, state):
    first = start()
    wait_until_ready(first)
    second = start(command="echo never")
    assert second.wait(PATIENCE_SECONDS) == 1
    told = second.stdout.read()
    assert told == f"[medtour] Medtour already runs from {state}. Stop that run first (Ctrl-C).\n"
    first.send_signal(signal.SIGTERM)
    assert first.wait(PATIENCE_SECONDS) == 130
    assert pid_files(state) == []
