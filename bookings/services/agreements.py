"""Whether a person's details may still go to a hospital, asked again at the moment of accepting."""

import datetime as dt
from collections.abc import Iterable

from accounts.models.consent import Purpose
from accounts.services.consents import GivenConsent, give_consents, has_consent
from bookings.models import Appointment
from bookings.refusals import TransferNotAgreed


def check_transfer(
    appointment: Appointment, *, consents: Iterable[GivenConsent], now: dt.datetime
) -> None:
    """Record what was agreed to just now, and raise TransferNotAgreed when it is not enough.

    A person who withdrew the agreement while a time was on offer must give it again first.
    """
    patient, hospital = appointment.kept_patient, appointment.hospital
    give_consents(patient, consents, now=now)
    if not has_consent(patient, Purpose.HOSPITAL_TRANSFER, hospital.slug):
        raise TransferNotAgreed
