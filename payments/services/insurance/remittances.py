"""Recording what an insurer paid, line by line, by hand or from a file with a dry run (DP-10)."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import audit
from hospitals.models import Hospital, Insurer
from medtour.lib import clock
from medtour.lib.locks import lock_rows
from medtour.lib.money import Money, exponent
from payments import claim_refusals as refusals
from payments.eligibility_values import PLAIN
from payments.models import (
    ClaimLine,
    InsuranceClaim,
    Remittance,
    RemittanceLine,
    RemittanceStatus,
)
from payments.services.insurance import claim_notices, claim_postings
from payments.services.insurance.claim_decisions import LineDecision, decide
from payments.services.insurance.claim_rows import WITH_ALL, move, one_move
from payments.services.insurance.guarantee_rows import Act
from payments.services.insurance.member_lines import needed
from payments.services.insurance.remittance_plan import (
    BankPayment,
    Paid,
    Plan,
    claims_named,
    planned,
)
from payments.services.insurance.tables import Fault, Line, UnreadableFile, read_table
from payments.transitions import ClaimState

C = ClaimState
COLUMNS = ("claim", "line", "status", "paid", "code")
LINE_FIELDS = ["paid_minor", "denial_code"]


def record_remittance(
    insurer: Insurer,
    *,
    hospital: Hospital,
    payment: BankPayment,
    parts: Sequence[Paid],
    by: User,
    now: dt.datetime | None = None,
) -> Remittance:
    """Record a payment of an insurer to a hospital; all of it or nothing.

    A claim that the insurer has not decided is decided by what it paid. Every claim named must be
    named with all the lines that still bring money. Raises RemittanceRefused with each line that
    cannot be used, or RemittanceTwice for a bank's reference that is known.
    """
    act = Act(by, now or clock.now())
    with one_move():
        if Remittance.objects.filter(
            insurer=insurer, hospital=hospital, bank_reference=payment.bank_reference.strip()
        ).exists():
            raise refusals.RemittanceTwice
        plan = _locked_plan(insurer, hospital, payment, parts)
        remittance = _written(insurer, hospital, payment, by=by, now=act.now)
        for key in sorted(plan.claims):
            _settle(plan.claims[key], plan.lines[key], remittance, payment, act)
        audit.record(
            by=by,
            action="remittance.record",
            target=f"payments.remittance:{remittance.public_id}",
            hospital_slug=hospital.slug,
        )
    return remittance


def check_remittance_file(
    insurer: Insurer, *, hospital: Hospital, payment: BankPayment, content: bytes
) -> Plan:
    """Say what a remittance file would do, and name every bad line; changes nothing."""
    plan = Plan(payment.amount)
    parts = _read(content, payment, plan.faults)
    if plan.faults:
        plan.rows = len(parts)
        return plan
    found = planned(list(claims_named(insurer, hospital, parts)), payment, parts)
    known = Remittance.objects.filter(
        insurer=insurer, hospital=hospital, bank_reference=payment.bank_reference.strip()
    )
    if known.exists():
        found.faults.insert(0, Fault(1, "", refusals.RemittanceTwice().message))
    return found


def import_remittance(
    insurer: Insurer,
    *,
    hospital: Hospital,
    payment: BankPayment,
    content: bytes,
    by: User,
    now: dt.datetime | None = None,
) -> Remittance:
    """Record a remittance from a CSV or XLSX file, as `record_remittance` does."""
    faults: list[Fault] = []
    parts = _read(content, payment, faults)
    if faults:
        raise refusals.RemittanceRefused(faults)
    return record_remittance(
        insurer, hospital=hospital, payment=payment, parts=parts, by=by, now=now
    )


def _locked_plan(
    insurer: Insurer, hospital: Hospital, payment: BankPayment, parts: Sequence[Paid]
) -> Plan:
    named = claims_named(insurer, hospital, parts).values_list("pk", flat=True)
    claims = lock_rows(InsuranceClaim.objects.select_related(*WITH_ALL), named)
    plan = planned(claims, payment, parts)
    if not plan.claims and not plan.faults:
        plan.faults.append(Fault(1, "claim", _("The remittance names no claim.")))
    if payment.amount.minor < 0 or not payment.bank_reference.strip():
        plan.faults.append(Fault(1, "", _("The bank’s reference and the amount are needed.")))
    if plan.faults:
        raise refusals.RemittanceRefused(plan.faults)
    return plan


def _written(
    insurer: Insurer, hospital: Hospital, payment: BankPayment, *, by: User, now: dt.datetime
) -> Remittance:
    return Remittance.objects.create(
        insurer=insurer,
        hospital=hospital,
        bank_reference=payment.bank_reference.strip(),
        paid_on=payment.paid_on,
        amount_minor=payment.amount.minor,
        currency=payment.amount.currency,
        recorded_by=by,
        recorded_at=now,
    )


def _settle(
    claim: InsuranceClaim,
    pairs: Sequence[tuple[ClaimLine, Paid]],
    remittance: Remittance,
    payment: BankPayment,
    act: Act,
) -> None:
    """Write what one remittance paid of one locked claim, and move the claim on."""
    if claim.state == C.SUBMITTED:
        decide(claim, _as_decisions(claim, pairs), act=act, appeal_until=payment.appeal_until)
    lines = {line.pk: line for line in claim.lines.all()}
    for line, paid in pairs:
        lines[line.pk].paid_minor += paid.paid_minor
        if paid.status != RemittanceStatus.PAID:
            lines[line.pk].denial_code = paid.code.strip()
    ClaimLine.objects.bulk_update(lines.values(), LINE_FIELDS)
    RemittanceLine.objects.bulk_create(
        RemittanceLine(
            remittance=remittance,
            claim_line=line,
            status=paid.status,
            paid_minor=paid.paid_minor,
            denial_code=paid.code.strip(),
        )
        for line, paid in pairs
    )
    now_paid = Money(sum(paid.paid_minor for _line, paid in pairs), claim.currency)
    claim.paid_minor += now_paid.minor
    claim_postings.post_remitted(
        claim, remittance, now_paid, by=remittance.recorded_by, now=act.now
    )
    _move_on(claim, payment, act)


def _move_on(claim: InsuranceClaim, payment: BankPayment, act: Act) -> None:
    claim.appeal_until = payment.appeal_until or claim.appeal_until
    fields = ("paid_minor", "appeal_until")
    if claim.paid_minor == claim.insurer_minor:
        move(claim, C.PAID, "remit", act=act, fields=fields)
        claim_notices.settled(claim, now=act.now)
        return
    move(claim, C.SHORT_PAID if claim.paid_minor else C.DENIED, "remit", act=act, fields=fields)
    claim_notices.fell_short(claim, now=act.now)


def _as_decisions(
    claim: InsuranceClaim, pairs: Sequence[tuple[ClaimLine, Paid]]
) -> list[LineDecision]:
    """Return the decision that a payment without one amounts to; lines without a part are left."""
    paid = {line.position: (line, part) for line, part in pairs}
    return [
        LineDecision(line.position, *_allowed(line, paid[line.position][1]))
        if line.position in paid
        else LineDecision(line.position, line.billed_minor)
        for line in claim.lines.all()
    ]


def _allowed(line: ClaimLine, part: Paid) -> tuple[int, str]:
    """Return the least that must be allowed so that the line brings what was paid, and the code."""
    if part.paid_minor == line.insurer_minor:
        return line.billed_minor, ""
    return -(-part.paid_minor * line.billed_minor // line.insurer_minor), part.code.strip()


def _read(content: bytes, payment: BankPayment, faults: list[Fault]) -> list[Paid]:
    try:
        lines = read_table(content, COLUMNS)
    except UnreadableFile as error:
        faults.append(error.fault)
        return []
    if not lines:
        faults.append(Fault(1, "", _("The file has no lines.")))
    return [_part(line, payment.amount.currency, faults) for line in lines]


def _part(line: Line, currency: str, faults: list[Fault]) -> Paid:
    cells = line.cells
    needed(line, ("claim", "line", "status", "paid"), faults)
    number = cells["line"]
    if number and not (number.isascii() and number.isdigit() and len(number) <= 4):
        faults.append(Fault(line.number, "line", _("This is not the number of a line.")))
        number = ""
    return Paid(
        claim=cells["claim"].upper(),
        position=int(number or 0),
        status=cells["status"].lower().replace("-", "_"),
        paid_minor=_minor(line, currency, faults) if cells["paid"] else 0,
        code=cells["code"],
        row=line.number,
    )


def _minor(line: Line, currency: str, faults: list[Fault]) -> int:
    """Return a plain decimal as minor units; what has too many decimals is a fault."""
    text = line.cells["paid"]
    try:
        if PLAIN.fullmatch(text):
            scaled = Decimal(text).scaleb(exponent(currency))
            if scaled == scaled.to_integral_value():
                return int(scaled)
    except InvalidOperation:
        pass
    faults.append(Fault(line.number, "paid", _("This is not an amount like 1250.00.")))
    return 0
