"""The refunds that belong to one appointment."""

from bookings.models import Appointment
from payments.models import Refund


def refunds_of(appointment: Appointment) -> list[Refund]:
    """Return the refunds of what was paid for an appointment, oldest first."""
    return list(
        Refund.objects.filter(payment__obligation__appointment=appointment)
        .select_related("payment")
        .order_by("pk")
    )
