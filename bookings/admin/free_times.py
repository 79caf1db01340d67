"""Which times the desk can still give away."""

from bookings import policies
from bookings.access import slots_of_staff
from medtour.lib import clock

MOST_CHOICES = 80


def free_slots(user, offer_id, *, begin=None, end=None):
    """Return the soonest free times of an offer that this person's hospital can still give away."""
    now = clock.now()
    free = slots_of_staff(user).filter(
        offer_id=offer_id,
        is_open=True,
        starts_at__gte=max(begin or now, now + policies.BOOKING_NOTICE),
        last_confirmed_at__gte=now - policies.CONFIRMATION_FRESH,
    )
    if end:
        free = free.filter(starts_at__lt=end)
    first = free.order_by("starts_at", "pk").values("pk")[:MOST_CHOICES]
    return (
        slots_of_staff(user)
        .filter(pk__in=first)
        .select_related("doctor", "equipment")
        .order_by("starts_at", "pk")
    )
