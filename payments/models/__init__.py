"""Money: what is owed, attempts to pay it, the ledger, and insurers as a way to pay."""

from payments.models.gap import DepositGap, Place
from payments.models.inbox import (
    GatewayEvent,
    MoneyAlert,
    ReconciliationDifference,
    ReconciliationRun,
)
from payments.models.insurance.officer import InsurerOfficer
from payments.models.ledger import Account, LedgerEntry, LedgerPosting, PostingKind
from payments.models.obligation import Obligation, ObligationKind, PaymentShare
from payments.models.papers import FapiaoRequest, Receipt
from payments.models.payee import Gateway, PayeeAccount
from payments.models.payment import Payment
from payments.models.quote import BillLine, FinalBill, Inclusion, Quote, QuoteLine
from payments.models.refund import Dispute, Refund, RefundCause, RefundClaim, RefundRoute

__all__ = [
    "Account",
    "BillLine",
    "DepositGap",
    "Dispute",
    "FapiaoRequest",
    "FinalBill",
    "Gateway",
    "GatewayEvent",
    "Inclusion",
    "InsurerOfficer",
    "LedgerEntry",
    "LedgerPosting",
    "MoneyAlert",
    "Obligation",
    "ObligationKind",
    "PayeeAccount",
    "Payment",
    "PaymentShare",
    "Place",
    "PostingKind",
    "Quote",
    "QuoteLine",
    "Receipt",
    "ReconciliationDifference",
    "ReconciliationRun",
    "Refund",
    "RefundCause",
    "RefundClaim",
    "RefundRoute",
]
