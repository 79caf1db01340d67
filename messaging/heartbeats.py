"""Proof of life of background processes, one row each (RL-05)."""

from datetime import datetime, timedelta

from medtour.lib import clock
from messaging.models import Heartbeat

PROCESSES = ("worker", "beat")


def beat(process: str, *, now: datetime | None = None) -> None:
    """Note that `process` works now."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(process=process, beat_at=now or clock.now())],
        update_conflicts=True,
        unique_fields=["process"],
        update_fields=["beat_at"],
    )


def ages(*, now: datetime | None = None) -> dict[str, timedelta | None]:
    """Return how long ago each process last beat; None for one that never did."""
    now = now or clock.now()
    beats = dict(Heartbeat.objects.values_list("process", "beat_at"))
    return {name: now - beats[name] if name in beats else None for name in PROCESSES}
