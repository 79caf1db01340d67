"""Which standing agreements there are, by hospital and day."""

import datetime as dt
from collections import defaultdict

from django.db.models import Q, QuerySet

from medtour.lib import clock
from payments.models import Agreement, NetworkHospital

ZONE = "Asia/Shanghai"


def insurers_by_hospital() -> dict[int, set[str]]:
    """Return the insurers that settle directly with each hospital today, for the search."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = Agreement.objects.in_force(clock.today(ZONE)).values_list("hospital", "insurer__slug")
    for hospital_id, slug in rows:
        found[hospital_id].add(slug)
    return dict(found)


def hospitals_with_changes(since: dt.date) -> set[int]:
    """Return the hospitals where an agreement began or ended on a day from `since` until today."""
    today = clock.today(ZONE)
    began = Q(valid_from__gte=since, valid_from__lte=today)
    ended = Q(valid_until__gte=since - dt.timedelta(days=1), valid_until__lt=today)
    rows = Agreement.objects.known().filter(began | ended)
    return set(rows.values_list("hospital", flat=True))


def for_agreement_list(agreements: QuerySet[Agreement]) -> QuerySet[Agreement]:
    """Return agreements hospital by hospital, the newest days of a setting first."""
    found = agreements.select_related("hospital__city")
    return found.order_by("hospital__slug", "setting", "-valid_from")


def for_tier_list(places: QuerySet[NetworkHospital]) -> QuerySet[NetworkHospital]:
    """Return tiers network by network and hospital by hospital, the newest days first."""
    found = places.select_related("hospital__city", "network")
    return found.order_by("network__code", "hospital__slug", "-valid_from")
