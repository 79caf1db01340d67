"""Probes: is this process alive, and can the whole system do its work (RL-05)."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from medtour.lib import clock
from messaging import heartbeats
from messaging.selectors import has_overdue_message

OK, LATE, DOWN = "ok", "late", "down"
WORKER_LIMIT = timedelta(seconds=60)
BEAT_LIMIT = timedelta(seconds=30)
_schema_is_current = False


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as this process can; it asks nobody else."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say of each part one word; 503 when any part is not ok. Strangers learn nothing more."""
    words = {**_database_words(), "cache": _cache_word()}
    healthy = all(word == OK for word in words.values())
    response = JsonResponse(words, status=200 if healthy else 503)
    response["Cache-Control"] = "no-store"
    return response


def _database_words() -> dict[str, str]:
    try:
        ages = heartbeats.ages()
        return {
            "database": OK,
            "schema": _schema_word(),
            "worker": _age_word(ages["worker"], WORKER_LIMIT),
            "beat": _age_word(ages["beat"], BEAT_LIMIT),
            "outbox": LATE if has_overdue_message(_outbox_limit()) else OK,
        }
    except (DatabaseError, InterfaceError):
        return dict.fromkeys(("database", "schema", "worker", "beat", "outbox"), DOWN)


def _outbox_limit() -> timedelta:
    return timedelta(seconds=settings.OUTBOX_LAG_LIMIT_SECONDS)


def _schema_word() -> str:
    """Look at the migrations until they are all applied; after that they stay so."""
    global _schema_is_current
    if not _schema_is_current:
        executor = MigrationExecutor(connection)
        targets = executor.loader.graph.leaf_nodes()
        _schema_is_current = not executor.migration_plan(targets)
    return OK if _schema_is_current else LATE


def _age_word(age: timedelta | None, limit: timedelta) -> str:
    if age is None:
        return DOWN
    return OK if age <= limit else LATE


def _cache_word() -> str:
    """The cache never raises, so ask whether it kept what it was given."""
    stamp = clock.now().isoformat()
    cache.set("readyz", stamp, 10)
    return OK if cache.get("readyz") is not None else DOWN
