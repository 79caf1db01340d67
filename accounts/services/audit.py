"""The only place that writes the audit trail."""

import datetime as dt
from typing import Any

import structlog

from accounts.models import AuditEntry, User

INSERTION = """
INSERT INTO accounts_auditentry
       (at, user_id, action, target, patient_public_id, hospital_slug, reason, request_id)
SELECT %(audit_at)s, %(audit_user)s, %(audit_action)s, %(audit_target)s, %(audit_patient)s,
       %(audit_hospital)s, %(audit_reason)s, %(audit_request)s
"""


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


def insertion(
    *,
    by: User | None,
    action: str,
    target: str,
    at: dt.datetime,
    patient_public_id: str = "",
    hospital_slug: str = "",
) -> tuple[str, dict[str, Any]]:
    """Return the statement of `record` and its values, for use inside another one.

    Where FROM follows it, it writes as many entries as there are rows. A caller with a reason puts
    it in as `audit_reason`.
    """
    return INSERTION, {
        "audit_at": at,
        "audit_user": by.pk if by else None,
        "audit_action": action,
        "audit_target": target,
        "audit_patient": patient_public_id,
        "audit_hospital": hospital_slug,
        "audit_reason": "",
        "audit_request": structlog.contextvars.get_contextvars().get("request_id", ""),
    }
