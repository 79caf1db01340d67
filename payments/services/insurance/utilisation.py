"""Importing what members used of their limits, as the insurer reports it on a day.

A dry run names every bad line; then all or nothing. Every change of a balance leaves an entry with
the differences. Reservations are ours and are never touched here.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import audit
from hospitals.models import Insurer
from medtour.lib import clock
from medtour.lib.errors import constraint_name
from medtour.lib.ids import public_id
from medtour.lib.locks import Busy, lock_found, wait_for_turn
from medtour.lib.money import Money, exponent
from payments.eligibility_values import PLAIN
from payments.insurance_questions import number_hash
from payments.insurance_refusals import FaultyFile
from payments.models import BalanceChange, BalanceEntry, BenefitBalance, Coverage
from payments.selectors.insurance.rules import Rules, present_rules
from payments.services.insurance.deciders import must_decide
from payments.services.insurance.member_lines import day_of, needed
from payments.services.insurance.members import ImportReport
from payments.services.insurance.tables import Fault, Line, UnreadableFile, read_table

COLUMNS = (
    "member_number",
    "as_of",
    "category",
    "used",
    "visits_used",
    "deductible_met",
    "out_of_pocket_met",
)
# Column of the file -> column of the balance and of its entry.
SUMS = {
    "used": ("used_minor", "used_minor"),
    "deductible_met": ("deductible_met_minor", "deductible_minor"),
    "out_of_pocket_met": ("out_of_pocket_met_minor", "out_of_pocket_minor"),
}
BATCH = 1000
ONE_BALANCE = "payments_balance_category"
MOST_VISITS = 10_000


@dataclass(frozen=True, slots=True)
class _Line:
    line: Line
    coverage: Coverage
    category: str
    values: dict[str, int]


@dataclass(slots=True)
class _Plan:
    rows: int = 0
    changes: list[tuple[BenefitBalance, BalanceEntry]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def report(self) -> ImportReport:
        if self.faults:
            return ImportReport(self.rows, faults=tuple(self.faults))
        added = sum(balance.pk is None for balance, _entry in self.changes)
        changed = len(self.changes) - added
        return ImportReport(self.rows, added, changed, self.rows - added - changed)


def check_utilisation(insurer: Insurer, content: bytes) -> ImportReport:
    """Say what a utilisation file would do, and name every bad line; changes nothing."""
    return _planned(insurer, content).report()


def import_utilisation(
    insurer: Insurer, content: bytes, *, by: User, now: dt.datetime | None = None
) -> ImportReport:
    """Import a utilisation file in one transaction; the same file again changes nothing.

    Raises FaultyFile when any line cannot be used, OnlyOfficersDecide for a liaison, Busy when a
    benefit is reserved for the first time meanwhile; nothing is changed then.
    """
    now = now or clock.now()
    must_decide(by, insurer_id=insurer.pk)
    with _first_reservation_is_busy(), transaction.atomic():
        wait_for_turn(f"insurance.import:{insurer.pk}")
        plan = _planned(insurer, content, locks=True)
        if plan.faults:
            raise FaultyFile(plan.faults)
        report = plan.report()
        _write(plan, by=by, now=now)
        audit.record(
            by=by, action="insurance.utilisation", target=f"hospitals.insurer:{insurer.slug}"
        )
    return report


@contextmanager
def _first_reservation_is_busy() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if constraint_name(error) != ONE_BALANCE:
            raise
        raise Busy from error


def _planned(insurer: Insurer, content: bytes, *, locks: bool = False) -> _Plan:
    """Read a file against the balances; with `locks` nobody reserves beside it until the end."""
    plan = _Plan()
    try:
        lines = read_table(content, COLUMNS)
    except UnreadableFile as error:
        plan.faults.append(error.fault)
        return plan
    plan.rows = len(lines)
    rules = present_rules(insurer.pk)
    covers = _covers(insurer, lines)
    good = _read(lines, covers, plan)
    found = BenefitBalance.objects.filter(coverage__in={one.coverage.pk for one in good})
    balances = {
        (row.coverage_id, row.category): row for row in (lock_found(found) if locks else found)
    }
    for one in good:
        known = balances.get((one.coverage.pk, one.category))
        _plan_change(one, known, rules, plan)
    return plan


def _covers(insurer: Insurer, lines: Sequence[Line]) -> dict[str, list[Coverage]]:
    hashes = {number_hash(line.cells["member_number"]) for line in lines}
    found: dict[str, list[Coverage]] = {}
    for cover in (
        Coverage.objects.known()
        .filter(member__insurer=insurer, member__number_hash__in=hashes)
        .select_related("member", "plan")
        .order_by("pk")
    ):
        found.setdefault(cover.member.number_hash, []).append(cover)
    return found


def _read(lines: Sequence[Line], covers: Mapping[str, list[Coverage]], plan: _Plan) -> list[_Line]:
    good: list[_Line] = []
    seen: set[tuple[int, str]] = set()
    for line in lines:
        faults: list[Fault] = []
        found = _line(line, covers, faults)
        if found is not None:
            key = (found.coverage.pk, found.category)
            if key in seen:
                reason = _("This number and category come twice.")
                faults.append(Fault(line.number, "category", reason))
            seen.add(key)
        plan.faults.extend(faults)
        if found is not None and not faults:
            good.append(found)
    return good


def _line(line: Line, covers: Mapping[str, list[Coverage]], faults: list[Fault]) -> _Line | None:
    needed(line, ("member_number", "as_of"), faults)
    day = day_of(line, "as_of", faults)
    if faults or day is None:
        return None
    known = covers.get(number_hash(line.cells["member_number"]), [])
    if not known:
        faults.append(Fault(line.number, "member_number", _("You have no member like this.")))
        return None
    cover = next((one for one in known if _holds(one, day)), None)
    if cover is None:
        faults.append(Fault(line.number, "as_of", _("The member is not covered on this day.")))
        return None
    values = {
        column: _minor(line, column, cover.plan.currency, faults)
        for column in SUMS
        if line.cells[column]
    }
    visits = _visits(line, faults)
    if visits is not None:
        values["visits_used"] = visits
    return _Line(line, cover, line.cells["category"].lower(), values)


def _holds(cover: Coverage, day: dt.date) -> bool:
    return cover.valid_from <= day and (cover.valid_until is None or day <= cover.valid_until)


def _minor(line: Line, column: str, currency: str, faults: list[Fault]) -> int:
    """Return a plain decimal as minor units; what has too many decimals is a fault."""
    text = line.cells[column]
    try:
        if PLAIN.fullmatch(text):
            scaled = Decimal(text).scaleb(exponent(currency))
            if scaled == scaled.to_integral_value():
                return Money.from_major(text, currency).minor
    except InvalidOperation:
        pass
    faults.append(Fault(line.number, column, _("This is not an amount like 1250.00.")))
    return 0


def _visits(line: Line, faults: list[Fault]) -> int | None:
    text = line.cells["visits_used"]
    if not text:
        return None
    if text.isascii() and text.isdigit() and int(text) <= MOST_VISITS:
        return int(text)
    faults.append(Fault(line.number, "visits_used", _("This is not a number of visits.")))
    return None


def limit_of(rules: Rules, cover: Coverage, category: str) -> int | None:
    """Return a balance's limit in minor units by the terms at the beginning of the cover."""
    terms = rules.terms_nearest(cover.plan_id, cover.valid_from)
    if terms is None:
        return None
    if not category:
        text = terms.policy["annual_limit"]
    else:
        text = terms.benefits.get(category, {}).get("annual_sublimit")
    return None if text is None else Money.from_major(text, cover.plan.currency).minor


