"""Money: what is owed, attempts to pay it, the ledger, and insurers as a way to pay."""

from payments.models.gap import DepositGap, Place
from payments.models.inbox import (
    GatewayEvent,
    MoneyAlert,
    ReconciliationDifference,
    ReconciliationRun,
)
from payments.models.insurance.agreement import (
    Agreement,
    DocumentKind,
    Network,
    NetworkHospital,
    NetworkTier,
    Setting,
)
from payments.models.insurance.claim import (
    Appeal,
    ClaimDocument,
    ClaimEvent,
    ClaimLine,
    InsuranceClaim,
)
from payments.models.insurance.eligibility import (
    AskedThrough,
    EligibilityBatch,
    EligibilityCheck,
    EligibilityRetry,
    Outcome,
    TreatmentCoding,
)
from payments.models.insurance.guarantee import (
    BenefitReservation,
    Guarantee,
    GuaranteeDocument,
    GuaranteeEvent,
    GuaranteeLetter,
    ReservationState,
    Urgency,
)
from payments.models.insurance.machine import (
    IdempotentAnswer,
    InsurerConnection,
    InsurerSuspension,
    MachineClient,
)
from payments.models.insurance.member import (
    BalanceChange,
    BalanceEntry,
    BenefitBalance,
    Coverage,
    CoverageStatus,
    DirectPayCard,
    Member,
)
from payments.models.insurance.officer import InsurerOfficer, OfficerRole
from payments.models.insurance.plan import Benefit, Plan, PlanTerms
from payments.models.insurance.remittance import Remittance, RemittanceLine, RemittanceStatus
from payments.models.insurance.stamp import InsurerFactsStamp
from payments.models.ledger import Account, LedgerEntry, LedgerPosting, PostingKind
from payments.models.obligation import Obligation, ObligationKind, PaymentShare
from payments.models.papers import FapiaoRequest, Receipt
from payments.models.payee import Gateway, PayeeAccount
from payments.models.payment import Payment
from payments.models.quote import BillLine, FinalBill, Inclusion, Quote, QuoteLine
from payments.models.refund import Dispute, Refund, RefundCause, RefundClaim, RefundRoute

__all__ = [
    "Account",
    "Agreement",
    "Appeal",
    "AskedThrough",
    "BalanceChange",
    "BalanceEntry",
    "Benefit",
    "BenefitBalance",
    "BenefitReservation",
    "BillLine",
    "ClaimDocument",
    "ClaimEvent",
    "ClaimLine",
    "Coverage",
    "CoverageStatus",
    "DirectPayCard",
    "DepositGap",
    "Dispute",
    "DocumentKind",
    "EligibilityBatch",
    "EligibilityCheck",
    "EligibilityRetry",
    "FapiaoRequest",
    "FinalBill",
    "Gateway",
    "GatewayEvent",
    "Guarantee",
    "GuaranteeDocument",
    "GuaranteeEvent",
    "GuaranteeLetter",
    "IdempotentAnswer",
    "Inclusion",
    "InsuranceClaim",
    "InsurerConnection",
    "InsurerFactsStamp",
    "InsurerOfficer",
    "InsurerSuspension",
    "LedgerEntry",
    "LedgerPosting",
    "MachineClient",
    "Member",
    "MoneyAlert",
    "Network",
    "NetworkHospital",
    "NetworkTier",
    "Obligation",
    "ObligationKind",
    "OfficerRole",
    "Outcome",
    "PayeeAccount",
    "Payment",
    "PaymentShare",
    "Plan",
    "PlanTerms",
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
    "Remittance",
    "RemittanceLine",
    "RemittanceStatus",
    "ReservationState",
    "Setting",
    "TreatmentCoding",
    "Urgency",
]
