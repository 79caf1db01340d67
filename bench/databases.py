"""The measured databases: made on the running server, filled once, used again."""

import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from bench.sizes import Size

FRESH_DAYS = 2
PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def database_name(size: Size) -> str:
    """Return the name: BENCH_DATABASE, or "bench", with the size behind it unless it is full."""
    base = os.environ.get("BENCH_DATABASE", "bench")
    return base if size.name == "full" else f"{base}_{size.name}"


def server_url(name: str) -> str:
    """Return DATABASE_URL pointing at another database of the same server."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def environment(size: Size) -> dict[str, str]:
    """Return the environment of every process that works on a measured database."""
    return {
        **os.environ,
        "DATABASE_URL": server_url(database_name(size)),
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "PYTHONPATH": PROJECT,
        "DB_STATEMENT_TIMEOUT_MS": "0",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "ERROR"),
    }


def ensure_filled(size: Size, *, fresh: bool, again: str = "sessions") -> None:
    """Make and fill the database unless it is there, complete, and no older than two days.

    One that is used again follows the code: its tables, and what `bench.fill` calls `again`.
    """
    if not fresh and is_usable(size):
        print(f"Database {database_name(size)}: used again.", flush=True)
        run(size, "manage.py", "migrate", "--verbosity", "0")
        run(size, "-m", "bench.fill", again)
        return
    recreate(database_name(size))
    run(size, "manage.py", "migrate", "--verbosity", "0")
    run(size, "manage.py", "load_catalogue")
    run(size, "-m", "bench.fill", size.name)


def run(size: Size, *command: str) -> None:
    subprocess.run([sys.executable, *command], cwd=PROJECT, env=environment(size), check=True)


def is_usable(size: Size) -> bool:
    try:
        connection = psycopg2.connect(server_url(database_name(size)))
    except psycopg2.OperationalError:
        return False
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM bench.filled WHERE filled_at > now() - %s * interval '1 day'",
                [FRESH_DAYS],
            )
            return cursor.fetchone() is not None
    except psycopg2.Error:
        return False
    finally:
        connection.close()


def recreate(name: str) -> None:
    connection = psycopg2.connect(server_url("postgres"))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}"')
    finally:
        connection.close()
