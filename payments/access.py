"""Who may see which money: patients their own cases', hospital staff their hospital's.

An insurer's officer sees one insurer. Whoever pays a share by link sees nothing through here.
"""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts.models import User
from bookings.access import cases_for
from bookings.models import Case
from hospitals.access import hospitals_of_staff, is_operator
from hospitals.models import Hospital, Insurer
from hospitals.models.staff import Role
from medtour.lib import clock
from payments.models import (
    AskedThrough,
    DepositGap,
    Dispute,
    EligibilityCheck,
    FapiaoRequest,
    FinalBill,
    Guarantee,
    InsuranceClaim,
    InsurerOfficer,
    LedgerPosting,
    MoneyAlert,
    NetworkHospital,
    Obligation,
    PayeeAccount,
    Payment,
    PaymentShare,
    Quote,
    Receipt,
    ReconciliationRun,
    Refund,
    RefundClaim,
    Remittance,
)

Visitor = User | AnonymousUser
MONEY_ROLES = frozenset({Role.CASHIER, Role.COORDINATOR})
QUOTE_ROLES = MONEY_ROLES | {Role.DOCTOR}
PLACE_ROLES = frozenset({Role.COORDINATOR})


def officer_of(user: Visitor) -> InsurerOfficer | None:
    """The seat of an officer who is not suspended; None for everybody else (DP-02)."""
    if not user.is_authenticated:
        return None
    seats = InsurerOfficer.objects.filter(user=user, suspended_at=None)
    return seats.select_related("insurer").first()


def insurers_for(user: Visitor) -> QuerySet[Insurer]:
    """The one insurer of an officer; nothing for everybody else."""
    if not user.is_authenticated:
        return Insurer.objects.none()
    return Insurer.objects.filter(officers__user=user, officers__suspended_at=None)


def checks_for(user: Visitor) -> QuerySet[EligibilityCheck]:
    """What this account asked insurers for the persons it looks after."""
    if not user.is_authenticated:
        return EligibilityCheck.objects.none()
    return EligibilityCheck.objects.filter(patient__account=user, asked_by=user)


def obligations_for(user: Visitor) -> QuerySet[Obligation]:
    """What is or was due for the persons this account looks after."""
    return Obligation.objects.filter(case__in=cases_for(user))


def payments_for(user: Visitor) -> QuerySet[Payment]:
    """Every payment, whoever made it, for the persons this account looks after."""
    return Payment.objects.filter(obligation__case__in=cases_for(user))


def refunds_for(user: Visitor) -> QuerySet[Refund]:
    return Refund.objects.filter(payment__obligation__case__in=cases_for(user))


def shares_for(user: Visitor) -> QuerySet[PaymentShare]:
    """The shares this account offered to others."""
    return PaymentShare.objects.filter(obligation__case__in=cases_for(user))


def quotes_for(user: Visitor) -> QuerySet[Quote]:
    """The quotes a hospital issued to the persons this account looks after; never a draft."""
    return Quote.objects.filter(case__in=cases_for(user), issued_at__isnull=False)


def bills_for(user: Visitor) -> QuerySet[FinalBill]:
    return FinalBill.objects.filter(quote__case__in=cases_for(user))


def receipts_for(user: Visitor) -> QuerySet[Receipt]:
    """The receipts for money that came in or went back for this account's persons."""
    cases = cases_for(user)
    return Receipt.objects.filter(
        Q(payment__obligation__case__in=cases) | Q(refund__payment__obligation__case__in=cases)
    )


def fapiao_requests_for(user: Visitor) -> QuerySet[FapiaoRequest]:
    return FapiaoRequest.objects.filter(payment__obligation__case__in=cases_for(user))


def refund_claims_for(user: Visitor) -> QuerySet[RefundClaim]:
    return RefundClaim.objects.filter(obligation__case__in=cases_for(user))


def guarantees_for(user: Visitor) -> QuerySet[Guarantee]:
    """The requests to insurers for the persons this account looks after, drafts as well."""
    return Guarantee.objects.filter(case__in=cases_for(user))


def cases_of_money_staff(user: Visitor) -> QuerySet[Case]:
    """The cases of the hospitals where this person handles money."""
    return Case.objects.filter(hospital__in=hospitals_of_staff(user, MONEY_ROLES))


def guarantees_of_staff(user: Visitor) -> QuerySet[Guarantee]:
    """The requests of the hospitals where this person handles money."""
    return Guarantee.objects.filter(hospital__in=hospitals_of_staff(user, MONEY_ROLES))


def obligations_of_staff(user: Visitor) -> QuerySet[Obligation]:
    """What is or was due at the hospitals where this person handles money."""
    return Obligation.objects.filter(hospital__in=hospitals_of_staff(user, MONEY_ROLES))


def payments_of_staff(user: Visitor) -> QuerySet[Payment]:
    return Payment.objects.filter(obligation__hospital__in=hospitals_of_staff(user, MONEY_ROLES))


def refunds_of_staff(user: Visitor) -> QuerySet[Refund]:
    return Refund.objects.filter(
        payment__obligation__hospital__in=hospitals_of_staff(user, MONEY_ROLES)
    )


def refund_claims_of_staff(user: Visitor) -> QuerySet[RefundClaim]:
    return RefundClaim.objects.filter(
        obligation__hospital__in=hospitals_of_staff(user, MONEY_ROLES)
    )


def disputes_of_staff(user: Visitor) -> QuerySet[Dispute]:
    return Dispute.objects.filter(
        payment__obligation__hospital__in=hospitals_of_staff(user, MONEY_ROLES)
    )


