"""Whether a confirmed appointment has the money that its offer demands, or a decision about it."""

from django.db.models import Q, QuerySet, Sum

from bookings.models import Appointment
from bookings.transitions import AppointmentState
from medtour.lib.money import Money
from payments.models import DepositGap, Obligation, ObligationKind
from payments.selectors.balances import paid_in

COUNTED = (DepositGap.State.OPEN, DepositGap.State.KEPT)
TO_DECIDE = Q(
    state=DepositGap.State.OPEN, obligation__appointment__state=AppointmentState.CONFIRMED
)


def confirmed_appointment(obligation: Obligation) -> Appointment | None:
    """Return the appointment, as it is now, that stands on this deposit; None for any other."""
    if obligation.kind != ObligationKind.DEPOSIT or obligation.appointment_id is None:
        return None
    return (
        Appointment.objects.filter(pk=obligation.appointment_id, state=AppointmentState.CONFIRMED)
        .select_related("hospital", "booker", "slot")
        .first()
    )


def missing_of(obligation: Obligation) -> Money:
    """Return what of a deposit is not there, was not waived, and waits for nobody's decision."""
    return Money(max(obligation.amount_minor - _accounted_for(obligation), 0), obligation.currency)


def _accounted_for(obligation: Obligation) -> int:
    known = DepositGap.objects.filter(obligation=obligation, state__in=COUNTED)
    decided = known.aggregate(total=Sum("missing_minor"))["total"] or 0
    return paid_in(obligation).minor + int(decided)


def leaves_a_gap(obligation: Obligation, counted: Money) -> bool:
    """Tell whether giving `counted` back leaves a confirmed appointment without its deposit."""
    if confirmed_appointment(obligation) is None or counted.minor <= 0:
        return False
    return _accounted_for(obligation) - counted.minor < obligation.amount_minor


def to_decide(gaps: QuerySet[DepositGap]) -> QuerySet[DepositGap]:
    """Return those whose appointment still stands and nobody decided on."""
    return gaps.filter(TO_DECIDE)
