"""Money at the hospital desk: one module a subject."""

from payments.admin import (
    alerts,
    bills,
    cancellation,
    claims,
    deposit_gaps,
    disputes,
    dues,
    fapiao,
    guarantees,
    insurance_claims,
    machines,
    payees,
    payments,
    quotes,
    refunds,
)

__all__ = [
    "alerts",
    "bills",
    "cancellation",
    "claims",
    "deposit_gaps",
    "disputes",
    "dues",
    "fapiao",
    "guarantees",
    "insurance_claims",
    "machines",
    "payees",
    "payments",
    "quotes",
    "refunds",
]
