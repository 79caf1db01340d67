"""The only place that takes row locks; always ordered, always FOR NO KEY UPDATE of the row itself.

FOR NO KEY UPDATE lets child rows be inserted meanwhile; the connection's lock_timeout bounds the
wait, so a stuck neighbour becomes a `Busy` refusal instead of a hanging page.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import OperationalError, connection
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from medtour.lib.errors import Refusal

M = TypeVar("M", bound=Model)
LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK_DETECTED = "40P01"


class Busy(Refusal):
    code = "busy"
    status = 503

    def __init__(self) -> None:
        super().__init__(_("Many people are booking at this moment. Please try again."))


@contextmanager
def busy_is_a_refusal() -> Iterator[None]:
    """Turn PostgreSQL's lock time-out and deadlock into `Busy`."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") in (LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED):
            raise Busy from error
        raise


def lock_row(queryset: QuerySet[M], pk: Any) -> M:
    """Lock and return one row; raises the model's DoesNotExist, or `Busy`."""
    with busy_is_a_refusal():
        return queryset.select_for_update(of=("self",), no_key=True).get(pk=pk)


def lock_rows(queryset: QuerySet[M], pks: Iterable[Any]) -> list[M]:
    """Lock rows in the order of their primary keys, so that two callers cannot deadlock."""
    return lock_found(queryset.filter(pk__in=sorted(set(pks))))


def lock_found(queryset: QuerySet[M]) -> list[M]:
    """Lock whatever a queryset finds, in the order of the primary keys."""
    with busy_is_a_refusal():
        return list(queryset.select_for_update(of=("self",), no_key=True).order_by("pk"))


def claim_rows(queryset: QuerySet[M], limit: int) -> list[M]:
    """Lock up to `limit` rows that nobody else holds, in the queryset's order."""
    return list(queryset.select_for_update(of=("self",), no_key=True, skip_locked=True)[:limit])


def advisory_xact_lock(name: str) -> bool:
    """Try to take a named lock until the transaction ends; False when another holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])


def wait_for_turn(name: str) -> None:
    """Take a named lock until the transaction ends, waiting as long as for a row; or `Busy`."""
    with busy_is_a_refusal(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
