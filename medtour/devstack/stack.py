"""The two servers together: start them, say where they are, and leave nothing behind."""

import json
import os
import secrets
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import FrameType

from medtour.devstack import orphans
from medtour.devstack.postgres import Postgres
from medtour.devstack.say import Trouble, say
from medtour.devstack.state import (
    PROJECT,
    application_secrets,
    locked,
    prepare_folder,
    state_folder,
    write_private,
)
from medtour.devstack.valkey import Valkey

TEST_PLACES = 4


class Interrupted(Exception):
    """The person pressed Ctrl-C, or something asked this process to end."""


@dataclass(frozen=True)
class Stack:
    """A running stack: its state folder, the environment for commands, and who its data is."""

    folder: Path
    env: dict[str, str] = field(repr=False)
    data_identity: str


def pid_file(folder: Path) -> Path:
    return folder / "running.json"


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn the first SIGINT, SIGTERM or SIGHUP into Interrupted, and ignore further ones."""
    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for kind in kinds:
            signal.signal(kind, signal.SIG_IGN)
        raise Interrupted

    before = {kind: signal.signal(kind, interrupt) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


@contextmanager
def running(*, fast: bool = False, environ: Mapping[str, str] = os.environ) -> Iterator[Stack]:
    """Start what the environment does not already name, and stop it afterwards.

    `fast` is the tests' stack: its own folder and data that may be thrown away.
    """
    with ExitStack() as cleanup:
        folder = claim_folder(cleanup, fast=fast)
        recover(folder)
        run = secrets.token_hex(8)
        cleanup.callback(pid_file(folder).unlink, missing_ok=True)
        write_private(pid_file(folder), json.dumps({"pid": os.getpid(), "run": run}))
        env = command_environment(folder, environ) | {orphans.MARK: run}
        database, redis = environ.get("DATABASE_URL"), environ.get("REDIS_URL")
        identity = f"given {database}"
        if not database:
            postgres = Postgres(folder, fast=fast)
            cleanup.callback(postgres.stop)
            database = postgres.start()
            identity = f"own {postgres.data} {postgres.password}"
            say(f"PostgreSQL {postgres.version} listens on port {postgres.port}.")
        cleanup.callback(orphans.sweep, run)
        if not redis:
            valkey = Valkey(folder)
            cleanup.callback(valkey.stop)
            redis = valkey.start()
            say(f"Valkey listens on port {valkey.port}.")
        env |= {"DATABASE_URL": database, "REDIS_URL": redis}
        yield Stack(folder, env, sha256(identity.encode()).hexdigest())


def claim_folder(cleanup: ExitStack, *, fast: bool) -> Path:
    """Return a folder that this run alone uses; tests beside tests get folders side by side."""
    base = prepare_folder(state_folder())
    base.chmod(0o711)
    names = ["."] if not fast else ["test", *(f"test-{n}" for n in range(2, TEST_PLACES + 1))]
    for name in names:
        folder = prepare_folder(base / name)
        if cleanup.enter_context(locked(folder)):
            return folder
    if fast:
        raise Trouble(f"{TEST_PLACES} test runs are already going on in {base}; wait for one.")
    raise Trouble(f"Medtour already runs from {base}. Stop that run first (Ctrl-C).")


def recover(folder: Path) -> None:
    """End what a run that was killed has left behind."""
    if not pid_file(folder).exists():
        return
    try:
        run = json.loads(pid_file(folder).read_text())["run"]
    except (ValueError, KeyError):
        run = ""
    count = orphans.sweep(run) if run else 0
    say(f"The last run was cut off; cleaned up after it ({count} processes ended).")
    pid_file(folder).unlink()


def command_environment(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that every command of the stack gets; what is set already wins.

    Only the settings module is ours to say: importing this package has set it to production's.
    """
    base = folder.parent if folder.name.startswith("test") else folder
    binaries = Path(sys.prefix) / "bin"
    return {
        **application_secrets(base),
        "PYTHONUNBUFFERED": "1",
        "NODE_NO_WARNINGS": "1",
        **environ,
        "DJANGO_SETTINGS_MODULE": "medtour.settings.dev",
        "PATH": f"{binaries}{os.pathsep}{environ.get('PATH', os.defpath)}",
        "PYTHONPATH": str(PROJECT),
    }
