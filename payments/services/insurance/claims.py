"""Claims up to the day they are sent: drawing up, fapiao, documents, sending (M22, DP-10)."""

import datetime as dt
from collections.abc import Sequence

from accounts.models import Disclosed, MedicalDocument, User
from accounts.services.disclosures import disclose, live_consent
from accounts.upload_refusals import DocumentNotReady
from bookings.models import Case
from bookings.models.case import CaseStateChoice
from medtour.lib import clock
from medtour.lib.states import MoveRefused, check_move
from payments import claim_refusals as refusals
from payments.claim_rules import due_on, spread, taken_of_benefit
from payments.models import (
    BillLine,
    ClaimDocument,
    ClaimLine,
    DocumentKind,
    FinalBill,
    Guarantee,
    GuaranteeLetter,
    InsuranceClaim,
)
from payments.selectors.insurance.claim_needs import agreement_of, missing_items, needed_kinds
from payments.selectors.insurance.claim_parts import SAME, Parts, parts_of_bill
from payments.services.bills import ask_for_balance_anew
from payments.services.insurance import claim_notices, claim_postings, guarantee_rows
from payments.services.insurance.claim_rows import (
    locked,
    move,
    note,
    one_move,
    today_at,
    touch,
)
from payments.services.insurance.guarantee_decisions import use_guarantee
from payments.services.insurance.guarantees import newest_version, recipient_of
from payments.services.insurance.row_moves import Act
from payments.transitions import GUARANTEE, OPEN_GUARANTEE, ClaimState, GuaranteeState

C = ClaimState
S = CaseStateChoice
DISCHARGED = (S.DISCHARGED, S.IN_FOLLOW_UP, S.CLOSED)
LONGEST_NUMBER = 30
# What goes to the insurer again with the bill, where its list asks for it.
CARRIED = frozenset(DocumentKind) - {DocumentKind.GUARANTEE_LETTER, DocumentKind.ITEMISED_BILL}
CLAIM_TELLS = frozenset({Disclosed.IDENTITY, Disclosed.INSURANCE, Disclosed.TREATMENT})


def draft_claim(
    guarantee: Guarantee, *, bill: FinalBill, by: User, now: dt.datetime | None = None
) -> InsuranceClaim:
    """Draw up the claim for an approved guarantee and the final bill of its case.

    What was agreed of the bill is claimed; the insurer's part is what the check's rule leaves of
    it, at most the promise, and the guarantee is used by it. Raises BillOfAnother, ClaimExists,
    NoRate, NothingToClaim, TopUpRunning, BenefitExhausted, or MoveRefused for a guarantee that is
    not approved.
    """
    act = Act(by, now or clock.now())
    with one_move():
        guarantee = guarantee_rows.locked(guarantee, act)
        if bill.quote.case_id != guarantee.case_id:
            raise refusals.BillOfAnother
        if InsuranceClaim.objects.filter(bill=bill).exists():
            raise refusals.ClaimExists
        check_move(GUARANTEE, guarantee.state, GuaranteeState.USED)
        if newest_version(guarantee).state in OPEN_GUARANTEE:
            raise refusals.TopUpRunning
        parts = parts_of_bill(guarantee, bill.agreed)
        if parts is None:
            raise refusals.NoRate
        if not parts.insurer.minor:
            raise refusals.NothingToClaim
        claim = _written(guarantee, bill, parts, act)
        used = taken_of_benefit(parts.insurer, guarantee.currency, parts.rate or SAME)
        use_guarantee(guarantee, used_minor=used.minor, by=by, row_version=None, now=act.now)
    return claim


def set_codes(
    claim: InsuranceClaim,
    *,
    codes: dict[int, str],
    by: User,
    row_version: int | None = None,
    now: dt.datetime | None = None,
) -> InsuranceClaim:
    """Write the charge codes of a draft's lines, by the position of the line.

    Raises ClaimChanged, or MoveRefused once it is sent.
    """
    act = Act(by, now or clock.now(), row_version)
    with one_move():
        fresh = _draft(claim, act)
        for position, code in codes.items():
            fresh.lines.filter(position=position).update(code=code.strip()[:30])
        touch(fresh, "codes", act=act)
    return fresh


