"""Passing a person's data on: only with a live agreement, always written down (PR-01, PR-02)."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.models import Consent, Disclosure, Patient, RecipientKind
from accounts.models.consent import Purpose
from medtour.lib import clock
from medtour.lib.errors import Refusal

CONSENT_FOR = {
    RecipientKind.HOSPITAL: Purpose.HOSPITAL_TRANSFER,
    RecipientKind.INSURER: Purpose.INSURER_TRANSFER,
}


class SharingNotAgreed(Refusal):
    code = "sharing_not_agreed"

    def __init__(self) -> None:
        super().__init__(
            _("The patient has not agreed that this goes to them. Please ask the patient first.")
        )


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives data: a hospital or an insurer by its slug, and its country's code."""

    kind: str
    slug: str
    country: str = ""


def live_consent(patient: Patient, recipient: Recipient) -> Consent:
    """Return the live agreement for this recipient; raises SharingNotAgreed without one."""
    found = Consent.objects.filter(
        patient=patient,
        purpose=CONSENT_FOR[RecipientKind(recipient.kind)],
        recipient=recipient.slug,
        withdrawn_at=None,
    ).first()
    if found is None:
        raise SharingNotAgreed
    return found


def disclose(
    patient: Patient,
    *,
    to: Recipient,
    what: Collection[str],
    about: str,
    now: dt.datetime | None = None,
) -> Disclosure:
    """Write down that data goes to somebody now; raises SharingNotAgreed.

    Call it in the transaction that makes the data visible to them.
    """
    return Disclosure.objects.create(
        patient=patient,
        consent=live_consent(patient, to),
        recipient_kind=to.kind,
        recipient=to.slug,
        country=to.country,
        what=sorted(what),
        about=about,
        at=now or clock.now(),
    )
