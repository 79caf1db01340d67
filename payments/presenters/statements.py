"""An insurer's statement of a month in words, on a page and as a list for a spreadsheet."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from medtour.lib import clock
from medtour.templatetags.show import money_text
from payments.selectors.insurance.claim_ageing import LAST_DAYS
from payments.selectors.insurance.claim_statement import ClaimMonth, Statement


def statement_rows(each: Statement) -> list[tuple[str, int | str, str]]:
    """Return name, number of claims and sum of each line, top to bottom."""
    return [
        (_("Owed at the beginning"), "", money_text(each.opening)),
        (_("Sent"), each.sent_count, money_text(each.sent)),
        (_("Decided"), each.decided_count, money_text(each.decided)),
        (_("Paid by insurers"), "", money_text(each.paid)),
        (_("Closed without payment"), "", money_text(each.dropped)),
        (_("Owed at the end"), "", money_text(each.closing)),
    ]


def statement_list(
    months: Sequence[ClaimMonth], statements: Sequence[Statement], *, zone: str
) -> list[list[str | Decimal]]:
    """Return the claims of a month with a heading, and the sums of each currency at the end.

    It names references only, and the day on which each claim was sent in `zone`.
    """
    heading = [
        _("Claim"), _("Guarantee"), _("Sent"), _("State"), _("Currency"),
        _("Owed at the beginning"), _("Sent"), _("Paid"), _("Closed without payment"),
        _("Owed at the end"),
    ]  # fmt: skip
    rows: list[list[str | Decimal]] = [[*heading]]
    for each in months:
        claim = each.claim
        sent = clock.local(claim.submitted_at, zone).date().isoformat()
        named = [claim.reference, claim.guarantee.reference, sent, str(claim.get_state_display())]
        rows.append([*named, claim.currency, *_sums(each)])
    for total in statements:
        rows.append([_("Together"), "", "", "", total.currency, *_sums(total)])
    return rows


def ageing_heads() -> list[str]:
    """Return the headings of the ageing report, the last without an end."""
    firsts = (0, *(day + 1 for day in LAST_DAYS))
    heads = [
        _("%(first)s to %(last)s days") % {"first": first, "last": last}
        for first, last in zip(firsts, LAST_DAYS, strict=False)
    ]
    return [*heads, _("Longer")]


def _sums(each: ClaimMonth | Statement) -> list[Decimal]:
    moneys = (each.opening, each.sent, each.paid, each.dropped, each.closing)
    return [money.major for money in moneys]
