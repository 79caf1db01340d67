"""Comparing the ledger with a gateway's own list of movements; every difference has a name (PY-13).

Both sides become the same thing first: a type, the gateway's id of what it is about, an amount.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from medtour.lib import clock
from medtour.lib.money import Money
from payments.gateways import gateway
from payments.gateways.protocol import BalanceLine, GatewayDown, GatewayRefused
from payments.models import (
    Account,
    Gateway,
    LedgerEntry,
    MoneyAlert,
    PayeeAccount,
    PostingKind,
    ReconciliationDifference,
    ReconciliationRun,
)
from payments.services.alerts import raise_alert

log = structlog.get_logger(__name__)
Kind = ReconciliationDifference.Kind
Move = tuple[str, str]
Book = dict[Move, Money]

# The gateway may list a movement some days away from when we heard of it.
AROUND = dt.timedelta(days=7)
FIRST_LOOK, LONGEST_LOOK = dt.timedelta(days=1), dt.timedelta(days=30)
FEE = "fee"
# Money that leaves the gateway for the hospital's bank is not in this ledger.
NOT_OURS = {"payout", "payout_reversal", "payout_failure", "transfer", "topup"}
TYPES = {
    PostingKind.PAYMENT: "charge",
    PostingKind.SURPLUS: "charge",
    PostingKind.FEE: FEE,
    PostingKind.REFUND_SENT: "refund",
    PostingKind.REFUND_FAILED: "refund_failure",
    PostingKind.DISPUTE: "dispute",
    PostingKind.DISPUTE_WON: "dispute_reversal",
}


def reconcile(
    account_id: str, *, since: dt.datetime, until: dt.datetime, name: str = Gateway.STRIPE
) -> ReconciliationRun:
    """Compare one account from `since` up to, not including, `until`; alert about each difference.

    Raises GatewayDown or GatewayRefused before anything is written.
    """
    lines = list(
        gateway(name).balance_lines(account_id, since=since - AROUND, until=until + AROUND)
    )
    inside = [line for line in lines if since <= line.at < until]
    theirs, all_theirs = _book_of_lines(inside), _book_of_lines(lines)
    ours = _book_of_entries(
        _entries(account_id).filter(posting__at__gte=since, posting__at__lt=until)
    )
    all_ours = {**_known(account_id, theirs), **ours}
    found = [*_compare(theirs, all_ours), *_missing(ours, all_theirs)]
    with transaction.atomic():
        run = ReconciliationRun.objects.create(
            gateway=name,
            account_id=account_id,
            from_at=since,
            until_at=until,
            compared=len(theirs.keys() | ours.keys()),
            ended_at=clock.now(),
        )
        for difference in found:
            difference.run = run
        ReconciliationDifference.objects.bulk_create(found)
        for difference in found:
            _alert(account_id, difference)
    return run


def reconcile_due(*, now: dt.datetime | None = None) -> int:
    """Compare every account up to last midnight (UTC), from where it was compared last.

    Returns how many were; an account that cannot be asked is compared the next time.
    """
    now = now or clock.now()
    until, done = clock.day_bounds(now.date(), "UTC")[0], 0
    accounts = PayeeAccount.objects.filter(gateway=Gateway.STRIPE).order_by("account_id")
    for account_id in accounts.values_list("account_id", flat=True).distinct():
        since = _last_until(account_id, until)
        if since >= until:
            continue
        try:
            reconcile(account_id, since=since, until=until)
            done += 1
        except (GatewayDown, GatewayRefused) as error:
            log.warning("reconcile_later", code=error.code)
    return done


def _last_until(account_id: str, until: dt.datetime) -> dt.datetime:
    last = ReconciliationRun.objects.filter(gateway=Gateway.STRIPE, account_id=account_id)
    found = last.order_by("-until_at").values_list("until_at", flat=True).first()
    return max(found or until - FIRST_LOOK, until - LONGEST_LOOK)


def _book_of_lines(lines: Iterable[BalanceLine]) -> Book:
    """Return the gateway's movements, each with its fee apart from it."""
    book: Book = {}
    for line in lines:
        if line.type in NOT_OURS:
            continue
        about = line.source_id or line.gateway_id
        _add(book, (line.type, about), line.original or line.amount)
        if line.fee.minor:
            _add(book, (FEE, about), line.fee * -1)
    return book


