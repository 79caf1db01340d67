"""How each channel does: what waits, how long, what failed and bounced; for operators."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from medtour.lib import clock
from messaging import policies
from messaging.channels import registry
from messaging.enums import DUE_STATUSES, AttemptState, Channel
from messaging.models import DeliveryAttempt, Message, StaffTask, Suppression

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """One channel over the last 24 hours; `lag` is how long its oldest due message has waited."""

    channel: Channel
    is_configured: bool
    is_open: bool
    waiting: int
    lag: timedelta
    tried: int
    failed: int
    unknown: int
    bounced: int

    @property
    def failure_percent(self) -> int:
        return round(100 * (self.failed + self.unknown) / self.tried) if self.tried else 0


def channel_health(*, now: datetime | None = None) -> list[ChannelHealth]:
    """Return one line a channel; three queries. What was never tried waits for e-mail first."""
    now = now or clock.now()
    waiting = {name or Channel.EMAIL.value: (0, now) for name in ("", *Channel.values)}
    due = Message.objects.filter(
        status__in=DUE_STATUSES, next_attempt_at__lte=now + policies.LONGEST_LEASE
    ).filter(not_before__lte=now)
    counted = (
        due.order_by().values_list("channel").annotate(count=Count("pk"), oldest=Min("not_before"))
    )
    for name, count, oldest in counted:
        earlier, since = waiting[name or Channel.EMAIL.value]
        waiting[name or Channel.EMAIL.value] = (earlier + count, min(since, oldest))
    tried = _attempts(now)
    bounced = dict(
        Suppression.objects.filter(created_at__gt=now - DAY)
        .order_by()
        .values_list("channel")
        .annotate(addresses=Count("fingerprint", distinct=True))
    )
    return [
        ChannelHealth(
            channel=channel,
            is_configured=registry.sender(channel).is_configured(),
            is_open=registry.is_open(channel),
            waiting=waiting[channel][0],
            lag=now - waiting[channel][1],
            tried=tried.get(channel, (0, 0, 0))[0],
            failed=tried.get(channel, (0, 0, 0))[1],
            unknown=tried.get(channel, (0, 0, 0))[2],
            bounced=bounced.get(channel, 0),
        )
        for channel in Channel
    ]


def people_to_call() -> int:
    """Return how many people no message reached and nobody has called yet."""
    return StaffTask.objects.filter(done_at=None).count()


def _attempts(now: datetime) -> dict[str, tuple[int, int, int]]:
    ended = (AttemptState.FAILED, AttemptState.REFUSED)
    rows = (
        DeliveryAttempt.objects.filter(started_at__gt=now - DAY)
        .order_by()
        .values_list("channel")
        .annotate(
            tried=Count("pk"),
            failed=Count("pk", filter=Q(state__in=ended)),
            unknown=Count("pk", filter=Q(state=AttemptState.UNKNOWN)),
        )
    )
    return {channel: (tried, failed, unknown) for channel, tried, failed, unknown in rows}
