"""Telling people at the desk that something about money needs them; the same thing once."""

import datetime as dt
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import audit
from bookings.refusals import ReasonMissing
from hospitals.models import Hospital
from medtour.lib import clock
from medtour.lib.errors import Refusal
from medtour.lib.locks import busy_is_a_refusal, lock_row
from payments.models import MoneyAlert, Payment

log = structlog.get_logger(__name__)


class AlertResolved(Refusal):
    code = "alert_resolved"

    def __init__(self) -> None:
        super().__init__(_("Somebody has dealt with this alert already."))


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


def resolve_alert(
    alert: MoneyAlert, *, by: User, note: str, now: dt.datetime | None = None
) -> MoneyAlert:
    """Close an alert with what was done about it; raises ReasonMissing or AlertResolved."""
    if not note.strip():
        raise ReasonMissing
    with busy_is_a_refusal(), transaction.atomic():
        locked = lock_row(MoneyAlert.objects.select_related("hospital"), alert.pk)
        if locked.resolved_at is not None:
            raise AlertResolved
        locked.resolved_at, locked.resolution = now or clock.now(), note.strip()[:300]
        locked.save(update_fields=["resolved_at", "resolution"])
        audit.record(
            by=by,
            action="desk.resolve_alert",
            target=f"payments.moneyalert:{locked.public_id}",
            hospital_slug=locked.hospital.slug if locked.hospital else "",
            reason=note.strip(),
        )
    return locked
