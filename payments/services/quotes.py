"""Quotes from draft to answer; every verb locks the case first, so its versions never race."""

import datetime as dt
from collections.abc import Sequence

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from accounts.models import User
from bookings.models import Case
from bookings.models.case import Actor
from bookings.services import cases, history
from bookings.transitions import CANCELLABLE, CASE, CaseState
from hospitals.models import Offer
from medtour.lib import clock
from medtour.lib.locks import lock_row
from medtour.lib.money import Money
from medtour.lib.states import check_move
from payments import policies, quote_rules
from payments import quote_refusals as refusals
from payments.models import Obligation, ObligationKind, Quote, QuoteLine
from payments.selectors.dues import unbegun_additions
from payments.services import obligations, quote_drafts, quote_notices
from payments.services.quote_drafts import QuoteTerms
from payments.transitions import DEPOSIT_CHANGED, QUOTE, QuoteState

log = structlog.get_logger(__name__)
SWEEP_ROWS = 200


def draw_up(
    case: Case,
    *,
    by: User,
    offer: Offer | None = None,
    tier: str = "",
    now: dt.datetime | None = None,
) -> Quote:
    """Begin a draft from scratch, or with copies of an offer's prices of one tier, valid today.

    Raises DraftExists, CaseClosed, QuoteInForce or AlreadyBilled; TwoCurrencies for a price list
    that cannot be added up.
    """
    now = now or clock.now()
    with transaction.atomic():
        case = _locked_case(case.pk)
        quote_drafts.check_open(case)
        if case.quotes.filter(state=QuoteState.ACCEPTED).exists():
            raise refusals.QuoteInForce
        lines, currency = quote_drafts.copied_lines(offer, tier, now=now) if offer else ([], "CNY")
        quote = quote_drafts.new_draft(case, by=by, now=now, offer=offer)
        likely = quote_rules.total_range(lines).high
        return quote_drafts.save_draft(
            quote, lines, QuoteTerms(likely_minor=likely, currency=currency)
        )


def set_lines(quote: Quote, *, lines: Sequence[QuoteLine], terms: QuoteTerms) -> Quote:
    """Replace the lines and terms of a draft; `lines` come in the order to be shown.

    Raises NotADraft, RangeBroken, DepositTooHigh or InsurerShareTooHigh.
    """
    with transaction.atomic():
        _locked_case(quote.case_id)
        quote = _fresh(quote)
        if quote.state != QuoteState.DRAFT:
            raise refusals.NotADraft
        before = {line.pk: line for line in quote.lines.all()}
        for line in lines:
            if (old := before.get(line.pk)) is not None:
                quote_drafts.keep_provenance(old, line)
        return quote_drafts.save_draft(quote, lines, terms)


def issue_quote(quote: Quote, *, by: User, now: dt.datetime | None = None) -> Quote:
    """Send a draft to the patient; from now on it never changes.

    A version that waits for an answer is superseded; an accepted one stays in force until this
    one is accepted (M5). Raises NotADraft, or the refusal that names what is missing.
    """
    now = now or clock.now()
    with transaction.atomic():
        case = _locked_case(quote.case_id)
        quote = _fresh(quote)
        if quote.state != QuoteState.DRAFT:
            raise refusals.NotADraft
        quote_drafts.check_open(case, leave_out=quote)
        quote_drafts.check_complete(quote, now=now)
        case.quotes.filter(state=QuoteState.ISSUED).update(state=QuoteState.SUPERSEDED)
        quote.state, quote.issued_at, quote.issued_by = QuoteState.ISSUED, now, by
        quote.ladder = policies.ladder_of(quote.offer).to_pairs() if quote.offer else []
        quote.save(update_fields=["state", "issued_at", "issued_by", "ladder"])
        action = "change_order_issued" if quote.is_change_order else "quote_issued"
        _note(quote, action, by=by, actor=Actor.HOSPITAL, now=now)
        _move_where_allowed(case, CaseState.QUOTED, by=by, actor=Actor.HOSPITAL, now=now)
        quote_notices.issued(quote, now=now)
    return quote


