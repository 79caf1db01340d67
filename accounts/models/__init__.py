"""People: the account holder, the persons treated, what they agreed to, who looked at what."""

from accounts.models.audit import AuditEntry
from accounts.models.consent import Consent
from accounts.models.disclosure import Disclosed, Disclosure, RecipientKind
from accounts.models.document import DocumentPart, DocumentState, MedicalDocument
from accounts.models.patient import Patient
from accounts.models.user import User

__all__ = [
    "AuditEntry",
    "Consent",
    "Disclosed",
    "Disclosure",
    "DocumentPart",
    "DocumentState",
    "MedicalDocument",
    "Patient",
    "RecipientKind",
    "User",
]
