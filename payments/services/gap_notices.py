"""Which message goes out about an appointment whose deposit is gone; ids only."""

from bookings.models import Appointment
from messaging.services import Outgoing, queue
from payments.models import DepositGap


def missing(gap: DepositGap, appointment: Appointment) -> None:
    """Tell the booker that the bank gave the deposit back, and that the hospital decides."""
    _tell("payments.deposit_missing", gap, appointment)


def waived(gap: DepositGap, appointment: Appointment) -> None:
    """Tell the booker that the appointment stands without the deposit."""
    _tell("payments.deposit_waived", gap, appointment)


def _tell(kind: str, gap: DepositGap, appointment: Appointment) -> None:
    queue(
        Outgoing(
            kind=kind,
            recipient=appointment.kept_booker,
            dedupe_key=f"{kind}:{gap.public_id}",
            context={"gap": gap.public_id},
        )
    )
