"""What every test may rely on: the people, English unless it asks otherwise, no outside world."""

import datetime as dt
import functools
import gc
import ipaddress
import os
import socket
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.core.servers.basehttp import WSGIServer
from django.template import engines
from django.test import TransactionTestCase
from django.utils import timezone, translation

from medtour.lib import clock, exchange
from tests import database

pytest_plugins = ["tests.people"]

# Sixty-four people press at once; the test server's own queue of ten would turn some of them away.
WSGIServer.request_queue_size = 128
TransactionTestCase._fixture_teardown = database.remove_rows

MONDAY_MORNING = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)


class OutsideWorld(RuntimeError):
    """A test tried to reach another machine."""


def _is_loopback(address: object) -> bool:
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def pytest_configure() -> None:
    """Let sockets connect to this machine only, for the whole run."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(original):
        @functools.wraps(original)
        def call(self, address):
            if not _is_loopback(address):
                raise OutsideWorld(f"tests must not connect to {address!r}")
            return original(self, address)

        return call

    socket.socket.connect = guarded(connect)
    socket.socket.connect_ex = guarded(connect_ex)


def pytest_collection_finish() -> None:
    """Keep the collector of garbage off what the imports made: it lives as long as the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables that tests of this run made, also those made in another worker."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for table in [value for name, value in report.user_properties if name == "table"]:
            terminalreporter.section(report.nodeid)
            terminalreporter.write_line(str(table))


@pytest.fixture(scope="session")
def django_db_setup(request, django_test_environment, django_db_blocker) -> Iterator[None]:
    """Give each worker a copy of the migrated database; `--create-db` migrates anew in any case."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "alone")
    worker = f"{worker}_{os.getpid()}"
    afresh = request.config.getoption("create_db")
    with django_db_blocker.unblock(), database.own_database(worker, afresh=afresh):
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Start the Chromium that the test run found; the suite may run as root in a container.

    Playwright keeps an event loop in this thread; the tests' own queries are meant to be made here.
    """
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    found = os.environ.get("CHROMIUM_PATH")
    place = {"executable_path": found} if found else {}
    return {
        **browser_type_launch_args,
        **place,
        "args": ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    }


@pytest.fixture(autouse=True)
def _fresh_start() -> Iterator[None]:
    """Begin and end every test in English, in UTC, with an empty cache and the bundled rates."""
    cache.clear()
    exchange.use_source(None)
    timezone.deactivate()
    with translation.override("en"):
        yield
    timezone.deactivate()
    cache.clear()


@pytest.fixture
def frozen() -> Iterator[dt.datetime]:
    """Stop the clock on Monday 23 November 2026, 09:00 in Shanghai; returns that instant."""
    with clock.freeze(MONDAY_MORNING):
        yield MONDAY_MORNING


@pytest.fixture
def lenient_templates() -> Iterator[None]:
    """Let undefined template variables be empty: the admin's own templates rely on it."""
    engine = engines["django"].engine
    strict, engine.string_if_invalid = engine.string_if_invalid, ""
    yield
    engine.string_if_invalid = strict
