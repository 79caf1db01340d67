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
    appointment = payment.obligation.appointment
    assert appointment is not None  # noqa: S101
    queue(
        Outgoing(
            kind="payments.place_lost",
            recipient=appointment.booker,
            dedupe_key=f"payments.place_lost:{payment.public_id}",
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
