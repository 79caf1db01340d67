"""What each message about a claim shows, read again at the moment of sending (MS-05).

No message names a patient, a treatment, an illness or a sum: they are behind the link.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from medtour.lib import wording
from messaging.kinds import Kind, Ready, Suppressed, register
from payments.models import InsuranceClaim
from payments.transitions import SHORTFALL, ClaimState

Context = Mapping[str, str]
SHORT = frozenset({"reference", "page_url", "hospital_name"})
WITH_ALL = ("bill__quote__case", "hospital")


def _claim(context: Context) -> InsuranceClaim:
    return InsuranceClaim.objects.select_related(*WITH_ALL).get(public_id=context["claim"])


def _values(claim: InsuranceClaim, view: str, key: object) -> dict[str, Any]:
    path = reverse(view, args=[key] if key else [])
    return {
        "reference": claim.reference,
        "hospital_name": claim.hospital.name,
        "page_url": settings.SITE_URL.rstrip("/") + path,
    }


def _untrue(claim: InsuranceClaim, context: Context) -> Suppressed | None:
    if str(claim.row_version) == context["row_version"]:
        return None
    return Suppressed("claim has changed")


def of_officer(context: Context) -> Ready | Suppressed:
    """Tell an insurer's officer of a claim or an appeal that waits for them."""
    claim = _claim(context)
    if claim.state not in (ClaimState.SUBMITTED, ClaimState.APPEALED):
        return Suppressed(f"claim is {claim.state}")
    return Ready(_values(claim, "payments:insurer_desk", None))


def of_shortfall(context: Context) -> Ready | Suppressed:
    """Tell the money desk of a shortfall while it can still answer it, with the last day."""
    claim = _claim(context)
    if claim.state not in SHORTFALL:
        return Suppressed(f"claim is {claim.state}")
    until = claim.appeal_until
    language = translation.get_language() or "en"
    return Ready(
        _desk_values(claim)
        | {"appeal_until": wording.written_date(until, language) if until else ""}
    )


def of_answer(context: Context) -> Ready | Suppressed:
    """Tell the money desk that the insurer answered an appeal."""
    claim = _claim(context)
    return _untrue(claim, context) or Ready(_desk_values(claim))


def of_patient(context: Context) -> Ready | Suppressed:
    """Tell the patient where their insurer's part stands; how much is on the page."""
    claim = _claim(context)
    if claim.state not in (ClaimState.PAID, ClaimState.CLOSED):
        return Suppressed(f"claim is {claim.state}")
    return Ready(_values(claim, "payments:case_money", claim.bill.quote.case.public_id))


def _desk_values(claim: InsuranceClaim) -> dict[str, Any]:
    return _values(claim, "admin:payments_insuranceclaim_change", claim.pk)


def _kind(
    name: str, placeholders: frozenset[str], resolve: Callable[[Context], Ready | Suppressed]
) -> Kind:
    return register(Kind(f"payments.claim_{name}", placeholders, resolve))


_kind("officer", SHORT, of_officer)
_kind("short", SHORT | {"appeal_until"}, of_shortfall)
_kind("answered", SHORT, of_answer)
_kind("settled", SHORT, of_patient)
_kind("returned", SHORT, of_patient)
