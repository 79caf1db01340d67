"""Makes `.venv` hold exactly what requirements-dev.txt locks; run by `make setup`.

Run it as a file with the system's Python: it uses the standard library only, because nothing else
is there yet. When nothing changed since the last time it returns at once.
"""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

PROJECT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = PROJECT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
LOCK = PROJECT / "requirements-dev.txt"
STAMP = ENVIRONMENT / "installed-for"
OLDEST = (3, 11)


def give_up(text: str) -> NoReturn:
    print(f"[medtour] {text}", file=sys.stderr)
    raise SystemExit(1)


def wanted() -> str:
    """Return what the environment must have been made for: lock, place and Python's version."""
    told = f"{ENVIRONMENT}\n{sys.version}\n".encode()
    return sha256(LOCK.read_bytes() + told).hexdigest()


def is_current() -> bool:
    return STAMP.exists() and STAMP.read_text() == wanted() and PYTHON.exists()


def run(*command: str) -> bool:
    """Run a command quietly; return whether it succeeded, and show its words when it did not."""
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(ENVIRONMENT)}
    env.pop("PYTHONPATH", None)
    if "PIP_CERT" in env:
        # A company's own certificate is told to pip by this name; uv reads another.
        env.setdefault("SSL_CERT_FILE", env["PIP_CERT"])
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        sys.stderr.write(done.stdout.decode(errors="replace"))
    return done.returncode == 0


def make_environment() -> None:
    """Make the environment, anew when an older one is of another Python or was moved here."""
    if ENVIRONMENT.exists():
        shutil.rmtree(ENVIRONMENT)
    if not run(sys.executable, "-m", "venv", str(ENVIRONMENT)):
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        give_up("Python cannot make a virtual environment: install python3-venv and try again.")


def usable() -> bool:
    """Say whether the environment is of this Python and still lies where it was made."""
    settings = ENVIRONMENT / "pyvenv.cfg"
    pip = ENVIRONMENT / "bin" / "pip"
    if not (PYTHON.exists() and settings.exists() and pip.exists()):
        return False
    question = "import sys; print(sys.version, sys.prefix)"
    told = subprocess.run([str(PYTHON), "-c", question], stdout=subprocess.PIPE, text=True)
    scripts_here = str(PYTHON) in pip.read_text(errors="replace")
    return told.stdout.strip() == f"{sys.version} {ENVIRONMENT}" and scripts_here


def install() -> None:
    """Install with uv, which is many times faster, or with pip where uv cannot be had."""
    locked_uv = next(
        line.split(" ")[0] for line in LOCK.read_text().splitlines() if line.startswith("uv==")
    )
    pip = (str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check")
    if run(*pip, locked_uv) and run(
        *(str(PYTHON), "-m", "uv", "pip", "sync", "-q", "--require-hashes", str(LOCK))
    ):
        return
    print("[medtour] uv did not manage it; trying pip.", file=sys.stderr)
    if not run(*pip, "--require-hashes", "-r", str(LOCK)):
        give_up("The packages could not be installed; the lines above say why.")


def main() -> None:
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        give_up(f"Medtour needs Python 3.11 or newer; this is {found}. Set PYTHON to a newer one.")
    if is_current():
        return
    print("[medtour] Installing the packages into .venv.", flush=True)
    if not usable():
        make_environment()
    install()
    STAMP.write_text(wanted())


if __name__ == "__main__":
    main()
