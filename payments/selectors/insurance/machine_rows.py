"""Which rows a program of an insurer may see: its own insurer's, and nobody's else (DP-02)."""

from django.db.models import Q, QuerySet

from bookings.models import Appointment
from hospitals.models import Hospital, Insurer
from medtour.lib import clock
from payments.models import (
    AskedThrough,
    Coverage,
    EligibilityCheck,
    Guarantee,
    GuaranteeEvent,
    MachineClient,
)
from payments.transitions import GuaranteeState

G = GuaranteeState
# Only while a promise lives does the insurer see when its member comes.
LIVE = (G.SUBMITTED, G.MORE_INFO, G.APPROVED)
# What waits for somebody, and what an insurer has decided.
WAITING = (G.DRAFT, G.SUBMITTED, G.MORE_INFO)
DECIDED = (G.APPROVED, G.DECLINED, G.TOPPED_UP, G.USED)


def checks_of(insurer: Insurer) -> QuerySet[EligibilityCheck]:
    """The answers that programs of this insurer got; a patient's own questions are not theirs."""
    return EligibilityCheck.objects.filter(insurer=insurer, asked_through=AskedThrough.API)


def guarantees_of(insurer: Insurer) -> QuerySet[Guarantee]:
    """The requests that were sent to this insurer, and those that its own programs began.

    Any other draft is the hospital's and the patient's alone.
    """
    clients = MachineClient.objects.filter(insurer=insurer).values("client_id")
    begun = GuaranteeEvent.objects.filter(action="draft", client_id__in=clients)
    rows = Guarantee.objects.filter(
        Q(submitted_at__isnull=False) | Q(pk__in=begun.values("guarantee")), insurer=insurer
    )
    return rows.select_related("hospital", "coverage", "member", "insurer")


def coverages_of(insurer: Insurer) -> QuerySet[Coverage]:
    """The coverages of this insurer's members that are not replaced."""
    rows = Coverage.objects.filter(
        member__insurer=insurer, plan__insurer=insurer, superseded_at=None
    )
    return rows.select_related("member", "plan")


def hospitals_of(insurer: Insurer) -> QuerySet[Hospital]:
    """The hospitals in a network of this insurer today."""
    today = clock.now().date()
    return (
        Hospital.objects.filter(
            Q(network_places__valid_until=None) | Q(network_places__valid_until__gte=today),
            network_places__network__insurer=insurer,
            network_places__valid_from__lte=today,
            network_places__superseded_at=None,
        )
        .order_by("slug")
        .distinct()
    )


def appointments_of(insurer: Insurer) -> QuerySet[Appointment]:
    """The appointments that a living request or promise of this insurer is for.

    Sharing needs the patient's consent, which is checked when a request is sent; a withdrawn
    consent closes the appointment again.
    """
    rows = Appointment.objects.filter(
        guarantees__insurer=insurer,
        guarantees__state__in=LIVE,
        patient__consents__purpose="insurer_transfer",
        patient__consents__recipient=insurer.slug,
        patient__consents__withdrawn_at=None,
    )
    return rows.select_related("slot", "hospital").order_by("pk").distinct()
