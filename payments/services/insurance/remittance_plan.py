"""What a remittance would do, and every line of it that cannot be used; writes nothing."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hospitals.models import Hospital, Insurer
from medtour.lib.money import Money
from payments.models import ClaimLine, InsuranceClaim, RemittanceStatus
from payments.services.insurance.claim_decisions import payable_left
from payments.services.insurance.tables import Fault
from payments.transitions import ClaimState

C = ClaimState
R = RemittanceStatus
WAITS = (C.SUBMITTED, C.ADJUDICATED)
LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class BankPayment:
    """A transfer as the bank states it; `appeal_until` is the insurer's day for what fell short."""

    bank_reference: str
    paid_on: dt.date
    amount: Money
    appeal_until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """What the insurer says of one line of a claim; `row` is its line in the file."""

    claim: str
    position: int
    status: str
    paid_minor: int
    code: str = ""
    row: int = 0


@dataclass(slots=True)
class Plan:
    """The lines to write by claim, and the faults; with a fault nothing is written."""

    amount: Money
    rows: int = 0
    claims: dict[int, InsuranceClaim] = field(default_factory=dict)
    lines: dict[int, list[tuple[ClaimLine, Paid]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def total(self) -> Money:
        parts = (paid.paid_minor for pairs in self.lines.values() for _line, paid in pairs)
        return Money(sum(parts), self.amount.currency)


def claims_named(
    insurer: Insurer, hospital: Hospital, parts: Iterable[Paid]
) -> QuerySet[InsuranceClaim]:
    """Return the claims of this insurer at this hospital that a remittance names; no others."""
    names = {part.claim for part in parts}
    return InsuranceClaim.objects.filter(insurer=insurer, hospital=hospital, reference__in=names)


def planned(claims: Sequence[InsuranceClaim], payment: BankPayment, parts: Sequence[Paid]) -> Plan:
    """Match what the insurer says with the claims' lines, and add it up."""
    plan = Plan(payment.amount, rows=len(parts))
    by_name = {claim.reference: claim for claim in claims}
    lines = {
        (line.claim_id, line.position): line
        for line in ClaimLine.objects.filter(claim__in=[claim.pk for claim in claims])
    }
    for part in parts:
        _match(part, by_name.get(part.claim), lines, plan)
    _check_whole_claims(lines.values(), parts, plan)
    if not plan.faults and plan.total != payment.amount:
        reason = _("The lines add up to %(lines)s, but the remittance is %(amount)s.") % {
            "lines": plan.total.major,
            "amount": payment.amount.major,
        }
        plan.faults.append(Fault(1, "paid", reason))
    return plan


def expected(claim: InsuranceClaim, line: ClaimLine) -> int:
    """Return what a line still has to bring: as decided, or all of the insurer's part."""
    if claim.state == C.SUBMITTED:
        return line.insurer_minor - line.paid_minor
    return payable_left(line)


def _match(
    part: Paid,
    claim: InsuranceClaim | None,
    lines: Mapping[tuple[int, int], ClaimLine],
    plan: Plan,
) -> None:
    """Put one line of the remittance to its claim, or note why it cannot be used."""
    if claim is None:
        reason = _("There is no claim with this reference between this insurer and this hospital.")
        return _fault(plan, part, "claim", reason)
    if claim.state not in WAITS:
        return _fault(plan, part, "claim", _("This claim does not wait for a payment."))
    if claim.currency != plan.amount.currency:
        return _fault(plan, part, "claim", _("This claim is in another currency."))
    line = lines.get((claim.pk, part.position))
    if line is None:
        return _fault(plan, part, "line", _("The claim has no line with this number."))
    pairs = plan.lines.setdefault(claim.pk, [])
    if any(known.pk == line.pk for known, _paid in pairs):
        return _fault(plan, part, "line", _("This line comes twice."))
    if wrong := _wrong(part, expected(claim, line)):
        return _fault(plan, part, *wrong)
    plan.claims[claim.pk] = claim
    pairs.append((line, part))
    return None


def _wrong(part: Paid, due: int) -> tuple[str, Promise] | None:
    """Return the column and the reason why status, amount and code do not go together."""
    if part.status not in R.values:
        return "status", _("This is not one of: paid, short_paid, denied.")
    if not 0 <= part.paid_minor <= due:
        return "paid", _("This is more than the line still has to bring.")
    fits = {
        R.PAID: part.paid_minor == due,
        R.SHORT_PAID: 0 < part.paid_minor < due,
        R.DENIED: part.paid_minor == 0,
    }
    if not fits[R(part.status)]:
        return "paid", _("The amount does not go with the status.")
    if part.status != R.PAID and not 0 < len(part.code.strip()) <= LONGEST_CODE:
        return "code", _("A line that is not paid in full needs a reason code.")
    return None


def _check_whole_claims(lines: Iterable[ClaimLine], parts: Sequence[Paid], plan: Plan) -> None:
    """Note the lines of the claims found that the remittance leaves out."""
    named = {key: {line.pk for line, _paid in pairs} for key, pairs in plan.lines.items()}
    faulty = {fault.line for fault in plan.faults}
    for line in lines:
        claim = plan.claims.get(line.claim_id)
        if claim is None or line.pk in named[line.claim_id]:
            continue
        rows = [part.row for part in parts if part.claim == claim.reference]
        if expected(claim, line) and not faulty & set(rows):
            reason = _("Line %(number)s of this claim is missing.") % {"number": line.position}
            plan.faults.append(Fault(min(rows), "line", reason))


def _fault(plan: Plan, part: Paid, column: str, reason: str | Promise) -> None:
    plan.faults.append(Fault(part.row, column, reason))
