"""Statements planned once a connection."""

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from medtour.lib import prepared
from medtour.lib.prepared import prepared_rows, read_rows

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


@pytest.mark.django_db(transaction=True)
def test_a_reading_statement_finds_out_by_itself_that_its_connection_died():
    pid = "SELECT pg_backend_pid(), %(value)s::int"
    [(first, _value)] = read_rows(pid, {"value": 1})
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    other.close()
    [(second, value)] = read_rows(pid, {"value": 2})
    assert (second != first, value) == (True, 2)


@pytest.mark.django_db(transaction=True)
def test_a_reading_statement_that_is_wrong_is_not_sent_again():
    with CaptureQueriesContext(connection) as captured, pytest.raises(DataError):
        read_rows("SELECT 10 / %(by)s::int", {"by": 0})
    assert len(captured) == 1
