"""Over the interface too, an unknown number takes as long as another date of birth (DP-03)."""

import json
import statistics
import time

import pytest
from django.core.cache import cache

from medtour.lib import clock
from payments.services.insurance import checks
from tests.factories.hospitals import HospitalFactory
from tests.factories.insurance import (
    BenefitFactory,
    CoverageFactory,
    MemberFactory,
    PlanTermsFactory,
)
from tests.factories.machines import bearer, machine_of, token_of

pytestmark = [pytest.mark.django_db, pytest.mark.long]
RUNS, WARM = 200, 10


def test_unknown_and_mismatched_take_the_same_time(client, monkeypatch, settings):
    settings.MACHINE_CALLS_PER_MINUTE = 10**9
    monkeypatch.setattr(checks, "FAILURES_PER_ASKER", 10**9)
    monkeypatch.setattr(checks, "FAILURES_PER_INSURER", 10**9)
    cache.clear()
    cover = CoverageFactory(member__number="KNOWN1")
    BenefitFactory(terms=PlanTermsFactory(plan=cover.plan))
    MemberFactory.create_batch(50, insurer=cover.member.insurer)
    headers = bearer(token_of(machine_of(cover.member.insurer)))
    body = {
        "hospital": HospitalFactory().slug,
        "date_of_birth": "1999-09-09",
        "service_start": clock.now().isoformat(),
        "category": "inpatient",
        "setting": "inpatient",
        "amount": "1000.00",
        "currency": "CNY",
    }
    times = {"NOBODY": [], "KNOWN1": []}
    for _run in range(RUNS + WARM):
        # One after the other, so that whatever slows the machine slows both.
        for number, taken in times.items():
            raw = json.dumps(body | {"member_number": number})
            begun = time.perf_counter()
            response = client.post(
                "/api/v1/eligibility", raw, content_type="application/json", **headers
            )
            taken.append(time.perf_counter() - begun)
            assert response.json()["reason_codes"] == ["MEMBER_NOT_FOUND"]
    unknown, mismatched = (taken[WARM:] for taken in times.values())
    spread = statistics.quantiles(unknown, n=4)
    gap = abs(statistics.median(unknown) - statistics.median(mismatched))
    assert gap < spread[2] - spread[0]
