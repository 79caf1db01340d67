"""Which message goes out when money goes back; ids only, the words come at sending."""

from messaging.services import Outgoing, queue
from payments.models import Payment, Refund


def begun(refund: Refund) -> None:
    _tell("payments.refund_begun", refund)


def done(refund: Refund) -> None:
    _tell("payments.refund_done", refund)


def failed(refund: Refund) -> None:
    _tell("payments.refund_failed", refund)


def _tell(kind: str, refund: Refund) -> None:
    """Tell whoever paid, and the account that looks after the case when that is another one."""
    payment = refund.payment
    context = {"refund": refund.public_id}
    key = f"{kind}:{refund.public_id}"
    keeper = payment.obligation.case.patient.account
    outgoing = [Outgoing(kind=kind, recipient=keeper, dedupe_key=key, context=context)]
    payer = payment.payer
    if payer is not None and payer.pk != keeper.pk:
        theirs = {**context, "for": "payer"}
        outgoing.append(
            Outgoing(kind=kind, recipient=payer, dedupe_key=f"{key}:payer", context=theirs)
        )
    elif payer is None and payment.payer_email:
        outgoing.append(_by_address(kind, payment, key, context))
    queue(*outgoing)


def _by_address(kind: str, payment: Payment, key: str, context: dict[str, str]) -> Outgoing:
    return Outgoing(
        kind=kind,
        recipient=None,
        dedupe_key=f"{key}:payer",
        context={**context, "for": "payer"},
        address=payment.payer_email,
        locale=payment.language,
    )
