"""Money at the hospital desk: one module a subject."""

from payments.admin import (
    alerts,
    bills,
    claims,
    disputes,
    dues,
    fapiao,
    payees,
    payments,
    policies,
    quotes,
    refunds,
)

__all__ = [
    "alerts",
    "bills",
    "claims",
    "disputes",
    "dues",
    "fapiao",
    "payees",
    "payments",
    "policies",
    "quotes",
    "refunds",
]
