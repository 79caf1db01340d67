"""How long insurers have owed hospitals, by 30, 60 and 90 days since the claim was sent (DP-10)."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Case, Count, F, IntegerField, QuerySet, Sum, Value, When

from medtour.lib.money import Money
from payments.models import InsuranceClaim
from payments.transitions import OWED_CLAIM

# The last whole day of each bucket but the last, which has no end.
LAST_DAYS = (30, 60, 90)


@dataclass(frozen=True, slots=True)
class Owed:
    """What one insurer owes one hospital in one currency, by age; the buckets add up to `total`."""

    insurer: str
    insurer_name: str
    hospital: str
    hospital_name: str
    count: int
    buckets: tuple[Money, ...]
    total: Money


def claim_ageing(claims: QuerySet[InsuranceClaim], *, now: dt.datetime) -> tuple[Owed, ...]:
    """Return what is outstanding of claims that a person may see; one statement."""
    rows = (
        claims.filter(state__in=OWED_CLAIM, insurer_minor__gt=F("paid_minor"))
        .order_by()
        .annotate(bucket=_bucket(now))
        .values(
            "insurer__slug",
            "insurer__name",
            "hospital__slug",
            "hospital__name_en",
            "currency",
            "bucket",
        )
        .annotate(count=Count("pk"), left=Sum(F("insurer_minor") - F("paid_minor")))
        .order_by("insurer__name", "hospital__name_en", "currency", "bucket")
    )
    groups: dict[tuple[str, ...], list[tuple[int, int, int]]] = {}
    for row in rows:
        key = (
            row["insurer__slug"],
            row["insurer__name"],
            row["hospital__slug"],
            row["hospital__name_en"],
            row["currency"],
        )
        groups.setdefault(key, []).append((row["bucket"], row["count"], int(row["left"])))
    return tuple(_owed(key, found) for key, found in groups.items())


def _bucket(now: dt.datetime) -> Case:
    """Return the number of the bucket: a claim of exactly 30 days and a bit is 30 days old."""
    begins = [now - dt.timedelta(days=last + 1) for last in LAST_DAYS]
    whens = (
        When(submitted_at__gt=instant, then=Value(number)) for number, instant in enumerate(begins)
    )
    return Case(*whens, default=Value(len(LAST_DAYS)), output_field=IntegerField())


def _owed(key: tuple[str, ...], found: list[tuple[int, int, int]]) -> Owed:
    insurer, insurer_name, hospital, hospital_name, currency = key
    minors = [0] * (len(LAST_DAYS) + 1)
    for bucket, _count, left in found:
        minors[bucket] += left
    return Owed(
        insurer=insurer,
        insurer_name=insurer_name,
        hospital=hospital,
        hospital_name=hospital_name,
        count=sum(count for _bucket, count, _left in found),
        buckets=tuple(Money(minor, currency) for minor in minors),
        total=Money(sum(minors), currency),
    )
