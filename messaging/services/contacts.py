"""A person's phone number: typed in, proved by a code, replaced, removed (MS-03)."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import phonenumbers
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from medtour.lib import clock, locks
from medtour.lib.counts import count_one_more
from medtour.lib.errors import Refusal
from messaging.addresses import address_fingerprint
from messaging.channels import registry
from messaging.models import ContactPoint, ReachPreference
from messaging.number_kinds import KIND
from messaging.services.outbox import Outgoing, queue

CODE_LIFETIME = timedelta(minutes=15)
TRIES = 5
NUMBERS_AN_HOUR = 3
# Whoever asks, from however many accounts: one telephone is rung this often at the most.
CODES_AN_HOUR, CODES_A_DAY = 3, 10
CODES_AN_HOUR_FROM_AN_ADDRESS = 10
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)


class NotANumber(Refusal):
    code = "not_a_number"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _("Enter a mobile number with its country code, for example +97699112233.")
        )


class ChannelNotOffered(Refusal):
    code = "channel_not_offered"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("We cannot send a code that way now. Choose another way."))


class TooManyCodes(Refusal):
    code = "too_many_codes"
    status = 429

    def __init__(self) -> None:
        super().__init__(_("We sent several codes already. Please wait an hour and try again."))


class WrongCode(Refusal):
    code = "wrong_code"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("This is not the code. Type the newest code that we sent you."))


class CodeOver(Refusal):
    code = "code_over"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("This code no longer works. Ask for a new one."))


def normalised_number(typed: str) -> str:
    """Return a number in E.164; raises NotANumber, also for a number without its country."""
    try:
        number = phonenumbers.parse(typed, None)
    except phonenumbers.NumberParseException:
        raise NotANumber from None
    if not phonenumbers.is_valid_number(number):
        raise NotANumber
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def add_number(
    user: User, typed: str, *, channel: str, address_mark: str = "", now: datetime | None = None
) -> ContactPoint:
    """Note a number in place of any before it and send its code; unused until the code comes back.

    `address_mark` is a short mark of the visitor's address. Raises NotANumber, ChannelNotOffered
    or TooManyCodes.
    """
    now = now or clock.now()
    number = normalised_number(typed)
    if channel not in registry.offered_channels():
        raise ChannelNotOffered
    fingerprint, code = address_fingerprint(number), f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        locks.lock_row(User.objects.all(), user.pk)
        _check_limits(user, fingerprint, address_mark, now)
        _remove_live(user, now)
        ReachPreference.objects.get_or_create(user=user)
        contact = ContactPoint(
            user=user,
            number=number,
            fingerprint=fingerprint,
            created_at=now,
            code_channel=channel,
            code_expires_at=now + CODE_LIFETIME,
        )
        contact.code_hash = _hash(contact, code)
        contact.save(force_insert=True)
        queue(_code_message(contact, code), now=now)
    return contact


def prove_number(user: User, typed: str, *, now: datetime | None = None) -> ContactPoint:
    """Take the code that was sent; five wrong ones end it. Raises WrongCode or CodeOver."""
    now = now or clock.now()
    with transaction.atomic():
        locks.lock_row(User.objects.all(), user.pk)
        contact = ContactPoint.objects.filter(user=user, removed_at=None, verified_at=None).first()
        refusal = _check_code(contact, typed, now)
    if refusal is not None or contact is None:
        raise refusal or CodeOver
    return contact


def remove_number(user: User, *, now: datetime | None = None) -> None:
    """Use the number no more; what was agreed to for it stays on record."""
    with transaction.atomic():
        locks.lock_row(User.objects.all(), user.pk)
        _remove_live(user, now or clock.now())


def _check_limits(user: User, fingerprint: str, address_mark: str, now: datetime) -> None:
    """Raise TooManyCodes: codes wake a stranger and cost money, so accounts alone are no limit."""
    locks.wait_for_turn(f"messaging.codes:{fingerprint}")
    same = ContactPoint.objects.filter(fingerprint=fingerprint)
    own = ContactPoint.objects.filter(user=user)
    most = (
        (own, AN_HOUR, NUMBERS_AN_HOUR),
        (same, AN_HOUR, CODES_AN_HOUR),
        (same, A_DAY, CODES_A_DAY),
    )
    if any(rows.filter(created_at__gt=now - span).count() >= limit for rows, span, limit in most):
        raise TooManyCodes
    if not address_mark:
        return
    asked = count_one_more(f"codes:{address_mark}:{now:%Y%m%d%H}", AN_HOUR.total_seconds())
    if asked > CODES_AN_HOUR_FROM_AN_ADDRESS:
        raise TooManyCodes


def _check_code(contact: ContactPoint | None, typed: str, now: datetime) -> Refusal | None:
    """Count the try and prove the number, or return why not; a wrong try must stay counted."""
    if contact is None or contact.code_expires_at is None or contact.code_expires_at <= now:
        return CodeOver()
    if contact.code_tries >= TRIES:
        return CodeOver()
    digits = "".join(sign for sign in typed if sign.isdigit())
    if not hmac.compare_digest(_hash(contact, digits), contact.code_hash):
        contact.code_tries += 1
        contact.save(update_fields=["code_tries"])
        return WrongCode()
    contact.verified_at, contact.code_hash, contact.code_expires_at = now, "", None
    contact.save(update_fields=["verified_at", "code_hash", "code_expires_at"])
    return None


def _remove_live(user: User, now: datetime) -> None:
    ContactPoint.objects.filter(user=user, removed_at=None).update(removed_at=now, code_hash="")


def _code_message(contact: ContactPoint, code: str) -> Outgoing:
    return Outgoing(
        kind=KIND,
        recipient=contact.user,
        dedupe_key=f"{KIND}:{contact.public_id}",
        context={
            "contact": contact.public_id,
            "code": code,
            "expires_at": contact.code_expires_at.isoformat() if contact.code_expires_at else "",
        },
    )


def _hash(contact: ContactPoint, code: str) -> str:
    return hashlib.sha256(f"{contact.public_id}:{code}".encode()).hexdigest()