def set_fapiao_number(
    claim: InsuranceClaim,
    *,
    number: str,
    by: User,
    row_version: int | None = None,
    now: dt.datetime | None = None,
) -> InsuranceClaim:
    """Write the number of the fapiao that the hospital issued for the bill.

    Raises FapiaoNumberMissing, ClaimChanged, or MoveRefused once it is sent.
    """
    act = Act(by, now or clock.now(), row_version)
    number = number.strip()
    if not number or len(number) > LONGEST_NUMBER:
        raise refusals.FapiaoNumberMissing
    with one_move():
        fresh = _draft(claim, act)
        fresh.fapiao_number = number
        touch(fresh, "fapiao", act=act, fields=("fapiao_number",))
    return fresh


def add_document(
    claim: InsuranceClaim,
    *,
    document: MedicalDocument,
    kind: str,
    by: User,
    now: dt.datetime | None = None,
) -> ClaimDocument:
    """Put a document of the patient into the pack; once is enough.

    A claim takes documents while it is a draft, and again for an appeal. What a sent claim takes,
    the insurer sees at once, which is written down. Raises DocumentOfAnother, DocumentNotReady,
    SharingNotAgreed or MoveRefused.
    """
    act = Act(by, now or clock.now())
    with one_move():
        fresh = locked(claim, act)
        _check_state_takes_documents(fresh)
        return put(fresh, document, kind, act=act)


def check_takes_documents(claim: InsuranceClaim) -> None:
    """Raise what `add_document` would, before a file is kept that no claim takes.

    Raises MoveRefused or SharingNotAgreed.
    """
    _check_state_takes_documents(claim)
    live_consent(claim.bill.quote.case.patient, recipient_of(claim.guarantee))


def _check_state_takes_documents(claim: InsuranceClaim) -> None:
    if claim.state not in (C.DRAFT, C.SHORT_PAID, C.DENIED, C.APPEALED):
        raise MoveRefused(claim.state, claim.state)


def put(claim: InsuranceClaim, document: MedicalDocument, kind: str, *, act: Act) -> ClaimDocument:
    """As `add_document`, for a locked claim."""
    patient = claim.bill.quote.case.patient
    if document.patient_id != patient.pk:
        raise refusals.DocumentOfAnother
    if not document.is_ready:
        raise DocumentNotReady
    live_consent(patient, recipient_of(claim.guarantee))
    kept, is_new = ClaimDocument.objects.get_or_create(
        claim=claim,
        document=document,
        defaults={"kind": kind, "added_at": act.now, "added_by": act.by},
    )
    if is_new:
        touch(claim, "document", act=act)
        if claim.state != C.DRAFT:
            tell_insurer(claim, {Disclosed.DOCUMENTS}, act)
    return kept


def submit_claim(
    claim: InsuranceClaim,
    *,
    by: User,
    row_version: int | None = None,
    despite_deadline: bool = False,
    now: dt.datetime | None = None,
) -> InsuranceClaim:
    """Send a complete claim to the insurer, which from now on owes its part (DP-10).

    Raises NotDischarged, ClaimIncomplete with every missing item, ClaimLate after the last day
    unless `despite_deadline`, SharingNotAgreed, ClaimChanged or MoveRefused.
    """
    act = Act(by, now or clock.now(), row_version)
    with one_move():
        fresh = _draft(claim, act)
        _set_days(fresh, act)
        if missing := missing_items(fresh):
            raise refusals.ClaimIncomplete(str(item.name) for item in missing)
        if fresh.due_on and today_at(fresh, act.now) > fresh.due_on and not despite_deadline:
            raise refusals.ClaimLate(fresh.due_on)
        fresh.submitted_at = act.now
        move(fresh, C.SUBMITTED, "submit", act=act, fields=("submitted_at", *DAYS))
        what = CLAIM_TELLS | ({Disclosed.DOCUMENTS} if fresh.documents.exists() else set())
        tell_insurer(fresh, set(what), act)
        claim_postings.post_sent(fresh, by=by, now=act.now)
        ask_for_balance_anew(fresh.bill.quote, by=by, now=act.now)
        claim_notices.submitted(fresh, now=act.now)
    return fresh


DAYS = ("discharged_on", "due_on", "payment_due_on")


