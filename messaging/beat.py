"""Celery's beat with a heartbeat row, so that /readyz knows that the clock of all jobs ticks."""

import time
from typing import Any

import structlog
from celery.beat import PersistentScheduler
from django.db import DatabaseError, InterfaceError, close_old_connections

from messaging import heartbeats

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 5


class HeartbeatScheduler(PersistentScheduler):
    """Beats at most every five seconds; a database that is away never stops the schedule."""

    _last_beat = float("-inf")

    def tick(self, *args: Any, **kwargs: Any) -> float:
        wait = super().tick(*args, **kwargs)
        if time.monotonic() - self._last_beat >= HEARTBEAT_SECONDS:
            self._beat()
        return min(wait, HEARTBEAT_SECONDS)

    def _beat(self) -> None:
        self._last_beat = time.monotonic()
        close_old_connections()
        try:
            heartbeats.beat("beat")
        except (DatabaseError, InterfaceError) as error:
            log.warning("heartbeat_not_written", error=type(error).__name__)
