"""Giving and withdrawing consent; each purpose on its own, with the words that were shown."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Consent, Patient
from medtour.lib import clock


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """One ticked box: purpose, the recipient's slug or "", the exact text and its language."""

    purpose: str
    recipient: str
    text: str
    language: str
    text_version: str = "2026-11"


def give_consents(
    patient: Patient, consents: Iterable[GivenConsent], *, now: dt.datetime | None = None
) -> None:
    """Record every ticked box; one that is already live stays as it was (PR-01)."""
    given_at = now or clock.now()
    Consent.objects.bulk_create(
        [
            Consent(
                patient=patient,
                purpose=given.purpose,
                recipient=given.recipient,
                text_version=given.text_version,
                text_sha256=hashlib.sha256(given.text.encode()).hexdigest(),
                language=given.language,
                given_at=given_at,
            )
            for given in consents
        ],
        ignore_conflicts=True,
    )


def withdraw_consent(consent: Consent, *, now: dt.datetime | None = None) -> None:
    """End a consent from now on; what was sent before stays sent."""
    Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(withdrawn_at=now or clock.now())


def has_consent(patient: Patient, purpose: str, recipient: str = "") -> bool:
    """Tell whether a live consent for this purpose and recipient exists."""
    return Consent.objects.filter(
        patient=patient, purpose=purpose, recipient=recipient, withdrawn_at=None
    ).exists()
