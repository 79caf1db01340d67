"""What a patient adds to a deposit of their own accord: it can be changed and taken back."""

import datetime as dt

from django.db import transaction

from accounts.models import User
from bookings.models import Case
from medtour.lib import clock
from medtour.lib.locks import lock_row
from medtour.lib.money import Money
from payments.models import Obligation, ObligationKind, Quote
from payments.quote_refusals import StaleQuote
from payments.refusals import NothingOwed, TopUpTooLarge, refusals_of_the_database
from payments.selectors.dues import left_to_add, unbegun_additions
from payments.services.obligations import close_unbegun, open_for_quote
from payments.transitions import TAKEN_BACK, QuoteState


def add_to_deposit(
    quote: Quote, *, amount: Money, by: User, now: dt.datetime | None = None
) -> Obligation:
    """Open what a patient wants to pay beyond the deposit; it replaces one that nobody has begun.

    All that was asked for never passes the quote's most likely total. Raises StaleQuote unless the
    quote is in force, TopUpTooLarge; a refused call changes nothing.
    """
    now = now or clock.now()
    with refusals_of_the_database(), transaction.atomic():
        lock_row(Case.objects.only("pk"), quote.case_id)
        fresh = Quote.objects.select_related("case__hospital").get(pk=quote.pk)
        if fresh.state != QuoteState.ACCEPTED:
            raise StaleQuote
        wanted = unbegun_additions(fresh)
        same = wanted.filter(quote=fresh, amount_minor=amount.minor).first()
        others = wanted.exclude(pk=same.pk) if same else wanted
        close_unbegun(others, reason=TAKEN_BACK, now=now)
        most = left_to_add(fresh)
        if amount.currency != most.currency or not 0 < amount.minor <= most.minor:
            raise TopUpTooLarge
        return same or open_for_quote(
            fresh, kind=ObligationKind.TOP_UP, amount=amount, by=by, is_voluntary=True, now=now
        )


def take_back(obligation: Obligation, *, now: dt.datetime | None = None) -> Obligation:
    """Close what a patient wanted to add; raises NothingOwed once somebody pays or has paid it."""
    added = Obligation.objects.filter(pk=obligation.pk, is_voluntary=True)
    with refusals_of_the_database(), transaction.atomic():
        close_unbegun(added, reason=TAKEN_BACK, now=now or clock.now())
        fresh = added.exclude(closed_at=None).first()
        if fresh is None:
            raise NothingOwed
    return fresh
