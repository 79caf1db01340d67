"""Brings the database, translations and static files up to date before the site is served.

Run as `python -m medtour.devstack.prepare STATE IDENTITY`, inside the stack's environment: one
process for all steps, because starting Django takes longer than most of them.
"""

import argparse
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command, get_commands

from medtour.devstack.messages import compile_all
from medtour.devstack.say import say
from medtour.devstack.stamps import Stamp, digest, files_below
from medtour.devstack.state import PROJECT, write_private

APPS = ("accounts", "messaging", "hospitals", "bookings", "payments")
LOGINS = "logins.txt"


def migrate() -> bool:
    from django.db import connection  # after django.setup()
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    call_command("migrate", interactive=False, verbosity=0)
    return True


def collect_static() -> bool:
    """Collect when a style, script or package changed; source maps are for nobody here."""
    sources = [PROJECT / "requirements.txt", PROJECT / "static"]
    sources += [PROJECT / app / "static" for app in APPS]
    wanted = digest(files_below(*sources))
    stamp = Stamp(Path(settings.STATIC_ROOT) / ".collected-for")
    if stamp.matches(wanted):
        return False
    call_command(
        "collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=["*.map"]
    )
    stamp.set(wanted)
    return True


class Data:
    """Loads the catalogue and the demonstration once for each database and version of the code."""

    def __init__(self, state: Path, identity: str) -> None:
        self.stamps = state / "stamps"
        sources = files_below(*(PROJECT / app for app in APPS))
        self.version = digest([path for path in sources if path.suffix != ".html"], identity)

    def once(self, command: str, *words: str) -> bool:
        """Run the management command unless it has run for this data, this code and these words."""
        wanted = digest([], self.version, *words)
        stamp = Stamp(self.stamps / command)
        if stamp.matches(wanted) or not exists(command):
            return False
        call_command(command)
        stamp.set(wanted)
        return True


def exists(command: str) -> bool:
    if command in get_commands():
        return True
    say(f"There is no command {command} yet, so that step is left out.")
    return False


def timed(name: str, step: Callable[[], object]) -> None:
    begun = time.monotonic()
    done = step()
    if done:
        say(f"{name}: {time.monotonic() - begun:.1f} s")


def note_logins(state: Path) -> None:
    """Keep the demonstration log-ins, to be shown once the site answers."""
    if not exists("demo_logins"):
        return
    told = StringIO()
    call_command("demo_logins", stdout=told)
    write_private(state / LOGINS, told.getvalue())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m medtour.devstack.prepare")
    parser.add_argument("state", type=Path)
    parser.add_argument("identity", help="changes when the database is another one")
    arguments = parser.parse_args()
    timed("Translations compiled", compile_all)
    django.setup()
    timed("Database migrated", migrate)
    timed("Static files collected", collect_static)
    data = Data(arguments.state, arguments.identity)
    timed("Catalogue loaded", lambda: data.once("load_catalogue"))
    timed("Demonstration loaded", lambda: data.once("load_demo"))
    today = time.strftime("%Y-%m-%d", time.gmtime())
    timed("Slots generated", lambda: data.once("generate_slots", today))
    note_logins(arguments.state)
    return 0


if __name__ == "__main__":
    sys.exit(main())