def deposit_gaps_of_staff(user: Visitor) -> QuerySet[DepositGap]:
    return DepositGap.objects.filter(obligation__hospital__in=hospitals_of_staff(user, MONEY_ROLES))


def decides_on_places(user: Visitor, hospital: Hospital) -> bool:
    """Tell whether somebody alone may cancel or keep an appointment without its deposit."""
    return hospitals_of_staff(user, PLACE_ROLES).filter(pk=hospital.pk).exists()


def quotes_of_staff(user: Visitor) -> QuerySet[Quote]:
    """The quotes of the hospitals where this person draws them up."""
    return Quote.objects.filter(case__hospital__in=hospitals_of_staff(user, QUOTE_ROLES))


def bills_of_staff(user: Visitor) -> QuerySet[FinalBill]:
    return FinalBill.objects.filter(quote__case__hospital__in=hospitals_of_staff(user, QUOTE_ROLES))


def receipts_of_staff(user: Visitor) -> QuerySet[Receipt]:
    hospitals = hospitals_of_staff(user, MONEY_ROLES)
    return Receipt.objects.filter(
        Q(payment__obligation__hospital__in=hospitals)
        | Q(refund__payment__obligation__hospital__in=hospitals)
    )


def fapiao_requests_of_staff(user: Visitor) -> QuerySet[FapiaoRequest]:
    return FapiaoRequest.objects.filter(
        payment__obligation__hospital__in=hospitals_of_staff(user, MONEY_ROLES)
    )


def payee_accounts_of_staff(user: Visitor) -> QuerySet[PayeeAccount]:
    return PayeeAccount.objects.filter(hospital__in=hospitals_of_staff(user, MONEY_ROLES))


def postings_of_staff(user: Visitor) -> QuerySet[LedgerPosting]:
    """The ledger of the hospitals where this person handles money."""
    return LedgerPosting.objects.filter(hospital__in=hospitals_of_staff(user, MONEY_ROLES))


def alerts_of_staff(user: Visitor) -> QuerySet[MoneyAlert]:
    """Alerts about one's own hospital; those of no hospital are the operators'."""
    if is_operator(user):
        return MoneyAlert.objects.all()
    return MoneyAlert.objects.filter(hospital__in=hospitals_of_staff(user, MONEY_ROLES))


def reconciliations_of_staff(user: Visitor) -> QuerySet[ReconciliationRun]:
    """Comparisons with the gateway; an account of the platform itself is the operators'."""
    if is_operator(user):
        return ReconciliationRun.objects.all()
    accounts = payee_accounts_of_staff(user).exclude(account_id="")
    return ReconciliationRun.objects.filter(account_id__in=accounts.values("account_id"))


def claims_of_staff(user: Visitor) -> QuerySet[InsuranceClaim]:
    """The claims of the hospitals where this person handles money."""
    return InsuranceClaim.objects.filter(hospital__in=hospitals_of_staff(user, MONEY_ROLES))


def guarantees_to_claim(user: Visitor) -> QuerySet[Guarantee]:
    """Approved guarantees whose case is billed and not claimed, where this person handles money."""
    return (
        Guarantee.objects.filter(
            hospital__in=hospitals_of_staff(user, MONEY_ROLES),
            state=Guarantee.State.APPROVED,
            claim=None,
            case__quotes__final_bill__isnull=False,
            case__quotes__final_bill__claim=None,
        )
        .select_related("case", "insurer")
        .distinct()
    )


def remittances_of_staff(user: Visitor) -> QuerySet[Remittance]:
    return Remittance.objects.filter(hospital__in=hospitals_of_staff(user, MONEY_ROLES))


def claims_for_officer(officer: InsurerOfficer) -> QuerySet[InsuranceClaim]:
    """What hospitals sent to an officer's insurer, a liaison's hospital only; never a draft."""
    sent = InsuranceClaim.objects.filter(insurer=officer.insurer_id, submitted_at__isnull=False)
    if officer.suspended_at is not None:
        return sent.none()
    return sent.filter(hospital=officer.hospital_id) if officer.hospital_id else sent


def remittances_for_officer(officer: InsurerOfficer) -> QuerySet[Remittance]:
    """What an officer's insurer has paid, at a liaison's hospital only."""
    own = Remittance.objects.filter(insurer=officer.insurer_id)
    if officer.suspended_at is not None:
        return own.none()
    return own.filter(hospital=officer.hospital_id) if officer.hospital_id else own


def guarantees_for_officer(officer: InsurerOfficer) -> QuerySet[Guarantee]:
    """What hospitals asked an officer's insurer, a liaison's hospital only; never a draft."""
    sent = Guarantee.objects.filter(insurer=officer.insurer_id, submitted_at__isnull=False)
    if officer.suspended_at is not None:
        return sent.none()
    return sent.filter(hospital=officer.hospital_id) if officer.hospital_id else sent


def checks_for_officer(officer: InsurerOfficer) -> QuerySet[EligibilityCheck]:
    """What officers of this insurer asked in the portal, about a liaison's hospital only."""
    own = EligibilityCheck.objects.filter(
        insurer=officer.insurer_id, asked_through=AskedThrough.PORTAL
    )
    if officer.suspended_at is not None:
        return own.none()
    return own.filter(hospital=officer.hospital_id) if officer.hospital_id else own


def hospitals_for_officer(officer: InsurerOfficer) -> QuerySet[Hospital]:
    """The hospitals in this insurer's networks today, a liaison's own only."""
    places = NetworkHospital.objects.in_force(clock.today("Asia/Shanghai"))
    listed = Hospital.objects.filter(
        pk__in=places.filter(network__insurer=officer.insurer_id).values("hospital")
    )
    return listed.filter(pk=officer.hospital_id) if officer.hospital_id else listed
