"""A member's coverages in words: what of each limit is used, reserved and left."""

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medtour.lib.money import Money
from payments.models import BenefitBalance, Coverage, CoverageStatus, Member
from payments.presenters.categories import category_label

COLOURS = {CoverageStatus.ACTIVE: "good", CoverageStatus.SUSPENDED: "wait"}


@dataclass(frozen=True, slots=True)
class BalanceFacts:
    """One limit; `limit` and `left` are None where the plan names none."""

    label: str | Promise
    used: Money
    reserved: Money
    limit: Money | None
    left: Money | None
    visits: int


@dataclass(frozen=True, slots=True)
class CoverFacts:
    cover: Coverage
    standing: str | Promise
    kind: str
    balances: list[BalanceFacts]


def member_covers(member: Member, *, today: dt.date) -> list[CoverFacts]:
    """Return the coverages of a member that comes from `member_page.with_covers`."""
    return [_cover(cover, today) for cover in member.coverages.all()]


def standing(cover: Coverage, today: dt.date) -> tuple[str | Promise, str]:
    """Return where a coverage stands on a day, and its colour: its days first, then its status."""
    if cover.valid_from > today:
        return _("Not begun yet"), ""
    last = min(day for day in (cover.valid_until, cover.terminated_on, dt.date.max) if day)
    if last < today:
        return _("Ended"), "plain"
    return cover.get_status_display(), COLOURS.get(CoverageStatus(cover.status), "bad")


def _cover(cover: Coverage, today: dt.date) -> CoverFacts:
    words, kind = standing(cover, today)
    currency = cover.plan.currency
    return CoverFacts(cover, words, kind, [_balance(each, currency) for each in _sorted(cover)])


def _sorted(cover: Coverage) -> list[BenefitBalance]:
    return sorted(cover.balances.all(), key=lambda balance: balance.category)


def _balance(balance: BenefitBalance, currency: str) -> BalanceFacts:
    limit = balance.limit_minor
    taken = balance.used_minor + balance.reserved_minor
    return BalanceFacts(
        label=category_label(balance.category) if balance.category else _("The whole year"),
        used=Money(balance.used_minor, currency),
        reserved=Money(balance.reserved_minor, currency),
        limit=None if limit is None else Money(limit, currency),
        left=None if limit is None else Money(max(limit - taken, 0), currency),
        visits=balance.visits_used,
    )
