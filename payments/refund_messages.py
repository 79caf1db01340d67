"""What each message about money going back shows, read again at the moment of sending (MS-05).

No message names a hospital, a treatment or a patient: it may go to a relative who paid a share.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from messaging.kinds import Kind, Ready, Suppressed, register
from payments.models import Refund, RefundClaim
from payments.refund_rules import REFUND_DAYS
from payments.transitions import LIVE_REFUND, RefundState

Context = Mapping[str, str]
REFUNDED = frozenset({"reference", "amount", "route", "first_days", "last_days", "page_url"})
CLAIM = frozenset({"reference", "page_url"})
BY_BANK = "bank_transfer"


def _page(case_public_id: str, context: Context) -> str:
    """Return the patient's page; whoever paid a share has no page of the case."""
    if context.get("for") == "payer":
        return ""
    return settings.SITE_URL.rstrip("/") + reverse("payments:case_money", args=[case_public_id])


def _values(refund: Refund, context: Context, *, route: str) -> dict[str, Any]:
    obligation = refund.payment.obligation
    first, last = REFUND_DAYS[route]
    return {
        "reference": obligation.transfer_reference,
        "amount": refund.amount.formatted(translation.get_language() or "en"),
        "route": route,
        "first_days": first,
        "last_days": last,
        "page_url": _page(obligation.case.public_id, context),
    }


def _refund(context: Context) -> Refund:
    return Refund.objects.select_related("payment__obligation__case").get(
        public_id=context["refund"]
    )


def refunded(context: Context, *, states: tuple[str, ...]) -> Ready | Suppressed:
    """Show a refund while it is in one of these states."""
    refund = _refund(context)
    if refund.state not in states:
        return Suppressed(f"refund is {refund.state}")
    return Ready(_values(refund, context, route=refund.route))


def failed(context: Context) -> Ready | Suppressed:
    """Say that the bank sent a refund back, and that it now comes by bank transfer."""
    refund = _refund(context)
    if refund.state != RefundState.FAILED:
        return Suppressed(f"refund is {refund.state}")
    return Ready(_values(refund, context, route=BY_BANK))


def claim_refused(context: Context) -> Ready | Suppressed:
    """Say that the hospital decided; why is only told behind the link."""
    claim = RefundClaim.objects.select_related("obligation__case").get(public_id=context["claim"])
    if claim.state != RefundClaim.State.REFUSED:
        return Suppressed(f"claim is {claim.state}")
    obligation = claim.obligation
    page = _page(obligation.case.public_id, context)
    return Ready({"reference": obligation.transfer_reference, "page_url": page})


def _kind(
    name: str, placeholders: frozenset[str], resolve: Callable[[Context], Ready | Suppressed]
) -> Kind:
    return register(Kind(f"payments.{name}", placeholders, resolve))


_kind("refund_begun", REFUNDED, partial(refunded, states=LIVE_REFUND))
_kind("refund_done", REFUNDED, partial(refunded, states=(RefundState.SUCCEEDED,)))
_kind("refund_failed", REFUNDED, failed)
_kind("claim_refused", CLAIM, claim_refused)
