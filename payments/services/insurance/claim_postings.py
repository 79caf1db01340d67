"""What a claim writes into the ledger; keys and signs are listed in docs/insurance.md.

The bill has put the whole agreed sum to the patient and to what is owed to the hospital. A claim
sent takes the insurer's part from the patient; what the insurer never pays is put back, or the
hospital bears it (decision 011).
"""

import datetime as dt

from accounts.models import User
from medtour.lib.money import Money
from payments.models import Account, InsuranceClaim, PostingKind, Remittance
from payments.services import ledger

Leg = tuple[Account, Money]


def post_sent(claim: InsuranceClaim, *, by: User | None, now: dt.datetime) -> None:
    """Let the insurer owe its part to the hospital in the place of the patient."""
    part = claim.insurer_part
    legs = [
        (Account.INSURER_RECEIVABLE, part),
        (Account.HOSPITAL_PAYABLE, part * -1),
        (Account.HOSPITAL_PAYABLE, part),
        (Account.PATIENT, part * -1),
    ]
    _post(f"claim:{claim.public_id}", PostingKind.CLAIM, claim, legs, by=by, now=now)


def post_remitted(
    claim: InsuranceClaim, remittance: Remittance, paid: Money, *, by: User, now: dt.datetime
) -> None:
    """Post what one remittance paid of one claim; nothing for nothing."""
    if not paid.minor:
        return
    legs = [(Account.BANK, paid), (Account.INSURER_RECEIVABLE, paid * -1)]
    key = f"remittance:{remittance.public_id}:{claim.public_id}"
    _post(key, PostingKind.REMITTANCE, claim, legs, by=by, now=now)


def post_never_paid(
    claim: InsuranceClaim,
    *,
    patient: Money,
    hospital: Money,
    by: User | None,
    now: dt.datetime,
) -> None:
    """Post what the insurer never pays: the patient's by the policy, else the hospital's."""
    left = patient + hospital
    if not left.minor:
        return
    legs = [
        (Account.PATIENT, patient),
        (Account.HOSPITAL_PAYABLE, hospital),
        (Account.INSURER_RECEIVABLE, left * -1),
    ]
    key = f"claim:{claim.public_id}:closed"
    _post(key, PostingKind.CLAIM_DENIED, claim, legs, by=by, now=now)


def _post(
    key: str,
    kind: PostingKind,
    claim: InsuranceClaim,
    legs: list[Leg],
    *,
    by: User | None,
    now: dt.datetime,
) -> None:
    ledger.post(
        key,
        kind,
        case=claim.bill.quote.case,
        hospital=claim.hospital,
        entries=legs,
        rate=claim.rate,
        rate_on=claim.rate_on,
        by=by,
        at=now,
    )