def supersede(quote: Quote, *, by: User, reason: str = "", now: dt.datetime | None = None) -> Quote:
    """Start the next version as a draft with the same lines, and return it.

    A version that waits for an answer can no longer be accepted. An accepted one stays in force:
    the draft is a change order and needs a reason. Raises NoChangeReason, DraftExists, CaseClosed
    or AlreadyBilled; StaleQuote for a version that others followed.
    """
    now = now or clock.now()
    with transaction.atomic():
        case = _locked_case(quote.case_id)
        quote = _fresh(quote)
        quote_drafts.check_open(case)
        later = case.quotes.filter(version__gt=quote.version).exists()
        if later and quote.state != QuoteState.ACCEPTED:
            raise refusals.StaleQuote
        in_force = case.quotes.filter(state=QuoteState.ACCEPTED).first()
        reason = reason.strip() or quote.change_reason
        if in_force and not reason:
            raise refusals.NoChangeReason
        if quote.state == QuoteState.ISSUED:
            _move(quote, QuoteState.SUPERSEDED)
            _note(quote, "quote_replaced", by=by, actor=Actor.HOSPITAL, now=now)
        draft = quote_drafts.new_draft(case, by=by, now=now, offer=quote.offer)
        draft.replaces = in_force or quote
        terms = quote_drafts.terms_of(quote, change_reason=reason)
        return quote_drafts.save_draft(draft, quote_drafts.copies_of(quote), terms)


def discard_draft(quote: Quote) -> Quote:
    """Put a draft aside without sending it; the patient never sees it. Raises NotADraft."""
    with transaction.atomic():
        _locked_case(quote.case_id)
        quote = _fresh(quote)
        if quote.state != QuoteState.DRAFT:
            raise refusals.NotADraft
        _move(quote, QuoteState.SUPERSEDED)
    return quote


def mark_read(quote: Quote, *, by: User, now: dt.datetime | None = None) -> None:
    """Note when the patient's account first opened an issued version."""
    if quote.read_at is None and quote.issued_at and quote.case.patient.account_id == by.pk:
        quote.read_at = now or clock.now()
        Quote.objects.filter(pk=quote.pk, read_at=None).update(read_at=quote.read_at)


def accept_quote(
    quote: Quote, *, by: User, version: int, language: str = "", now: dt.datetime | None = None
) -> Quote:
    """The patient accepts the version that was shown; the one in force before it is superseded.

    A deposit beyond what was asked for already becomes due. Raises NotYourQuote, StaleQuote,
    QuoteExpired, CaseClosed or MoveRefused.
    """
    now = now or clock.now()
    with transaction.atomic():
        case = _locked_case(quote.case_id)
        quote = _fresh(quote)
        _check_answerable(quote, by=by, version=version, now=now)
        if case.state in quote_drafts.CLOSED:
            raise refusals.CaseClosed
        case.quotes.filter(state=QuoteState.ACCEPTED).update(state=QuoteState.SUPERSEDED)
        _answer(quote, QuoteState.ACCEPTED, by=by, language=language, now=now)
        _note(quote, "quote_accepted", by=by, actor=Actor.PATIENT, now=now)
        _move_where_allowed(case, CaseState.ACCEPTED, by=by, actor=Actor.PATIENT, now=now)
        if case.appointments.filter(state__in=CANCELLABLE).exists():
            _move_where_allowed(case, CaseState.SCHEDULED, by=by, actor=Actor.PATIENT, now=now)
        _open_deposit(quote, by=by, now=now)
        quote_notices.accepted(quote, now=now)
    return quote


def decline_quote(
    quote: Quote, *, by: User, version: int, reason: str = "", now: dt.datetime | None = None
) -> Quote:
    """The patient says no; a quote in force before it stays in force. Raises as for accepting.

    What the patient wrote is kept encrypted with the quote and nowhere else.
    """
    now = now or clock.now()
    with transaction.atomic():
        _locked_case(quote.case_id)
        quote = _fresh(quote)
        _check_answerable(quote, by=by, version=version, now=now)
        quote.decline_reason = reason.strip()
        _answer(quote, QuoteState.DECLINED, by=by, language="", now=now)
        _note(quote, "quote_declined", by=by, actor=Actor.PATIENT, now=now)
    return quote


