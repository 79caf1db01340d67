"""Letting somebody else pay a part of what is due, by link (M9)."""

import datetime as dt

from django.db import transaction

from accounts.models import User
from medtour.lib import clock
from medtour.lib.locks import lock_row
from medtour.lib.money import Money
from payments import policies
from payments.models import Obligation, PaymentShare
from payments.refusals import ObligationClosed, ShareClosed, ShareTooLarge, refusals_of_the_database
from payments.selectors.due import live_payment, own_part


def offer_share(
    obligation: Obligation,
    *,
    label: str,
    amount: Money,
    by: User | None,
    now: dt.datetime | None = None,
) -> PaymentShare:
    """Set a part of an obligation aside for another payer.

    A share of a deposit lives as long as the place is held, any other one a week. What a person is
    paying at this moment cannot be shared. Raises ObligationClosed or ShareTooLarge.
    """
    now = now or clock.now()
    with refusals_of_the_database(), transaction.atomic():
        fresh = lock_row(Obligation.objects.all(), obligation.pk)
        if fresh.closed_at or fresh.settled_at:
            raise ObligationClosed
        left = own_part(fresh, now=now)
        if amount.currency != fresh.currency or not 0 < amount.minor <= left.minor:
            raise ShareTooLarge
        return PaymentShare.objects.create(
            obligation=fresh,
            label=label.strip()[:80],
            amount_minor=amount.minor,
            created_at=now,
            expires_at=None if fresh.appointment_id else now + policies.SHARE_LENGTH,
        )


def withdraw_share(
    share: PaymentShare, *, by: User | None, now: dt.datetime | None = None
) -> PaymentShare:
    """Take a share back that nobody paid and nobody is paying; raises ShareClosed."""
    now = now or clock.now()
    with refusals_of_the_database(), transaction.atomic():
        obligation = lock_row(Obligation.objects.all(), share.obligation_id)
        fresh = PaymentShare.objects.get(pk=share.pk)
        if fresh.withdrawn_at:
            return fresh
        if fresh.paid_at or live_payment(obligation, fresh):
            raise ShareClosed
        fresh.withdrawn_at = now
        fresh.save(update_fields=["withdrawn_at"])
    return fresh
