"""Which message goes out about an appointment whose deposit is gone; ids only."""

from bookings.models import Appointment
from messaging.services import Outgoing, queue
from payments.models import DepositGap


def missing(gap: DepositGap, appointment: Appointment) -> None:
    """Tell the booker that the deposit is not there any more, and that the hospital decides."""
    kind = "deposit_missing" if gap.dispute_id else "deposit_not_collected"
    _tell(f"payments.{kind}", gap, appointment)


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
