"""Statements planned once a connection."""

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from medtour.lib import prepared
from medtour.lib.prepared import prepared_rows

pytestmark = pytest.mark.django_db
SUM = "SELECT %(first)s::int + %(second)s::int, %(first)s::int, 7 %% 4"


def test_a_statement_is_prepared_once_and_takes_new_values():
    with CaptureQueriesContext(connection) as captured:
        first = prepared_rows(SUM + " -- once", {"first": 2, "second": 3, "unused": 1})
        second = prepared_rows(SUM + " -- once", {"first": 40, "second": 2})

    assert (first, second) == ([(5, 2, 3)], [(42, 40, 3)])
    assert [query["sql"].startswith("PREPARE") for query in captured.captured_queries] == [
        True,
        False,
    ]


def test_a_failed_first_try_leaves_no_clash():
    sql = "SELECT 10 / %(by)s::int"
    with pytest.raises(DataError), transaction.atomic():
        prepared_rows(sql, {"by": 0})

    assert prepared_rows(sql, {"by": 5}) == [(2,)]


def test_the_statement_unused_for_longest_is_forgotten(monkeypatch):
    monkeypatch.setattr(prepared, "KEPT", 2)
    prepared._known.pop(connection.connection, None)
    for number in range(5):
        assert prepared_rows(f"SELECT {number}, %(value)s::text", {"value": "x"}) == [(number, "x")]

    assert len(prepared._known[connection.connection]) == 2
    assert prepared_rows("SELECT 0, %(value)s::text", {"value": "y"}) == [(0, "y")]
