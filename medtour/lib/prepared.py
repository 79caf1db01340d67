"""Statements that PostgreSQL plans once a connection and then only runs."""

import itertools
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django.db import InterfaceError, OperationalError, connection

KEPT = 200
PARAMETER = re.compile(r"%\((\w+)\)s")
_numbers = itertools.count()
_known: WeakKeyDictionary[Any, OrderedDict[str, str]] = WeakKeyDictionary()


def prepared_rows(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement with `%(name)s` parameters, in one round trip.

    The settings ask for generic plans, so the same plan serves every value: write the statement
    so that its best plan does not depend on them. The types of parameters must follow from it.
    """
    with connection.cursor() as cursor:
        known = _known.setdefault(connection.connection, OrderedDict())
        call = known.get(sql)
        if call is None:
            prepare, call = _texts(sql)
            cursor.execute(f"{_forget(known)}{prepare}\n; {call}", parameters)
            known[sql] = call
        else:
            known.move_to_end(sql)
            cursor.execute(call, parameters)
        return cursor.fetchall()


def read_rows(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a prepared statement that only reads, as the first of a request.

    Nothing asks before whether the connection still lives, as Django would: the statement finds
    out, and is sent once more on a new connection when the old one was gone.
    """
    if connection.in_atomic_block:
        return prepared_rows(sql, parameters)
    database: Any = connection  # Django's stubs do not know the mark
    database.health_check_done = True
    try:
        return prepared_rows(sql, parameters)
    except (OperationalError, InterfaceError):
        if connection.is_usable():
            raise
        connection.close()
        return prepared_rows(sql, parameters)


def plain_rows(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement whose best plan depends on its values."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _texts(sql: str) -> tuple[str, str]:
    """Return PREPARE and EXECUTE; a number is never used twice, so a failed try leaves no clash."""
    names = list(dict.fromkeys(PARAMETER.findall(sql)))
    text = PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", sql)
    values = ", ".join(f"%({name})s" for name in names)
    name = f"medtour_{next(_numbers)}"
    return f"PREPARE {name} AS {text}", f"EXECUTE {name}" + (f"({values})" if names else "")


def _forget(known: OrderedDict[str, str]) -> str:
    """Return what drops the statement unused for longest when a connection holds too many."""
    if len(known) < KEPT:
        return ""
    _sql, call = known.popitem(last=False)
    return f"DEALLOCATE {call.removeprefix('EXECUTE ').partition('(')[0]}; "
