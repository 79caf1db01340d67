"""The same beginning, tried many times: what a try writes is undone before the next one."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo everything at the end; to the code inside it looks as if there were no transaction."""
    around = transaction.atomic()
    around._from_testcase = True
    with around:
        yield
        connection.set_rollback(True)