def _plan_change(one: _Line, known: BenefitBalance | None, rules: Rules, plan: _Plan) -> None:
    balance = known or BenefitBalance(
        coverage=one.coverage,
        category=one.category,
        limit_minor=limit_of(rules, one.coverage, one.category),
    )
    entry = BalanceEntry(change=BalanceChange.IMPORTED, key=f"imported:{public_id()}")
    is_changed = known is None
    for column, value in one.values.items():
        own, noted = SUMS.get(column, (column, "visits"))
        difference = value - getattr(balance, own)
        is_changed = is_changed or difference != 0
        setattr(entry, noted, difference)
        setattr(balance, own, value)
    if not is_changed:
        return
    is_too_much = balance.limit_minor is not None and balance.reserved_minor > 0
    if is_too_much and balance.used_minor + balance.reserved_minor > (balance.limit_minor or 0):
        reason = _("Together with what guarantees reserve, this is more than the limit.")
        plan.faults.append(Fault(one.line.number, "used", reason))
        return
    plan.changes.append((balance, entry))


def _write(plan: _Plan, *, by: User, now: dt.datetime) -> None:
    """Write sums and entries of locked balances; what is reserved of them is left alone."""
    fresh = [balance for balance, _entry in plan.changes if balance.pk is None]
    kept = [balance for balance, _entry in plan.changes if balance.pk is not None]
    BenefitBalance.objects.bulk_create(fresh, batch_size=BATCH)
    BenefitBalance.objects.bulk_update(
        kept, ["visits_used", *(own for own, _noted in SUMS.values())], batch_size=BATCH
    )
    for balance, entry in plan.changes:
        entry.balance, entry.by, entry.at = balance, by, now
    BalanceEntry.objects.bulk_create([entry for _balance, entry in plan.changes], batch_size=BATCH)
