"""What a claim uses while an insurer's figures are imported is neither lost nor counted twice."""

import threading

import pytest
from django.db.models import Sum

from payments.models import BalanceEntry, BenefitBalance, Guarantee
from payments.services.insurance import guarantee_decisions as decisions
from payments.services.insurance import utilisation
from tests.factories import guarantees as make
from tests.factories.insurance import OfficerFactory
from tests.race.together import tally, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
USED, REPORTED = 1_000_000, 500_000
A_MOMENT, PATIENCE_SECONDS = 1, 30


@pytest.fixture
def race(monkeypatch):
    """Let a claim use the benefit between the import's reading and its writing."""
    approved = make.approve(make.submitted())
    cover, officer = approved.coverage, OfficerFactory(insurer=approved.insurer).user
    content = "member_number,as_of,category,used,visits_used,deductible_met,out_of_pocket_met\n"
    content += f"{cover.member.number},{approved.service_from},,{REPORTED / 100},,,\n"
    has_read, has_used = threading.Event(), threading.Event()
    write = utilisation._write

    def late(*args, **facts):
        has_read.set()
        has_used.wait(A_MOMENT)
        write(*args, **facts)

    def body(number):
        if number == 0:
            return utilisation.import_utilisation(approved.insurer, content.encode(), by=officer)
        assert has_read.wait(PATIENCE_SECONDS)
        fresh = Guarantee.objects.get(pk=approved.pk)
        used = decisions.use_guarantee(fresh, used_minor=USED, by=None, row_version=None)
        has_used.set()
        return used

    monkeypatch.setattr(utilisation, "_write", late)
    return lambda: tally(together(2, body))


def kept_and_told():
    balance = BenefitBalance.objects.get(category="")
    told = BalanceEntry.objects.filter(balance=balance).aggregate(total=Sum("used_minor"))["total"]
    return balance.used_minor, told


def test_what_is_used_during_an_import_waits_for_it(race):
    assert race() == {"ImportReport": 1, "Guarantee": 1}
    assert kept_and_told() == (REPORTED + USED, REPORTED + USED)


def test_without_the_locks_the_use_is_lost(race, monkeypatch):
    """Negative control: the sums no longer are what their entries say."""
    monkeypatch.setattr(utilisation, "lock_found", list)
    assert race() == {"ImportReport": 1, "Guarantee": 1}
    assert kept_and_told() == (REPORTED, REPORTED + USED)
