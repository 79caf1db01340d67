"""Signed links that open one appointment without signing in."""

from django.core import signing

from bookings.models import Appointment

SALT = "bookings.appointment-link"
MAX_AGE_SECONDS = 60 * 60 * 24 * 400


def sign_appointment(appointment: Appointment) -> str:
    """Return a token for the manage link in a message; it names no person."""
    return signing.dumps(appointment.public_id, salt=SALT)


def appointment_from_token(token: str) -> Appointment | None:
    """Return the appointment of a token; None when forged, too old or without a booker."""
    try:
        public_id = signing.loads(token, salt=SALT, max_age=MAX_AGE_SECONDS)
    except signing.BadSignature:
        return None
    return (
        Appointment.objects.filter(public_id=public_id, booker__is_active=True, case__isnull=False)
        .select_related(
            "slot__offer__treatment", "slot__doctor", "hospital__city", "booker", "case"
        )
        .first()
    )
