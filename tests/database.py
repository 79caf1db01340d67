"""The tests' database: migrated once into a template, copied for each run, emptied row by row.

Every migration runs whenever one of them, the code they use or a locked package has changed, and on
every fresh machine. Otherwise each worker starts from a copy of the result, in 0.1 s, not in 15 s.
`python -m tests.database` makes it ahead, beside checks that need no database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper

ROOT = Path(__file__).resolve().parents[1]
# Migrations are made of these, and of the packages that are locked.
INGREDIENTS = (
    "*/migrations/*.py",
    "*/gateways/*/migrations/*.py",
    "*/models/*.py",
    "medtour/lib/*.py",
    "medtour/settings/*.py",
    "requirements-dev.txt",
)
LOCK = 1835365492
# What migrating fills: the same in every database, and no test's to change.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}
quoted = connection.ops.quote_name


def fingerprint() -> str:
    """Return a digest of everything that decides what migrating makes."""
    digest = sha256()
    for path in sorted({path for pattern in INGREDIENTS for path in ROOT.glob(pattern)}):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


@contextmanager
def alone() -> Iterator[CursorWrapper]:
    """Open the server's own database, with no other worker doing the same."""
    with connection._nodb_cursor() as server:
        # Whoever comes second waits until the template is made, however long that takes.
        server.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield server


def drop(server: CursorWrapper, name: str) -> None:
    server.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")


def use(name: str) -> None:
    """Let this process's connection mean another database."""
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name


def migrated(server: CursorWrapper, base: str, *, afresh: bool) -> str:
    """Return the name of a database that has been migrated and never been used."""
    prefix = f"{base}_of_"
    template, unfinished = prefix + fingerprint(), f"{base}_unfinished"
    server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
    known = [name for (name,) in server.fetchall()]
    if template in known and not afresh:
        return template
    for old in (*known, unfinished):
        drop(server, old)
    server.execute(f"CREATE DATABASE {quoted(unfinished)}")
    use(unfinished)
    call_command("migrate", verbosity=0, interactive=False)
    connection.close()
    # Only a finished one gets the name by which it is found.
    server.execute(f"ALTER DATABASE {quoted(unfinished)} RENAME TO {quoted(template)}")
    return template


@contextmanager
def own_database(worker: str, *, afresh: bool) -> Iterator[None]:
    """Give this process a migrated, empty database of its own, and take it away afterwards."""
    before = connection.settings_dict["NAME"]
    base = connection.settings_dict["TEST"]["NAME"]
    own = f"{base}_own_{worker}"
    with alone() as server:
        template = migrated(server, base, afresh=afresh)
        server.execute(f"CREATE DATABASE {quoted(own)} TEMPLATE {quoted(template)}")
    use(own)
    yield
    use(before)
    with alone() as server:
        drop(server, own)


def remove_rows(_case: object = None) -> None:
    """Empty the tables that a test has filled.

    Django's way truncates every table and makes all permissions again: 0.7 s each time. A superuser
    may look past triggers and foreign keys, which takes 0.05 s; anybody else goes Django's way.
    """
    tables = sorted(set(connection.introspection.table_names()) - KEPT)
    looks = [f"SELECT '{name}' WHERE EXISTS (SELECT FROM {quoted(name)})" for name in tables]
    with connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        if not cursor.fetchone()[0]:
            call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
            return
        cursor.execute(" UNION ALL ".join(looks))
        removals = [f"DELETE FROM {quoted(name)}" for (name,) in cursor.fetchall()]
        if removals:
            # Sent as one, the statements are one transaction, and only in it triggers are silent.
            silence = "SET LOCAL session_replication_role = replica"
            cursor.execute("; ".join([silence, *removals]))


if __name__ == "__main__":
    django.setup()
    with alone() as server:
        migrated(server, connection.settings_dict["TEST"]["NAME"], afresh=False)
