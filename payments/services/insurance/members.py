"""Importing an insurer's members: a dry run names every bad line, then all or nothing.

Members are updated in place, coverages are replaced. Whoever is not in the file stays as they are;
numbers of another insurer are never looked at.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from accounts.models import User
from accounts.services import audit
from hospitals.models import Insurer
from medtour.lib import clock
from medtour.lib.locks import wait_for_turn
from payments.insurance_refusals import FaultyFile
from payments.models import BenefitBalance, Coverage, Member
from payments.services.insurance.effective import ONE_DAY, Days, copied
from payments.services.insurance.member_lines import COLUMNS, MemberLine, member_lines
from payments.services.insurance.tables import Fault, UnreadableFile, read_table

BATCH = 1000
COVER_FIELDS = (
    "policy_number",
    "status",
    "valid_from",
    "valid_until",
    "joined_on",
    "terminated_on",
)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a file would do or did: counts of lines, and every fault with line, column, reason."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: Sequence[Fault] = ()


@dataclass(slots=True)
class _Plan:
    """What has to be written for one file."""

    rows: int = 0
    added: list[Member] = field(default_factory=list)
    renamed: list[Member] = field(default_factory=list)
    ended: list[Coverage] = field(default_factory=list)
    covers: list[Coverage] = field(default_factory=list)
    # Balances follow from a replaced coverage to the one that goes on in its place.
    followed: list[tuple[Coverage, Coverage]] = field(default_factory=list)
    changed: int = 0
    faults: list[Fault] = field(default_factory=list)

    def report(self) -> ImportReport:
        if self.faults:
            return ImportReport(self.rows, faults=tuple(self.faults))
        added = len(self.added)
        same = self.rows - added - self.changed
        return ImportReport(self.rows, added, self.changed, same)


def check_members(
    insurer: Insurer, content: bytes, *, now: dt.datetime | None = None
) -> ImportReport:
    """Say what a members file would do, and name every bad line; changes nothing."""
    return _planned(insurer, content, now=now or clock.now()).report()


def import_members(
    insurer: Insurer, content: bytes, *, by: User, now: dt.datetime | None = None
) -> ImportReport:
    """Import a members file in one transaction; the same file again changes nothing.

    Raises FaultyFile, with nothing changed, when any line cannot be used.
    """
    now = now or clock.now()
    with transaction.atomic():
        wait_for_turn(f"insurance.import:{insurer.pk}")
        plan = _planned(insurer, content, now=now)
        if plan.faults:
            raise FaultyFile(plan.faults)
        _write(plan, by=by, now=now)
        audit.record(by=by, action="insurance.members", target=f"hospitals.insurer:{insurer.slug}")
    return plan.report()


def _planned(insurer: Insurer, content: bytes, *, now: dt.datetime) -> _Plan:
    plan = _Plan()
    try:
        lines = read_table(content, COLUMNS)
    except UnreadableFile as error:
        plan.faults.append(error.fault)
        return plan
    plans = {each.code: each for each in insurer.plans.all()}
    good, plan.faults = member_lines(lines, plans, today=now.date())
    plan.rows = len(lines)
    for start in range(0, len(good), BATCH):
        _plan_some(insurer, good[start : start + BATCH], plan)
    return plan


def _plan_some(insurer: Insurer, lines: Sequence[MemberLine], plan: _Plan) -> None:
    hashes = [line.number_hash for line in lines]
    known = {
        member.number_hash: member
        for member in Member.objects.filter(insurer=insurer, number_hash__in=hashes)
    }
    covers: dict[int, list[Coverage]] = defaultdict(list)
    for cover in (
        Coverage.objects.known()
        .filter(member__in=known.values())
        .select_related("plan")
        .order_by("valid_from")
    ):
        covers[cover.member_id].append(cover)
    for line in lines:
        member = known.get(line.number_hash)
        if member is None:
            _plan_new(insurer, line, plan)
        else:
            _plan_known(member, covers[member.pk], line, plan)


def _plan_new(insurer: Insurer, line: MemberLine, plan: _Plan) -> None:
    member = Member(insurer=insurer, number_hash=line.number_hash)
    _describe(member, line)
    plan.added.append(member)
    plan.covers.append(_cover(member, line))


def _plan_known(member: Member, covers: list[Coverage], line: MemberLine, plan: _Plan) -> None:
    is_changed = _describe(member, line)
    if is_changed:
        plan.renamed.append(member)
    touched = [cover for cover in covers if _overlaps(cover, line)]
    wanted = _cover(member, line)
    if len(touched) == 1 and _facts(touched[0]) == _facts(wanted):
        plan.changed += is_changed
        return
    plan.changed += 1
    plan.covers.append(wanted)
    for cover in touched:
        plan.ended.append(cover)
        goes_on = wanted
        if cover.valid_from < line.valid_from:
            goes_on = copied(cover, Days(cover.valid_from, line.valid_from - ONE_DAY))
            plan.covers.append(goes_on)
        is_last = cover is touched[-1]
        if goes_on is not wanted or (is_last and cover.plan.currency == line.plan.currency):
            plan.followed.append((cover, goes_on))


def _describe(member: Member, line: MemberLine) -> bool:
    """Bring a member up to date; returns whether anything was different."""
    values = {"number": line.number, "name": line.name, "date_of_birth": line.date_of_birth}
    is_changed = any(getattr(member, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(member, name, value)
    return is_changed


def _overlaps(cover: Coverage, line: MemberLine) -> bool:
    begins_in_time = line.valid_until is None or cover.valid_from <= line.valid_until
    return begins_in_time and (cover.valid_until is None or cover.valid_until >= line.valid_from)


def _cover(member: Member, line: MemberLine) -> Coverage:
    return Coverage(
        member=member,
        plan=line.plan,
        declared_conditions=list(line.declared_conditions),
        is_demonstration=member.is_demonstration,
        **{name: getattr(line, name) for name in COVER_FIELDS},
    )


def _facts(cover: Coverage) -> tuple[object, ...]:
    conditions = tuple(cover.declared_conditions)
    return (cover.plan_id, conditions, *(getattr(cover, name) for name in COVER_FIELDS))


def _write(plan: _Plan, *, by: User, now: dt.datetime) -> None:
    Member.objects.bulk_create(plan.added, batch_size=BATCH)
    Member.objects.bulk_update(plan.renamed, ["number", "name", "date_of_birth"], batch_size=BATCH)
    ended = [cover.pk for cover in plan.ended]
    Coverage.objects.filter(pk__in=ended).update(superseded_at=now)
    for cover in plan.covers:
        cover.recorded_by, cover.recorded_at = by, now
    Coverage.objects.bulk_create(plan.covers, batch_size=BATCH)
    goes_on = {old.pk: new.pk for old, new in plan.followed}
    balances = list(BenefitBalance.objects.filter(coverage__in=goes_on).only("coverage"))
    for balance in balances:
        balance.coverage_id = goes_on[balance.coverage_id]
    BenefitBalance.objects.bulk_update(balances, ["coverage"], batch_size=BATCH)
