"""Seating the demonstration's insurer officer at a company of the list."""

from accounts.models import User
from hospitals.models import Insurer
from payments.models import InsurerOfficer

OFFICER_EMAIL = "officer@insurer.example"
INSURER_SLUG = "cigna-cmb"


def seat_the_officer() -> None:
    """Let the demonstration officer see one listed company; does nothing when either is missing."""
    officer = User.objects.filter(email=OFFICER_EMAIL, is_demonstration=True).first()
    insurer = Insurer.objects.filter(slug=INSURER_SLUG).first()
    if officer and insurer:
        InsurerOfficer.objects.get_or_create(user=officer, defaults={"insurer": insurer})
