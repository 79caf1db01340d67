"""A sample guest's bookings, so that a full day and a nearly full one can be seen."""

import datetime as dt

from accounts.models import Patient
from bookings.models import Appointment, Slot
from bookings.services.appointments import book_slot
from bookings.services.demonstration.fixtures import read
from hospitals.models import Offer
from medtour.lib import clock

BUSY_HOSPITAL = "ruijin-hospital"
BUSY_TREATMENT = "mri-scan"
DAYS_AHEAD = 3
LANGUAGE = "en"


def book_a_busy_day() -> int:
    """Book one whole day and all but one time of the next, once; returns how many times."""
    patient = Patient.objects.select_related("account").filter(account__email=_email()).first()
    if not patient or Appointment.objects.filter(patient=patient).exists():
        return 0
    days = list(_days().values())[:2]
    wanted = [*days[0], *days[1][:-1]] if len(days) == 2 else []
    for slot in wanted:
        book_slot(slot, patient=patient, by=patient.account, language=LANGUAGE)
    return len(wanted)


def _email() -> str:
    accounts = read("people")["account"]
    return next(entry["email"] for entry in accounts if entry["role"] == "guest")


def _days() -> dict[dt.date, list[Slot]]:
    """Return the scanner's open times by day, from some days ahead.

    The offers are read first: right after loading the planner knows nothing of the tables' sizes.
    """
    offers = Offer.objects.filter(
        hospital__slug=BUSY_HOSPITAL, treatment__slug=BUSY_TREATMENT, is_demonstration=True
    )
    slots = Slot.objects.filter(
        offer_id__in=list(offers.values_list("pk", flat=True)),
        is_open=True,
        starts_at__gt=clock.now() + dt.timedelta(days=DAYS_AHEAD),
    ).select_related("offer", "hospital")
    days: dict[dt.date, list[Slot]] = {}
    for slot in slots.order_by("starts_at")[:40]:
        day = clock.local(slot.starts_at, slot.hospital.time_zone).date()
        days.setdefault(day, []).append(slot)
    return days
