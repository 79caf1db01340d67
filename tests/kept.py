"""Rows that are dear to make, made once for a module; every test takes back what it changes."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from medtour.lib import clock


def kept(make: Callable[[], Any], *, at: dt.datetime | None = None) -> Any:
    """Return a fixture of what `make` returns at a moment (or now), kept until the module's tests are over.

    Its rows lie in a transaction around the tests, each of which works in a savepoint of it. The
    objects themselves remember what a test did to them: a test that changes rows reads them anew.
    """

    @pytest.fixture(scope="module")
    def kept_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
        around = transaction.atomic()
        around._from_testcase = True  # as TestCase's own: a durable block may lie within it
        with django_db_blocker.unblock(), around:
            with clock.freeze(at or clock.now()):
                made = make()
            yield made
            transaction.set_rollback(True)

    return kept_rows
