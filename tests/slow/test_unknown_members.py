"""An unknown member number takes as long to refuse as one with another date of birth (DP-03)."""

import datetime as dt
import statistics
import time

import pytest

from medtour.lib.money import Money
from payments.insurance_questions import Question
from payments.models import AskedThrough
from payments.services.insurance import checks
from tests.factories.hospitals import HospitalFactory
from tests.factories.insurance import (
    BenefitFactory,
    CoverageFactory,
    MemberFactory,
    PlanTermsFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.long]
RUNS = 200


def test_unknown_and_mismatched_take_the_same_time():
    cover = CoverageFactory(member__number="KNOWN1")
    insurer = cover.member.insurer
    BenefitFactory(terms=PlanTermsFactory(plan=cover.plan))
    MemberFactory.create_batch(50, insurer=insurer)
    values = {
        "insurer": insurer,
        "hospital": HospitalFactory(),
        "service_start": dt.datetime(2026, 12, 1, 1, 0, tzinfo=dt.UTC),
        "category": "inpatient",
        "setting": "inpatient",
        "amount": Money(100_000, "CNY"),
        "date_of_birth": dt.date(1999, 9, 9),
    }
    questions = {
        "unknown": Question(member_number="NOBODY", **values),
        "mismatched": Question(member_number="KNOWN1", **values),
    }
    times = {name: [] for name in questions}
    for _run in range(RUNS + 10):
        # One after the other, so that whatever slows the machine slows both.
        for name, question in questions.items():
            begun = time.perf_counter()
            checks.ask(question, through=AskedThrough.BATCH)
            times[name].append(time.perf_counter() - begun)
    unknown, mismatched = (times[name][10:] for name in ("unknown", "mismatched"))
    spread = statistics.quantiles(unknown, n=4)
    noise = spread[2] - spread[0]
    assert abs(statistics.median(unknown) - statistics.median(mismatched)) < noise
