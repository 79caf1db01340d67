"""What people write to our numbers: kept for staff; STOP and START are obeyed at once (MS-03)."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import User
from accounts.services import audit
from medtour.lib import clock
from messaging.addresses import address_fingerprint
from messaging.enums import Channel, Intent
from messaging.models import ContactPoint, InboundMessage
from messaging.services.whatsapp_users import contacts_of_user, note_whatsapp_user
from messaging.services.wishes import start_channel, stop_channel

# A reply that is one of these and nothing else. English ones count in every language, because that
# is what the carriers teach people.
STOP_WORDS = frozenset(
    {
        *("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "opt out"),
        *("停止", "退订", "取消", "停", "td"),
        *("стоп", "отписаться", "отмена", "отписка", "хватит"),
        *("berhenti", "henti", "batal", "berhenti berlangganan"),
        *("dừng", "dung", "ngừng", "hủy", "huy", "từ chối", "tu choi"),
        *("зогс", "зогсоо", "болих", "цуцлах"),
        *("توقف", "إيقاف", "ايقاف", "الغاء", "إلغاء", "قف"),
        *("arret", "arrêt", "arreter", "arrêter", "desabonner", "désabonner", "annuler"),
    }
)
# Words that may as well mean the appointment: obeyed as a stop, and kept open for staff to ask.
MAY_MEAN_MORE = frozenset(
    {
        *("cancel", "end", "quit", "取消", "отмена", "batal", "hủy", "huy", "цуцлах"),
        *("الغاء", "إلغاء", "annuler"),
    }
)
START_WORDS = frozenset(
    {
        *("start", "unstop", "subscribe", "resume"),
        *("开始", "订阅", "恢复"),
        *("старт", "подписаться", "начать"),
        *("mulai", "langganan"),
        *("bắt đầu", "bat dau", "đăng ký", "dang ky"),
        *("эхлэх", "эхлүүлэх", "захиалах"),
        *("ابدأ", "ابدا", "اشتراك", "بدء"),
        *("commencer", "reprendre", "abonner"),
    }
)


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from somebody's phone; `number` in E.164, `provider_id` unique on its channel.

    The number is blank where WhatsApp tells `whatsapp_user` only, its id of the person.
    """

    channel: Channel
    provider_id: str
    number: str
    body: str
    received_at: datetime
    whatsapp_user: str = ""


def intent_of(body: str) -> Intent:
    """Tell whether a reply is nothing but a word for stop or start, in any of our languages."""
    bare = _bare(body)
    if bare in STOP_WORDS:
        return Intent.STOP
    return Intent.START if bare in START_WORDS else Intent.WORDS


def receive(inbound: Inbound, *, now: datetime | None = None) -> bool:
    """Keep a reply once, open WhatsApp's window, obey it; returns whether it was new.

    A number may belong to several accounts, a couple for instance: a STOP counts for all of them.
    """
    now = now or clock.now()
    intent = intent_of(inbound.body)
    with transaction.atomic():
        contacts = _contacts_of(inbound)
        _row, is_new = InboundMessage.objects.get_or_create(
            channel=inbound.channel,
            provider_id=inbound.provider_id,
            defaults={
                "contact": contacts[0] if contacts else None,
                "number": inbound.number or inbound.whatsapp_user,
                "body": inbound.body,
                "intent": intent,
                "received_at": inbound.received_at,
                "done_at": None if _waits_for_staff(inbound, intent, contacts) else now,
            },
        )
        if not is_new:
            return False
        if inbound.channel == Channel.WHATSAPP:
            _open_window(contacts, inbound.received_at)
        if intent is Intent.STOP:
            stop_channel(contacts, inbound.channel, now=now)
        elif intent is Intent.START:
            start_channel(contacts, inbound.channel, now=now)
    return True


def mark_done(reply: InboundMessage, *, by: User, now: datetime | None = None) -> None:
    """Note that staff has dealt with a reply."""
    with transaction.atomic():
        rows = InboundMessage.objects.filter(pk=reply.pk, done_at=None)
        if rows.update(done_at=now or clock.now(), done_by=by):
            audit.record(by=by, action="desk.reply_done", target=f"messaging.inbound:{reply.pk}")


def _contacts_of(inbound: Inbound) -> list[ContactPoint]:
    """Find who writes by the number; without one by the user that receipts told of it."""
    if not inbound.number:
        live = contacts_of_user(inbound.whatsapp_user)
    else:
        fingerprint = address_fingerprint(inbound.number)
        if inbound.whatsapp_user:
            note_whatsapp_user(fingerprint, inbound.whatsapp_user)
        live = ContactPoint.objects.filter(fingerprint=fingerprint, removed_at=None)
    return list(live.exclude(verified_at=None).select_related("user").order_by("pk"))


def _open_window(contacts: list[ContactPoint], received_at: datetime) -> None:
    """Each message restarts the window; one that arrives late never shortens it (MS-01)."""
    rows = ContactPoint.objects.filter(pk__in=[each.pk for each in contacts])
    rows.filter(last_inbound_at=None).update(last_inbound_at=received_at)
    rows.update(last_inbound_at=Greatest(F("last_inbound_at"), received_at))


def _waits_for_staff(inbound: Inbound, intent: Intent, contacts: list[ContactPoint]) -> bool:
    """Tell whether somebody has to look: always where a hidden number left a wish unobeyed."""
    is_nobody_known = not inbound.number and not contacts
    return intent is Intent.WORDS or _bare(inbound.body) in MAY_MEAN_MORE or is_nobody_known


def _bare(body: str) -> str:
    """Return the words of a reply alone: lower case, without signs, one space between."""
    folded = unicodedata.normalize("NFC", body).casefold()
    return " ".join("".join(sign if _is_letter(sign) else " " for sign in folded).split())


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN"
