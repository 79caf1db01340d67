"""Which message goes out about a deposit; ids only, the words come at sending."""

from messaging.services import Outgoing, queue
from payments.models import Obligation, Payment


def deposit_paid(obligation: Obligation) -> None:
    """Tell the booker that the deposit is in."""
    assert obligation.appointment is not None  # noqa: S101
    queue(
        Outgoing(
            kind="payments.deposit_paid",
            recipient=obligation.appointment.booker,
            dedupe_key=f"payments.deposit_paid:{obligation.public_id}",
            context={"obligation": obligation.public_id},
        )
    )


def place_lost(payment: Payment) -> None:
    """Tell the booker that money came too late and goes back in full."""
    _tell_booker("payments.place_lost", payment)


def deposit_reserved(payment: Payment) -> None:
    """Tell the booker that the card keeps the deposit, and when it is collected."""
    _tell_booker("payments.deposit_reserved", payment)


def deposit_released(payment: Payment) -> None:
    """Tell the booker that the card was let go without being charged."""
    _tell_booker("payments.deposit_released", payment)


def _tell_booker(kind: str, payment: Payment) -> None:
    appointment = payment.obligation.appointment
    assert appointment is not None  # noqa: S101
    queue(
        Outgoing(
            kind=kind,
            recipient=appointment.booker,
            dedupe_key=f"{kind}:{payment.public_id}",
            context={"payment": payment.public_id},
        )
    )


def share_paid(payment: Payment) -> None:
    """Thank somebody without an account who paid a share and left an address."""
    if payment.payer_id or not payment.payer_email:
        return
    queue(
        Outgoing(
            kind="payments.share_paid",
            recipient=None,
            dedupe_key=f"payments.share_paid:{payment.public_id}",
            context={"payment": payment.public_id},
            address=payment.payer_email,
            locale=payment.language,
        )
    )
