"""Nothing is claimed or paid twice: on real connections, and with the lock taken away."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from medtour.lib.errors import constraint_name
from medtour.lib.locks import lock_row
from medtour.lib.money import Money
from payments.models import (
    Account,
    InsuranceClaim,
    LedgerEntry,
    LedgerPosting,
    Remittance,
    RemittanceLine,
)
from payments.services.insurance import claim_decisions, claims, remittances
from payments.transitions import ClaimState as C
from tests.factories import claims as make
from tests.factories.claims import INSURER
from tests.race.together import tally, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def remit(claim, by, reference):
    return remittances.record_remittance(
        claim.insurer,
        hospital=claim.hospital,
        payment=make.bank(INSURER, reference),
        parts=make.paid_lines(claim),
        by=by,
    )


def paid_once(claim):
    claim.refresh_from_db()
    assert (claim.state, claim.paid_minor) == (C.PAID, INSURER)
    assert (Remittance.objects.count(), RemittanceLine.objects.count()) == (1, 2)
    bank = LedgerEntry.objects.filter(account=Account.BANK).aggregate(total=Sum("amount_minor"))
    assert Money(bank["total"], "CNY") == Money(INSURER, "CNY")


@pytest.mark.parametrize("is_one_transfer", [True, False])
def test_a_claim_is_paid_once(is_one_transfer):
    claim = make.decided_claim()
    by = make.cashier_of(claim.guarantee)

    results = together(
        4, lambda number: remit(claim, by, "BANK" if is_one_transfer else f"BANK-{number}")
    )

    counted = tally(results)
    assert counted.pop("Remittance") == 1
    assert set(counted) <= {"RemittanceTwice", "RemittanceRefused", "Busy"}
    paid_once(claim)


def test_without_the_lock_the_version_still_lets_one_through(monkeypatch):
    claim = make.decided_claim()
    by = make.cashier_of(claim.guarantee)
    monkeypatch.setattr(remittances, "lock_rows", lambda rows, pks: list(rows.filter(pk__in=pks)))

    results = together(4, lambda number: remit(claim, by, f"BANK-{number}"))

    counted = tally(results)
    assert counted.pop("Remittance") == 1
    # Whoever read the claim before and its lines after the first had paid meets the database's word.
    broken = {constraint_name(each) for each in results if isinstance(each, IntegrityError)}
    assert broken <= {"payments_claim_line_not_overpaid", "payments_claim_not_overpaid"}
    assert set(counted) <= {"ClaimChanged", "RemittanceRefused", "Busy", "IntegrityError"}
    paid_once(claim)


def test_a_bill_is_drawn_up_and_sent_once():
    guarantee = make.approved()
    make.agreement_for(guarantee)
    bill = make.billed(guarantee)
    make.discharge(guarantee)
    by = make.cashier_of(guarantee)

    drawn = tally(together(4, lambda _n: claims.draft_claim(guarantee, bill=bill, by=by)))

    assert drawn.pop("InsuranceClaim") == 1
    assert set(drawn) <= {"ClaimExists", "MoveRefused", "Busy"}
    claim = make.complete(InsuranceClaim.objects.get())
    sent = tally(together(4, lambda _n: claims.submit_claim(claim, by=by)))
    assert sent.pop("InsuranceClaim") == 1
    assert set(sent) <= {"MoveRefused", "Busy"}
    assert LedgerPosting.objects.filter(kind="claim").count() == 1


def test_drawing_up_locks_the_appointment_before_the_guarantee():
    """Every move of a guarantee does, so neither waits for the other in a circle."""
    guarantee = make.approved()
    bill = make.billed(guarantee)
    with CaptureQueriesContext(connection) as statements:
        claims.draft_claim(guarantee, bill=bill, by=make.cashier_of(guarantee))
    locks = [one["sql"] for one in statements if "FOR NO KEY UPDATE" in one["sql"]]
    tables = [sql.partition(' FROM "')[2].partition('"')[0] for sql in locks]
    assert tables.index("bookings_appointment") < tables.index("payments_guarantee")


def test_a_claim_that_somebody_works_on_waits_for_the_next_sweep():
    held, free = (make.remitted(make.decided_claim(), f"BANK-{number}") for number in range(2))
    swept = threading.Event()

    def body(number):
        if number:
            taken.wait(60)
            closed = claim_decisions.close_settled_claims()
            swept.set()
            return closed
        with transaction.atomic():
            lock_row(InsuranceClaim.objects.all(), held.pk)
            taken.set()
            return swept.wait(60)

    taken = threading.Event()
    assert together(2, body) == [True, 1]
    states = {claim.pk: claim.state for claim in InsuranceClaim.objects.all()}
    assert states == {held.pk: C.PAID, free.pk: C.CLOSED}
