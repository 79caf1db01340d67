"""What a person agreed to by channel and category, and how they end it (MS-03, MS-06)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from medtour.lib import clock, locks
from messaging.enums import Category, Channel
from messaging.models import ChannelConsent, ContactPoint, ReachPreference

FROM_PAGE = "how_we_reach_you"
FROM_MAIL = "list_unsubscribe"
FROM_REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Wish:
    """One box: ticked or not, with the text beside it and the language it was read in."""

    category: Category
    channel: Channel
    is_wanted: bool
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Reaching:
    """What else a person chose on the page."""

    preferred: str
    place: str
    second_language: str


def save_wishes(
    user: User, wishes: Iterable[Wish], reaching: Reaching, *, now: datetime | None = None
) -> None:
    """Record what changed: a new tick with its text, an ended one with its time."""
    now = now or clock.now()
    with transaction.atomic():
        locks.lock_row(User.objects.all(), user.pk)
        ReachPreference.objects.update_or_create(
            user=user,
            defaults={
                "preferred": reaching.preferred,
                "place": reaching.place,
                "second_language": reaching.second_language,
            },
        )
        for wish in wishes:
            if wish.is_wanted:
                _give(user, wish, FROM_PAGE, now)
            else:
                _end(user, wish.category, wish.channel, FROM_PAGE, now)


def stop_mails(user: User, category: Category, *, now: datetime | None = None) -> None:
    """End one optional category of mails, from now on; doing it twice changes nothing (MS-06)."""
    with transaction.atomic():
        locks.lock_row(User.objects.all(), user.pk)
        ReachPreference.objects.get_or_create(user=user)
        _end(user, category, Channel.EMAIL, FROM_MAIL, now or clock.now())


def stop_channel(contacts: Iterable[ContactPoint], channel: str, *, now: datetime) -> None:
    """Somebody wrote STOP: nothing more goes to that number by that channel, whoever's it is."""
    for contact in contacts:
        ChannelConsent.objects.filter(
            user=contact.user_id, channel=channel, withdrawn_at=None
        ).update(withdrawn_at=now, withdrawn_by=FROM_REPLY)


def start_channel(contacts: Iterable[ContactPoint], channel: str, *, now: datetime) -> None:
    """Somebody wrote START: what their STOP had ended counts again, in the words agreed to then.

    What they ended in another way since, on the page for instance, stays ended.
    """
    for contact in contacts:
        own = ChannelConsent.objects.filter(user=contact.user_id, channel=channel)
        newest = own.order_by("category", "-pk").distinct("category")
        for consent in newest:
            if consent.withdrawn_by != FROM_REPLY:
                continue
            wish = Wish(
                Category(consent.category),
                Channel(channel),
                is_wanted=True,
                text=consent.text,
                language=consent.language,
            )
            _give(contact.user, wish, FROM_REPLY, now)


def _give(user: User, wish: Wish, source: str, now: datetime) -> None:
    ChannelConsent.objects.bulk_create(
        [
            ChannelConsent(
                user=user,
                category=wish.category,
                channel=wish.channel,
                text=wish.text,
                language=wish.language,
                source=source,
                given_at=now,
            )
        ],
        ignore_conflicts=True,
    )


def _end(user: User, category: str, channel: str, source: str, now: datetime) -> None:
    own = ChannelConsent.objects.filter(user=user, category=category, channel=channel)
    own.filter(withdrawn_at=None).update(withdrawn_at=now, withdrawn_by=source)
    goes_without_asking = category == Category.FOLLOW_UP and channel == Channel.EMAIL
    if goes_without_asking and not own.filter(given_at=None).exists():
        own.create(
            user=user,
            category=category,
            channel=channel,
            source=source,
            withdrawn_at=now,
            withdrawn_by=source,
        )
