"""Changing the words of a kind: a closed list of placeholders, a new version each time (MS-11)."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import audit
from medtour.lib import clock, locks
from medtour.lib.errors import Refusal
from messaging import kinds
from messaging.models import WordingVersion
from messaging.wordings import allowed_placeholders, has_loose_brace, unknown_placeholders

LONGEST_SUBJECT = 150
LONGEST_WORDS = 4000


class UnknownPlaceholder(Refusal):
    code = "unknown_placeholder"
    status = 422

    def __init__(self, name: str, allowed: list[str]) -> None:
        known = ", ".join(f"{{{each}}}" for each in allowed) or "–"
        super().__init__(
            format_lazy(
                _("“{name}” is not something we can fill in here. You can use: {known}."),
                name=name,
                known=known,
            )
        )


class LooseBrace(Refusal):
    code = "loose_brace"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("A curly bracket is open or closed without the other one."))


class NotChangeable(Refusal):
    code = "not_changeable"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("The words of this message are fixed."))


class TooLong(Refusal):
    code = "too_long"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("This text is too long for a message."))


def check_wording(kind: str, part: str, text: str) -> None:
    """Refuse what could not be filled in; raises UnknownPlaceholder, LooseBrace and others."""
    if kind not in kinds.all_kinds() or kinds.get(kind).to_contact:
        raise NotChangeable
    is_subject = part == WordingVersion.Part.SUBJECT
    if len(text) > (LONGEST_SUBJECT if is_subject else LONGEST_WORDS):
        raise TooLong
    if unknown := unknown_placeholders(kind, text):
        raise UnknownPlaceholder(unknown[0], allowed_placeholders(kind))
    if has_loose_brace(text):
        raise LooseBrace


def write_wording(
    kind: str, part: str, language: str, *, text: str, by: User, now: datetime | None = None
) -> WordingVersion:
    """Put a new text in use from the next message on; an empty one brings the shipped text back."""
    text = text.strip()
    check_wording(kind, part, text)
    if language not in dict(settings.LANGUAGES):
        raise NotChangeable
    with transaction.atomic():
        locks.wait_for_turn(f"wording:{kind}:{language}")
        own = WordingVersion.objects.filter(kind=kind, language=language)
        last = own.aggregate(last=Max("version"))["last"] or 0
        own.filter(part=part, is_live=True).update(is_live=False)
        row = own.create(
            kind=kind,
            part=part,
            language=language,
            version=last + 1,
            text=text,
            created_by=by,
            created_at=now or clock.now(),
        )
        audit.record(by=by, action="desk.wording_changed", target=f"messaging.wording:{row.pk}")
    return row
