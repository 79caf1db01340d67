"""What shall become of money that a card keeps; `collecting` tells the gateway later."""

from medtour.lib.money import Money
from payments.models import Payment


def want_release(payment: Payment) -> None:
    """Write down that a card shall be let go."""
    payment.wanted, payment.collect_next_at = Payment.Wanted.RELEASE, None
    payment.save(
        update_fields=["wanted", "collect_next_at", "intent_id", "method", "capture_before"]
    )


def end_with(payment: Payment, back: Money) -> None:
    """Write down what a cancelled appointment leaves of a reservation, `back` being the payer's.

    All of it: the card is let go and never charged. A part: it is collected and the part refunded.
    """
    if back.minor >= payment.charge_minor:
        want_release(payment)
        return
    payment.wanted, payment.back_minor = Payment.Wanted.COLLECT, back.minor
    payment.collect_next_at = None
    payment.save(update_fields=["wanted", "back_minor", "collect_next_at"])
