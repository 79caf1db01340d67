"""Which ways lead to a person for one message: their wishes and consents, read at sending (M19)."""

from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q

from accounts.models import User
from messaging import languages, policies, routing
from messaging.addresses import address_fingerprint
from messaging.channels import registry
from messaging.enums import PHONE_CHANNELS, Category, Channel
from messaging.kinds import Kind
from messaging.models import ChannelConsent, ContactPoint, Message, ReachPreference, Suppression
from messaging.quiet_hours import Timing
from messaging.whereabouts import Whereabouts, whereabouts


@dataclass(frozen=True, slots=True)
class Ways:
    """The chain of channels and what is known about each.

    `usable` lead to the person, `blown` among them are down at present; `languages` are those of
    the fixed sentence on a phone; `zone_names` are where the person may be.
    """

    chain: tuple[Channel, ...]
    usable: frozenset[str]
    zone_names: tuple[str, ...]
    contact: ContactPoint | None = None
    languages: dict[str, str] = field(default_factory=dict)

    @property
    def blown(self) -> frozenset[str]:
        return frozenset(each for each in self.usable if not registry.is_open(each))


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one account wants and agreed to for one category."""

    preference: ReachPreference | None
    contact: ContactPoint | None
    channels: frozenset[str]


def ways_of(message: Message, kind: Kind, now: datetime) -> Ways:
    """Return the ways for one message as they are now."""
    if kind.to_contact:
        return _way_to_contact(message)
    reader = message.recipient
    if reader is None or kind.address_is_given:
        usable = {Channel.EMAIL.value} if message.address else set()
        return Ways((Channel.EMAIL,), frozenset(usable), (message.time_zone,))
    wishes = wishes_of(reader, kind.category)
    place = _place(reader, wishes, kind, now)
    preferred = wishes.preference.preferred if wishes.preference else ""
    spoken = _spoken(message, wishes, now)
    free = wishes.channels - _suppressed(reader, wishes.contact, kind.category)
    return Ways(
        chain=routing.chain(preferred, in_china=place.in_china),
        usable=frozenset(each for each in free if each == Channel.EMAIL or spoken.get(each)),
        zone_names=place.zone_names,
        contact=wishes.contact,
        languages=spoken,
    )


def _place(reader: User, wishes: Wishes, kind: Kind, now: datetime) -> Whereabouts:
    """Return where the person is; not asked where a mail is the only way and goes at any hour."""
    if wishes.contact is None and kind.timing is not Timing.AWAKE:
        return Whereabouts(False, (reader.time_zone,))
    return whereabouts(reader, wishes.preference, wishes.contact, now)


def wishes_of(user: User, category: str) -> Wishes:
    """Return preference, proven number and agreed channels; nothing more is read of most people."""
    try:
        preference = user.reach
    except ObjectDoesNotExist:
        return Wishes(None, None, _by_mail(category, frozenset(), frozenset()))
    contact = user.contact_points.filter(removed_at=None, verified_at__isnull=False).first()
    rows = ChannelConsent.objects.filter(user=user, category=category)
    rows = rows.filter(Q(withdrawn_at=None) | Q(given_at=None))
    live, ended = set(), set()
    for channel, withdrawn_at in rows.values_list("channel", "withdrawn_at"):
        (live if withdrawn_at is None else ended).add(channel)
    channels = _by_mail(category, frozenset(live), frozenset(ended))
    if contact is not None:
        channels |= {each for each in live if each in PHONE_CHANNELS}
    if contact is not None and contact.whatsapp_refused_at is not None:
        channels -= {Channel.WHATSAPP}
    return Wishes(preference, contact, channels)


def _by_mail(category: str, live: frozenset[str], ended: frozenset[str]) -> frozenset[str]:
    """Mail brings bookings always, advertising when asked for, the rest until it is ended."""
    mail = Channel.EMAIL.value
    is_wanted = {
        Category.SERVICE: True,
        Category.FOLLOW_UP: mail in live or mail not in ended,
        Category.MARKETING: mail in live,
    }
    return frozenset({mail}) if is_wanted[Category(category)] else frozenset()


def _spoken(message: Message, wishes: Wishes, now: datetime) -> dict[str, str]:
    """Return the language of the sentence on each phone channel that this site has."""
    if wishes.contact is None:
        return {}
    second = wishes.preference.second_language if wishes.preference else ""
    spoken = {}
    for channel in wishes.channels & set(PHONE_CHANNELS):
        sender = registry.sender(channel)
        if not sender.is_configured():
            continue
        available = sender.languages()
        if channel == Channel.WHATSAPP and available and _window(wishes.contact, now):
            available = registry.sender(Channel.SMS).languages()
        spoken[channel] = languages.choose_and_log(
            message.locale, second, available, channel=channel
        )
    return spoken


def _window(contact: ContactPoint, now: datetime) -> bool:
    return policies.window_is_open(contact.last_inbound_at, now)


def _suppressed(user: User, contact: ContactPoint | None, category: str) -> set[str]:
    """Return the channels whose address bounced or complained for this category (MS-07)."""
    own = [address_fingerprint(user.email)]
    if contact is not None:
        own.append(contact.fingerprint)
    rows = Suppression.objects.filter(fingerprint__in=own, category=category, lifted_at=None)
    return set(rows.values_list("channel", flat=True))


def _way_to_contact(message: Message) -> Ways:
    """A code goes to the number it is to prove, by the channel that the person chose."""
    contact = ContactPoint.objects.get(public_id=message.context["contact"])
    channel = Channel(contact.code_channel)
    sender = registry.sender(channel)
    spoken = languages.choose_and_log(message.locale, "", sender.languages(), channel=channel)
    is_usable = sender.is_configured() and bool(spoken) and contact.removed_at is None
    return Ways(
        chain=(channel,),
        usable=frozenset({channel.value}) if is_usable else frozenset(),
        zone_names=(message.time_zone,),
        contact=contact,
        languages={channel.value: spoken},
    )
