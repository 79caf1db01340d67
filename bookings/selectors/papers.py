"""The rows behind the papers of a booking, with all that a paper shows."""

from django.db.models import QuerySet

from bookings.models import Appointment
from bookings.selectors.care import with_place
from bookings.transitions import AppointmentState

# A voucher for anything else would promise a place that nobody keeps.
GOOD_FOR = (AppointmentState.CONFIRMED, AppointmentState.ARRIVED)


def with_papers(appointments: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Return the appointments that have papers, joined with what these show."""
    joined = ("booker", "slot__offer__visit_preparation")
    return with_place(appointments).filter(state__in=GOOD_FOR).select_related(*joined)


def papered_again(appointment: Appointment) -> Appointment | None:
    """Return an appointment as its papers need it, or None when it has none now."""
    return with_papers(Appointment.objects.filter(pk=appointment.pk)).first()
