"""An insurer's whole desk for tests: a claim with its request, a member, checks, a file, agreements.

Every word in SECRETS is on some page of the portal, and on none of anybody else's.
"""

from dataclasses import dataclass

from hospitals.models import Hospital, Insurer
from payments.models import (
    EligibilityBatch,
    EligibilityCheck,
    Guarantee,
    InsuranceClaim,
    InsurerOfficer,
    Member,
    OfficerRole,
)
from payments.services.insurance.batches import ask_batch
from payments.transitions import ClaimState as C
from tests.factories import claims as made
from tests.factories.accounts import UserFactory
from tests.factories.insurance import (
    AgreementFactory,
    BenefitFactory,
    EligibilityCheckFactory,
    NetworkHospitalFactory,
)

CONTACT, BANK = "CANARY CONTACT", "BANK-1"


@dataclass(frozen=True)
class Desk:
    """One insurer with an officer, and one of everything the portal shows."""

    insurer: Insurer
    hospital: Hospital
    officer: InsurerOfficer
    member: Member
    guarantee: Guarantee
    claim: InsuranceClaim
    check: EligibilityCheck
    batch: EligibilityBatch

    @property
    def arguments(self) -> dict[str, str]:
        """Return a value for every name in the portal's addresses."""
        return {
            "guarantee": self.guarantee.public_id,
            "claim": self.claim.public_id,
            "document": self.guarantee.documents.get().document.public_id,
            "check": self.check.public_id,
            "batch": self.batch.public_id,
            "member": self.member.public_id,
            "kind": "csv",
        }

    @property
    def secrets(self) -> tuple[str, ...]:
        return (
            self.member.name,
            self.member.number,
            self.guarantee.reference,
            self.claim.reference,
            CONTACT,
            BANK,
            self.officer.user.email,
        )


def seat(insurer: Insurer, hospital: Hospital | None = None, **user) -> InsurerOfficer:
    """Return an officer of an insurer, or its liaison at a hospital."""
    role = OfficerRole.LIAISON if hospital else OfficerRole.OFFICER
    person = UserFactory(verified=True, **user)
    return InsurerOfficer.objects.create(user=person, insurer=insurer, role=role, hospital=hospital)


def question_line(member: Member, at: Hospital, /, **changes: str) -> str:
    """Return one line of a file of questions about a member."""
    cells = {
        "member_number": member.number,
        "date_of_birth": member.date_of_birth,
        "hospital": at.slug,
        "service_on": "2026-12-01",
        "category": "inpatient",
        "setting": "inpatient",
        "procedure_code": "",
        "amount": "20000",
        "emergency": "",
    }
    return ",".join((cells | changes).values())


QUESTION_HEAD = (
    "member_number,date_of_birth,hospital,service_on,category,setting,procedure_code,amount,"
    "emergency"
)


def questions(*lines: str) -> bytes:
    return "\n".join((QUESTION_HEAD, *lines)).encode()


def desk(state: str = C.APPEALED) -> Desk:
    """Return a desk whose claim has reached a state."""
    claim = made.claim_in_state(state)
    guarantee, hospital = claim.guarantee, claim.hospital
    member, insurer = guarantee.member, claim.insurer
    officer = seat(insurer, email="canary.officer@insurer.example")
    terms = guarantee.coverage.plan.terms.get()
    BenefitFactory(terms=terms, category="inpatient", coinsurance_pct="10")
    NetworkHospitalFactory(network=terms.network, hospital=hospital)
    AgreementFactory(insurer=insurer, hospital=hospital, setting="outpatient", contact=CONTACT)
    check = EligibilityCheckFactory(
        patient=None, insurer=insurer, member=member, offer__hospital=hospital,
        asked_by=officer.user, asked_through="portal",
    )  # fmt: skip
    batch = ask_batch(officer, questions(question_line(member, hospital)), by=officer.user)
    return Desk(insurer, hospital, officer, member, guarantee, claim, check, batch)
