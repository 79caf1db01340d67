"""What "How we reach you" shows of one account, read with a fixed number of queries."""

from dataclasses import dataclass

from accounts.models import User
from messaging.addresses import address_fingerprint
from messaging.channels.registry import offered_channels
from messaging.enums import Category, Channel
from messaging.models import ChannelConsent, ContactPoint, ReachPreference, Suppression


@dataclass(frozen=True)
class ReachPage:
    """The number (proven or waiting for its code), the boxes as they stand, and what is wrong."""

    contact: ContactPoint | None
    offered: list[Channel]
    initial: dict[str, object]
    mail_bounced: bool

    @property
    def is_proven(self) -> bool:
        return self.contact is not None and self.contact.verified_at is not None

    @property
    def waits_for_code(self) -> bool:
        return self.contact is not None and self.contact.verified_at is None

    @property
    def phone_channels(self) -> list[Channel]:
        """Channels that can be chosen: those of the site, once there is a number for them."""
        return self.offered if self.is_proven else []


def reach_page(user: User) -> ReachPage:
    """Return the page of an account; four queries."""
    preference = ReachPreference.objects.filter(user=user).first() or ReachPreference(user=user)
    initial: dict[str, object] = {
        "preferred": preference.preferred,
        "place": preference.place,
        "second_language": preference.second_language,
        f"{Category.FOLLOW_UP}_{Channel.EMAIL}": True,
    }
    rows = list(ChannelConsent.objects.filter(user=user).order_by("pk"))
    for consent in rows:
        initial[f"{consent.category}_{consent.channel}"] = False
    for consent in rows:
        if consent.withdrawn_at is None:
            initial[f"{consent.category}_{consent.channel}"] = True
    bounced = Suppression.objects.filter(
        fingerprint=address_fingerprint(user.email),
        channel=Channel.EMAIL,
        category=Category.SERVICE,
        lifted_at=None,
    )
    return ReachPage(
        contact=ContactPoint.objects.filter(user=user, removed_at=None).first(),
        offered=offered_channels(),
        initial=initial,
        mail_bounced=bounced.exists(),
    )