def _book_of_entries(entries: QuerySet[LedgerEntry]) -> Book:
    """Return what the ledger says of the same account, by the gateway's ids."""
    book: Book = {}
    for entry in entries.select_related("posting__payment", "posting__refund"):
        _add(book, (TYPES[PostingKind(entry.posting.kind)], _about(entry)), entry.amount)
    return book


def _add(book: Book, move: Move, amount: Money) -> None:
    known = book.get(move)
    if known is None or known.currency == amount.currency:
        book[move] = amount if known is None else known + amount
    else:
        book[(move[0], f"{move[1]} {amount.currency}")] = amount


def _about(entry: LedgerEntry) -> str:
    posting = entry.posting
    if posting.key.startswith("dispute:"):
        return posting.key.split(":")[1]
    if posting.refund is not None:
        return posting.refund.gateway_id or posting.refund.public_id
    payment = posting.payment
    assert payment is not None  # noqa: S101  (only entries of payments are read)
    return payment.intent_id or payment.public_id


def _entries(account_id: str) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(
        account=Account.PROCESSOR,
        posting__kind__in=TYPES,
        posting__payment__gateway=Gateway.STRIPE,
        posting__payment__payee_account__account_id=account_id,
    ).order_by("posting_id", "pk")


def _known(account_id: str, book: Book) -> Book:
    """Return what the ledger has at any time about the things in a book."""
    by_type: dict[str, set[str]] = defaultdict(set)
    for kind, about in book:
        by_type[kind].add(about)
    disputes = by_type["dispute"] | by_type["dispute_reversal"]
    fees_of_disputes = Q()
    for about in by_type[FEE]:
        fees_of_disputes |= Q(posting__key__startswith=f"dispute:{about}:fee:")
    about_them = (
        fees_of_disputes
        | Q(posting__refund=None, posting__payment__intent_id__in=by_type["charge"] | by_type[FEE])
        | Q(posting__refund__gateway_id__in=by_type["refund"] | by_type["refund_failure"])
        | Q(
            posting__key__in=[
                f"dispute:{about}:{end}" for about in disputes for end in ("opened", "won")
            ]
        )
    )
    return _book_of_entries(_entries(account_id).filter(about_them))


def _compare(theirs: Book, ours: Book) -> Iterator[ReconciliationDifference]:
    for move, amount in sorted(theirs.items()):
        known = ours.get(move)
        if known is None:
            yield _difference(Kind.MISSING_IN_LEDGER, move, theirs=amount)
        elif known != amount:
            yield _difference(Kind.AMOUNT_DIFFERS, move, ours=known, theirs=amount)


def _missing(ours: Book, theirs: Book) -> Iterator[ReconciliationDifference]:
    for move, amount in sorted(ours.items()):
        if move not in theirs:
            yield _difference(Kind.MISSING_AT_GATEWAY, move, ours=amount)


def _difference(
    kind: str, move: Move, *, ours: Money | None = None, theirs: Money | None = None
) -> ReconciliationDifference:
    shown = theirs or ours
    assert shown is not None  # noqa: S101
    return ReconciliationDifference(
        kind=kind,
        type=move[0][:40],
        object_id=move[1][:120],
        currency=shown.currency,
        ledger_minor=ours.minor if ours else None,
        gateway_minor=theirs.minor if theirs else None,
    )


def _alert(account_id: str, difference: ReconciliationDifference) -> None:
    account = PayeeAccount.objects.filter(account_id=account_id).select_related("hospital").first()
    raise_alert(
        MoneyAlert.Kind.LEDGER_DIFFERS,
        f"differs:{account_id}:{difference.type}:{difference.object_id}:{difference.kind}",
        hospital=account.hospital if account and account_id else None,
        difference=difference.kind,
        type=difference.type,
        object=difference.object_id,
    )
