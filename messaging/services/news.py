"""Taking in what providers post: receipts, replies, bounces; each once, whatever its order."""

from collections.abc import Iterable

from accounts.models import User
from messaging.channels.mail_news import MailNews
from messaging.models import DeliveryAttempt, Suppression
from messaging.services.inbound import Inbound, receive
from messaging.services.receipts import Receipt, record_receipt
from messaging.services.suppressions import suppress_address


def take_in(news: Iterable[Receipt | Inbound]) -> None:
    """Record receipts and replies of a phone channel."""
    for each in news:
        if isinstance(each, Receipt):
            record_receipt(each)
        else:
            receive(each)


def take_in_mail(news: Iterable[MailNews]) -> None:
    """Record receipts of mails, and stop using addresses that bounced or complained (MS-07).

    The address comes before the receipt: the message must not take the same way again.
    """
    for each in news:
        if each.address and (each.bounced or each.complained):
            reason = Suppression.Reason.BOUNCE if each.bounced else Suppression.Reason.COMPLAINT
            suppress_address(each.address, reason=reason, user=_reader(each))
        if each.receipt is not None:
            record_receipt(each.receipt)


def _reader(news: MailNews) -> User | None:
    key = news.receipt.key if news.receipt else ""
    public_id, _dot, number = key.partition(".")
    if not number.isdecimal():
        return None
    found = DeliveryAttempt.objects.filter(message__public_id=public_id, number=int(number))
    attempt = found.select_related("message__recipient").first()
    return attempt.message.recipient if attempt else None
