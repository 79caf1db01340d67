"""The state of a refund as the desk reads it: one that waits for a person says for whom."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.models import Place, Refund, RefundRoute
from payments.transitions import RefundState

APPROVAL, BY_BANK, NOT_APPROVED = "approval", "by_bank", "not_approved"
REFUND_CHIPS: dict[str, str | None] = {
    APPROVAL: "warning",
    BY_BANK: "warning",
    NOT_APPROVED: None,
    RefundState.CREATED: "info",
    RefundState.PENDING: "info",
    RefundState.SUCCEEDED: "success",
    RefundState.FAILED: "danger",
}


def refund_state(refund: Refund) -> tuple[str, str | Promise]:
    """Return the state's sign and its words."""
    if refund.state == RefundState.CREATED and refund.needs_approval and not refund.approved_by_id:
        return APPROVAL, _("Waits for approval")
    if refund.state == RefundState.CREATED and refund.route == RefundRoute.BANK_TRANSFER:
        return BY_BANK, _("To be paid by bank")
    if refund.state == RefundState.FAILED and refund.failure_code == NOT_APPROVED:
        return NOT_APPROVED, _("Not approved")
    return refund.state, refund.get_state_display()


def place_text(refund: Refund) -> str | Promise:
    """Return what was decided about the appointment that stood on this money."""
    return Place(refund.place).label if refund.place else "–"
