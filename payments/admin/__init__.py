"""Money at the hospital desk: one module a subject."""

from payments.admin import (
    alerts,
    bills,
    cancellation,
    claims,
    disputes,
    dues,
    fapiao,
    guarantees,
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
    "disputes",
    "dues",
    "fapiao",
    "guarantees",
    "payees",
    "payments",
    "quotes",
    "refunds",
]
