"""Signed links that open one appointment, some questions or one letter without signing in."""

from django.core import signing

from bookings.models import Appointment, FollowUpTask, HandBack

SALT = "bookings.appointment-link"
MAX_AGE_SECONDS = 60 * 60 * 24 * 400


def sign_appointment(appointment: Appointment) -> str:
    """Return a token for the manage link in a message; it names no person."""
    return signing.dumps(appointment.public_id, salt=SALT)


def appointment_from_token(token: str) -> Appointment | None:
    """Return the appointment of a token; None when forged, too old or without a booker."""
    public_id = _read(token, salt=SALT, max_age=MAX_AGE_SECONDS)
    return (
        Appointment.objects.filter(public_id=public_id, booker__is_active=True, case__isnull=False)
        .select_related(
            "slot__offer__treatment", "slot__doctor", "hospital__city", "booker", "case"
        )
        .first()
    )


FOLLOW_UP_SALT = "bookings.follow-up-link"
FOLLOW_UP_SECONDS = 60 * 60 * 24 * 30
HAND_BACK_SALT = "bookings.hand-back-link"
HAND_BACK_SECONDS = 60 * 60 * 24 * 180


def sign_follow_up(task: FollowUpTask) -> str:
    """Return a token for the link to some questions; it names no person and lasts 30 days."""
    return signing.dumps(task.public_id, salt=FOLLOW_UP_SALT)


def follow_up_from_token(token: str) -> FollowUpTask | None:
    """Return the questions of a token; None when forged or too old."""
    public_id = _read(token, salt=FOLLOW_UP_SALT, max_age=FOLLOW_UP_SECONDS)
    joined = ("case__patient__account", "case__hospital__city", "plan")
    return FollowUpTask.objects.select_related(*joined).filter(public_id=public_id).first()


def sign_hand_back(hand_back: HandBack) -> str:
    """Return a token for the home doctor's link; it names no person and lasts 180 days."""
    return signing.dumps(hand_back.public_id, salt=HAND_BACK_SALT)


def hand_back_from_token(token: str) -> HandBack | None:
    """Return the letter of a token; None when forged or too old."""
    public_id = _read(token, salt=HAND_BACK_SALT, max_age=HAND_BACK_SECONDS)
    joined = ("discharge__case__patient", "discharge__case__hospital__city")
    return HandBack.objects.select_related(*joined).filter(public_id=public_id).first()


def _read(token: str, *, salt: str, max_age: int) -> str:
    """Return the public id in a token; "", which nothing has, when forged or too old."""
    try:
        return signing.loads(token, salt=salt, max_age=max_age)
    except signing.BadSignature:
        return ""
