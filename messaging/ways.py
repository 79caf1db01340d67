"""Which ways lead to a person for one message: their wishes and consents, read at sending (M19)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q

from accounts.models import User
from messaging import kinds, languages, policies, routing
from messaging.addresses import address_fingerprint
from messaging.channels import registry
from messaging.enums import PHONE_CHANNELS, Category, Channel, Place
from messaging.kinds import Kind
from messaging.models import ChannelConsent, ContactPoint, Message, ReachPreference, Suppression
from messaging.quiet_hours import Timing
from messaging.whereabouts import Whereabouts, place_of, zones_in_china


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


@dataclass(frozen=True, slots=True)
class ReachFacts:
    """What is kept about the readers of some messages, read together for all of them.

    `contacts` are proven numbers by account; `agreed`, `ended` hold (account, category, channel),
    `suppressed` (fingerprint, category, channel); `travels_in` is the zone of those in China.
    """

    contacts: Mapping[int, ContactPoint]
    agreed: Collection[tuple[int, str, str]]
    ended: Collection[tuple[int, str, str]]
    suppressed: Collection[tuple[str, str, str]]
    travels_in: Mapping[int, str]


def read_facts(messages: Sequence[Message], now: datetime) -> ReachFacts:
    """Read what `ways_of` needs of the readers; at most four queries.

    Most people never chose anything: of them only the suppressed addresses are read, and where they
    are only for what waits for the day.
    """
    readers = {each.recipient.pk: each.recipient for each in messages if _is_personal(each)}
    chose = [pk for pk, reader in readers.items() if preference_of(reader) is not None]
    found = ContactPoint.objects.filter(
        user__in=chose, removed_at=None, verified_at__isnull=False
    ).order_by("pk")
    contacts = {contact.user_id: contact for contact in found} if chose else {}
    agreed, ended = _consents(chose)
    return ReachFacts(
        contacts=contacts,
        agreed=agreed,
        ended=ended,
        suppressed=_suppressions(readers.values(), contacts.values()),
        travels_in=zones_in_china(_asked_where(messages, contacts), now),
    )


def ways_of(message: Message, kind: Kind, facts: ReachFacts, now: datetime) -> Ways:
    """Return the ways for one message as the facts say."""
    if kind.to_contact:
        return _way_to_contact(message)
    reader = message.recipient
    if reader is None or kind.address_is_given:
        usable = {Channel.EMAIL.value} if message.address else set()
        return Ways((Channel.EMAIL,), frozenset(usable), (message.time_zone,))
    wishes = wishes_of(reader, kind.category, facts)
    place = _place(reader, wishes, kind, facts)
    preferred = wishes.preference.preferred if wishes.preference else ""
    spoken = _spoken(message, wishes, now)
    free = wishes.channels - _suppressed(reader, wishes.contact, kind.category, facts)
    return Ways(
        chain=routing.chain(preferred, in_china=place.in_china),
        usable=frozenset(each for each in free if each == Channel.EMAIL or spoken.get(each)),
        zone_names=place.zone_names,
        contact=wishes.contact,
        languages=spoken,
    )


def preference_of(user: User) -> ReachPreference | None:
    """Return what an account chose; no query where it was selected with the account."""
    try:
        return user.reach
    except ObjectDoesNotExist:
        return None


def wishes_of(user: User, category: str, facts: ReachFacts) -> Wishes:
    """Return preference, proven number and agreed channels of an account for a category."""
    preference = preference_of(user)
    contact = facts.contacts.get(user.pk)
    live = {each for each in Channel.values if (user.pk, category, each) in facts.agreed}
    ended = {each for each in Channel.values if (user.pk, category, each) in facts.ended}
    channels = _by_mail(category, frozenset(live), frozenset(ended))
    if contact is not None:
        channels |= {each for each in live if each in PHONE_CHANNELS}
    if contact is not None and contact.whatsapp_refused_at is not None:
        channels -= {Channel.WHATSAPP}
    return Wishes(preference, contact, channels)


def _is_personal(message: Message) -> bool:
    kind = kinds.get(message.kind)
    return message.recipient is not None and not (kind.to_contact or kind.address_is_given)


def _consents(accounts: Sequence[int]) -> tuple[set[tuple[int, str, str]], ...]:
    """Return what these accounts agreed to, and what they ended that goes without asking."""
    agreed: set[tuple[int, str, str]] = set()
    ended: set[tuple[int, str, str]] = set()
    if accounts:
        rows = ChannelConsent.objects.filter(user__in=accounts)
        rows = rows.filter(Q(withdrawn_at=None) | Q(given_at=None))
        for *key, withdrawn_at in rows.values_list("user", "category", "channel", "withdrawn_at"):
            (agreed if withdrawn_at is None else ended).add(tuple(key))
    return agreed, ended


def _suppressions(
    readers: Collection[User], contacts: Collection[ContactPoint]
) -> set[tuple[str, str, str]]:
    """Return the addresses of these people that bounced or complained (MS-07)."""
    own = [address_fingerprint(reader.email) for reader in readers]
    own += [contact.fingerprint for contact in contacts]
    if not own:
        return set()
    rows = Suppression.objects.filter(fingerprint__in=own, lifted_at=None)
    return set(rows.values_list("fingerprint", "category", "channel"))


def _asked_where(messages: Sequence[Message], contacts: Mapping[int, ContactPoint]) -> list[int]:
    """Return the accounts of which it matters where they are and who did not say: "abroad"."""
    asked = set()
    for message in messages:
        reader = message.recipient
        if reader is None or not _is_personal(message):
            continue
        matters = reader.pk in contacts or kinds.get(message.kind).timing is Timing.AWAKE
        preference = preference_of(reader)
        if matters and (preference is None or preference.place != Place.ABROAD):
            asked.add(reader.pk)
    return sorted(asked)


def _place(reader: User, wishes: Wishes, kind: Kind, facts: ReachFacts) -> Whereabouts:
    """Return where the person is; not asked where a mail is the only way and goes at any hour."""
    if wishes.contact is None and kind.timing is not Timing.AWAKE:
        return Whereabouts(False, (reader.time_zone,))
    travels_in = facts.travels_in.get(reader.pk, "")
    return place_of(reader, wishes.preference, wishes.contact, travels_in)


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


def _suppressed(
    user: User, contact: ContactPoint | None, category: str, facts: ReachFacts
) -> set[str]:
    """Return the channels whose address bounced or complained for this category (MS-07)."""
    own = [address_fingerprint(user.email)]
    if contact is not None:
        own.append(contact.fingerprint)
    return {
        channel
        for channel in Channel.values
        for fingerprint in own
        if (fingerprint, category, channel) in facts.suppressed
    }


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
