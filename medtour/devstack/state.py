"""The git-ignored folder with everything a run leaves behind: data, logs, passwords, stamps."""

import base64
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medtour.devstack.say import Trouble

PROJECT = Path(__file__).resolve().parent.parent.parent


def state_folder() -> Path:
    """Return the state folder: DEVSTACK_STATE when set, else `.devstack` in the project."""
    return Path(os.environ.get("DEVSTACK_STATE") or PROJECT / ".devstack").resolve()


def prepare_folder(folder: Path) -> Path:
    """Create the folder and make sure that this user may write into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".write-test-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except PermissionError as error:
        raise Trouble(
            f"{folder} belongs to another user: remove it, or set DEVSTACK_STATE to a folder of"
            " your own."
        ) from error
    return folder


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, replacing any older one in one step."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    fresh.replace(path)


def kept_secret(path: Path, generate: str | None = None) -> str:
    """Return the secret kept in the file, making it on first use."""
    if not path.exists():
        write_private(path, generate or secrets.token_urlsafe(48))
    return path.read_text().strip()


def application_secrets(folder: Path) -> dict[str, str]:
    """Return the keys of this checkout, made once and kept private."""
    field_key = "dev:" + base64.b64encode(secrets.token_bytes(32)).decode()
    lookup_key = base64.b64encode(secrets.token_bytes(32)).decode()
    return {
        "SECRET_KEY": kept_secret(folder / "secret_key"),
        "FIELD_ENCRYPTION_KEYS": kept_secret(folder / "field_key", field_key),
        "LOOKUP_HASH_KEY": kept_secret(folder / "lookup_key", lookup_key),
    }


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Hold the folder's lock, or yield False when another run holds it.

    The lock dies with its process, so a run that was killed never blocks the next one.
    """
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