def _written(guarantee: Guarantee, bill: FinalBill, parts: Parts, act: Act) -> InsuranceClaim:
    claim = InsuranceClaim(
        guarantee=guarantee,
        bill=bill,
        insurer=guarantee.insurer,
        hospital=guarantee.hospital,
        currency=bill.currency,
        billed_minor=bill.agreed_minor,
        insurer_minor=parts.insurer.minor,
        patient_minor=parts.patient.minor,
        rate=parts.rate,
        rate_on=parts.rate_on,
        discharged_on=_discharged_on(guarantee.case),
        created_at=act.now,
    )
    agreement = agreement_of(claim)
    if agreement and claim.discharged_on:
        claim.due_on = due_on(claim.discharged_on, agreement.claim_within_days)
    claim.save(force_insert=True)
    lines = bill.lines.filter(agreed_minor__gt=0).select_related("quote_line")
    ClaimLine.objects.bulk_create(_lines(claim, list(lines)))
    note(claim, "draft", act=act, before="")
    _carry_documents(claim, set(needed_kinds(claim, agreement)), act)
    return claim


def _lines(claim: InsuranceClaim, billed: Sequence[BillLine]) -> list[ClaimLine]:
    """Return the agreed lines with tier and code, and the insurer's part spread over them."""
    parts = spread(claim.insurer_minor, [line.agreed_minor for line in billed])
    return [
        ClaimLine(
            claim=claim,
            bill_line=line,
            position=place,
            label=line.label,
            tier=line.quote_line.tier,
            code=claim.guarantee.procedure_code,
            billed_minor=line.agreed_minor,
            insurer_minor=part,
        )
        for place, (line, part) in enumerate(zip(billed, parts, strict=True), start=1)
        if line.quote_line
    ]


def _carry_documents(claim: InsuranceClaim, kinds: set[str], act: Act) -> None:
    """Take over what the insurer has with the guarantee already: its letter and what it asks."""
    letter = GuaranteeLetter.objects.filter(guarantee=claim.guarantee).first()
    if letter is not None:
        _keep(claim, letter.document_id, DocumentKind.GUARANTEE_LETTER, act)
    for shared in claim.guarantee.documents.filter(kind__in=CARRIED & kinds):
        _keep(claim, shared.document_id, shared.kind, act)


def _keep(claim: InsuranceClaim, document_id: int, kind: str, act: Act) -> None:
    ClaimDocument.objects.get_or_create(
        claim=claim,
        document_id=document_id,
        defaults={"kind": kind, "added_at": act.now, "added_by": act.by},
    )


def _draft(claim: InsuranceClaim, act: Act) -> InsuranceClaim:
    fresh = locked(claim, act)
    if fresh.state != C.DRAFT:
        raise MoveRefused(fresh.state, C.DRAFT)
    return fresh


def _set_days(claim: InsuranceClaim, act: Act) -> None:
    """Set the days that follow from discharge and agreement; raises NotDischarged."""
    if claim.bill.quote.case.state not in DISCHARGED:
        raise refusals.NotDischarged
    claim.discharged_on = claim.discharged_on or _discharged_on(claim.bill.quote.case)
    claim.discharged_on = claim.discharged_on or today_at(claim, act.now)
    agreement = agreement_of(claim)
    if agreement is None:
        return
    claim.due_on = due_on(claim.discharged_on, agreement.claim_within_days)
    claim.payment_due_on = due_on(today_at(claim, act.now), agreement.settlement_days)


def _discharged_on(case: Case) -> dt.date | None:
    """Return the day in the newest discharge record, else the hospital's day of the case's move."""
    record = case.discharges.order_by("-version").first()
    if record is not None:
        return record.discharged_on
    event = case.events.filter(after=S.DISCHARGED).order_by("-pk").first()
    return clock.local(event.at, case.hospital.time_zone).date() if event else None


def tell_insurer(claim: InsuranceClaim, what: set[str], act: Act) -> None:
    """Write down what the insurer learns now of a claim; raises SharingNotAgreed (PR-02)."""
    disclose(
        claim.bill.quote.case.patient,
        to=recipient_of(claim.guarantee),
        what=what,
        about=f"payments.insuranceclaim:{claim.public_id}",
        now=act.now,
    )
