"""What an insurer and a hospital settled in one month, and what was open before and after."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.expressions import Combinable

from hospitals.models import Hospital
from medtour.lib import clock
from medtour.lib.money import Money
from payments.models import ClaimEvent, InsuranceClaim, RemittanceLine

Sums = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Statement:
    """One currency of a month: `opening` + `sent` − `paid` − `dropped` = `closing`.

    All are the insurer's parts. `dropped` is what closed claims never brought; `decided` is what
    the claims decided in the month ask for, whenever they were sent.
    """

    currency: str
    opening: Money
    sent: Money
    sent_count: int
    decided: Money
    decided_count: int
    paid: Money
    dropped: Money
    closing: Money


def month_bounds(month: dt.date, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """Return the instants at which a month begins and ends on the hospital's calendar."""
    first = month.replace(day=1)
    after = (first + dt.timedelta(days=32)).replace(day=1)
    return clock.day_bounds(first, zone)[0], clock.day_bounds(after, zone)[0]


def settlement_statement(
    claims: QuerySet[InsuranceClaim], *, hospital: Hospital, month: dt.date
) -> tuple[Statement, ...]:
    """Return the month by currency, out of the claims at a hospital that a person may see.

    Everything counts when we recorded it, so that a past month never changes.
    """
    begins, ends = month_bounds(month, hospital.time_zone)
    own = claims.filter(hospital=hospital).order_by()
    paid = RemittanceLine.objects.filter(claim_line__claim__in=own).order_by()
    closed = own.filter(closed_at__isnull=False)
    sent_before = _sums(own.filter(submitted_at__lt=begins), F("insurer_minor"))
    paid_before = _paid(paid.filter(remittance__recorded_at__lt=begins))
    dropped_before = _sums(closed.filter(closed_at__lt=begins), _UNPAID)
    span = (begins, ends)
    sent = _sums(_within(own, "submitted_at", span), F("insurer_minor"))
    decided = _decided(own, span)
    now_paid = _paid(
        paid.filter(remittance__recorded_at__gte=begins, remittance__recorded_at__lt=ends)
    )
    dropped = _sums(_within(closed, "closed_at", span), _UNPAID)
    found = (sent_before, sent, decided, now_paid, dropped)
    return tuple(
        _statement(
            currency,
            opening=_of(sent_before, currency)
            - _of(paid_before, currency)
            - _of(dropped_before, currency),
            sent=sent.get(currency, (0, 0)),
            decided=decided.get(currency, (0, 0)),
            paid=_of(now_paid, currency),
            dropped=_of(dropped, currency),
        )
        for currency in _currencies(found)
    )


_UNPAID = F("insurer_minor") - F("paid_minor")


def _statement(
    currency: str,
    *,
    opening: int,
    sent: tuple[int, int],
    decided: tuple[int, int],
    paid: int,
    dropped: int,
) -> Statement:
    return Statement(
        currency=currency,
        opening=Money(opening, currency),
        sent=Money(sent[0], currency),
        sent_count=sent[1],
        decided=Money(decided[0], currency),
        decided_count=decided[1],
        paid=Money(paid, currency),
        dropped=Money(dropped, currency),
        closing=Money(opening + sent[0] - paid - dropped, currency),
    )


def _within(
    rows: QuerySet[InsuranceClaim], name: str, span: tuple[dt.datetime, dt.datetime]
) -> QuerySet[InsuranceClaim]:
    return rows.filter(**{f"{name}__gte": span[0], f"{name}__lt": span[1]})


def _sums(rows: QuerySet[InsuranceClaim], what: Combinable) -> Sums:
    found = rows.values_list("currency").annotate(total=Sum(what), count=Count("pk"))
    return {currency: (int(total or 0), count) for currency, total, count in found}


def _decided(claims: QuerySet[InsuranceClaim], span: tuple[dt.datetime, dt.datetime]) -> Sums:
    """Return the parts of claims decided in a span; decided again counts again."""
    events = ClaimEvent.objects.filter(
        claim__in=claims, action="adjudicate", at__gte=span[0], at__lt=span[1]
    )
    found = (
        events.order_by()
        .values_list("claim__currency")
        .annotate(total=Sum("claim__insurer_minor"), count=Count("pk"))
    )
    return {currency: (int(total or 0), count) for currency, total, count in found}


def _paid(rows: QuerySet[RemittanceLine]) -> Sums:
    found = rows.values_list("remittance__currency").annotate(
        total=Sum("paid_minor"), count=Count("pk")
    )
    return {currency: (int(total or 0), count) for currency, total, count in found}


def _of(sums: Sums, currency: str) -> int:
    return sums.get(currency, (0, 0))[0]


def _currencies(found: Iterable[Sums]) -> list[str]:
    return sorted({currency for sums in found for currency in sums})
