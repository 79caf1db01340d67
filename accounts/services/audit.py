"""The only place that writes the audit trail."""

import structlog

from accounts.models import AuditEntry, User


def record(
    *,
    by: User | None,
    action: str,
    target: str,
    patient_public_id: str = "",
    hospital_slug: str = "",
    reason: str = "",
) -> None:
    """Note who did what to which record, without names or contents (PR-07).

    `target` is "app.model:public id"; the request id is taken from the logging context.
    """
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    AuditEntry.objects.create(
        user=by,
        action=action,
        target=target,
        patient_public_id=patient_public_id,
        hospital_slug=hospital_slug,
        reason=reason[:300],
        request_id=request_id,
    )