def expire_quotes(*, now: dt.datetime | None = None) -> int:
    """Close issued quotes whose last day is over at the hospital; returns how many."""
    now = now or clock.now()
    # No zone is more than a day behind UTC, so nothing that is over is missed for long.
    late = Quote.objects.filter(state=QuoteState.ISSUED, valid_until__lte=now.date())
    expired = 0
    for pk, case_id in late.order_by("pk").values_list("pk", "case_id")[:SWEEP_ROWS]:
        with transaction.atomic():
            _locked_case(case_id)
            quote = Quote.objects.select_related("case__hospital").get(pk=pk)
            if quote.state == QuoteState.ISSUED and now >= quote.ends_at:
                _move(quote, QuoteState.EXPIRED)
                _note(quote, "quote_expired", by=None, actor=Actor.SYSTEM, now=now)
                expired += 1
    return expired


def _locked_case(pk: int) -> Case:
    return lock_row(Case.objects.select_related("hospital", "patient__account"), pk)


def _fresh(quote: Quote) -> Quote:
    """Read a version again now that its case is locked."""
    found = Quote.objects.select_related(
        "case__hospital", "case__patient__account", "offer__cancellation_policy", "replaces"
    )
    return found.get(pk=quote.pk)


def _check_answerable(quote: Quote, *, by: User, version: int, now: dt.datetime) -> None:
    if quote.case.patient.account_id != by.pk or quote.issued_at is None:
        raise refusals.NotYourQuote
    if quote.version != version or quote.state == QuoteState.SUPERSEDED:
        raise refusals.StaleQuote
    late = quote.state == QuoteState.ISSUED and now >= quote.ends_at
    if late or quote.state == QuoteState.EXPIRED:
        raise refusals.QuoteExpired
    check_move(QUOTE, quote.state, QuoteState.DECLINED)


def _answer(quote: Quote, state: str, *, by: User, language: str, now: dt.datetime) -> None:
    quote.state, quote.answered_at, quote.answered_by = state, now, by
    quote.answer_language = language
    quote.read_at = quote.read_at or now
    quote.save(
        update_fields=[
            "state", "answered_at", "answered_by", "answer_language", "read_at", "decline_reason"
        ]
    )  # fmt: skip


def _move(quote: Quote, state: str) -> None:
    check_move(QUOTE, quote.state, state)
    quote.state = state
    quote.save(update_fields=["state"])


def _note(quote: Quote, action: str, *, by: User | None, actor: str, now: dt.datetime) -> None:
    event = history.case_event(
        quote.case,
        action,
        by=by,
        actor=actor,
        at=now,
        quote=quote.public_id,
        version=quote.version,
    )
    history.record([event])


def _move_where_allowed(case: Case, state: str, *, by: User, actor: str, now: dt.datetime) -> None:
    """Move the case where its path has this step; what is left out is in the log."""
    if state in CASE.get(case.state, frozenset()):
        cases.move(case, state, by=by, actor=actor, now=now)
    else:
        log.info("case_not_moved", case=case.public_id, state=case.state, wanted=state)


def _open_deposit(quote: Quote, *, by: User, now: dt.datetime) -> None:
    """Ask for the part of the deposit that earlier versions of the quote did not ask for.

    Where they asked for more than the quote in force does, what nobody has begun to pay is no
    longer due (M5). What the patient wanted to add under the terms before is given up.
    """
    obligations.close_unbegun(unbegun_additions(quote), reason=DEPOSIT_CHANGED, now=now)
    asked = Obligation.objects.filter(
        Q(closed_at=None) | Q(settled_at__isnull=False),
        quote__case=quote.case_id,
        currency=quote.currency,
        kind__in=(ObligationKind.DEPOSIT, ObligationKind.TOP_UP),
    )
    if _total(asked) > quote.deposit_minor:
        due = asked.filter(closed_at=None, settled_at=None)
        obligations.close_unbegun(due, reason=DEPOSIT_CHANGED, now=now)
    missing = quote.deposit_minor - _total(asked)
    if missing > 0:
        kind = ObligationKind.TOP_UP if asked.exists() else ObligationKind.DEPOSIT
        obligations.open_for_quote(
            quote, kind=kind, amount=Money(missing, quote.currency), by=by, now=now
        )


def _total(asked: QuerySet[Obligation]) -> int:
    return int(asked.aggregate(total=Sum("amount_minor"))["total"] or 0)
