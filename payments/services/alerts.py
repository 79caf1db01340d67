"""Telling people at the desk that something about money needs them; the same thing once."""

from typing import Any

import structlog

from hospitals.models import Hospital
from payments.models import MoneyAlert, Payment

log = structlog.get_logger(__name__)


def raise_alert(
    kind: MoneyAlert.Kind,
    key: str,
    *,
    hospital: Hospital | None = None,
    payment: Payment | None = None,
    **details: Any,
) -> bool:
    """Write an alert under its key; False when it is known. `details`: ids and codes only."""
    alert = MoneyAlert(
        kind=kind, key=key[:160], hospital=hospital, payment=payment, details=details
    )
    MoneyAlert.objects.bulk_create([alert], ignore_conflicts=True)
    is_new = MoneyAlert.objects.filter(public_id=alert.public_id).exists()
    if is_new:
        log.warning("money_alert", kind=kind, key=alert.key)
    return is_new
