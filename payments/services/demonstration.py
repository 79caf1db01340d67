"""The demonstration's money: an officer's seat, invented payees, sample deposits and one quote.

No real money can reach any of it: the payees are invented and labelled. What is there already
stays as it is.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import translation

from accounts.models import Patient, User
from accounts.second_factor import give_demonstration_app
from bookings.models import Case
from bookings.transitions import CaseState
from hospitals.models import CancellationPolicy, Hospital, Insurer, Offer
from hospitals.models.treatment import BookingMode
from hospitals.services.cancellation_policies import first_version
from medtour.lib import clock
from payments.models import Gateway, InsurerOfficer, PayeeAccount, Quote
from payments.services import quotes
from payments.services.quote_drafts import QuoteTerms

OFFICER_EMAIL = "officer@insurer.example"
INSURER_SLUG = "cigna-cmb"
HOSPITAL = "ruijin-hospital"
COORDINATOR_EMAIL = "coordinator@ruijin.example"
PATIENT_EMAIL = "anna@patient.example"
CHARGED_IN = ["CNY", "USD", "EUR", "GBP", "HKD", "SGD", "JPY", "AED"]
BY_BANK_IN = ["CNY", "USD"]
INSTRUCTIONS = "Demonstration only: do not send money.\nDemonstration Bank\nAccount 0000 0000 0000"
POLICY, STEPS = "Demonstration: three steps", [[168, 100], [72, 50], [24, 25]]
COMPLICATIONS = (
    "Demonstration: if there are complications, the hospital tells you the price of what is "
    "needed before it is done, except in an emergency."
)
VALID_DAYS, DEPOSIT_PERCENT = 30, 10


@dataclass(frozen=True, slots=True)
class SampleDeposit:
    """How one sample offer asks for a deposit: a fixed sum in CNY minor units, or a percentage."""

    treatment: str
    minor: int | None = None
    percent: int | None = None
    has_steps: bool = False


DEPOSITS = (
    SampleDeposit("gp-consultation", minor=20_000),
    SampleDeposit("ultrasound", percent=20),
    SampleDeposit("ct-scan", percent=30, has_steps=True),
)


def seat_the_officer() -> None:
    """Let the demonstration officer see one listed company; does nothing when either is missing."""
    officer = User.objects.filter(email=OFFICER_EMAIL, is_demonstration=True).first()
    insurer = Insurer.objects.filter(slug=INSURER_SLUG).first()
    if officer and insurer:
        InsurerOfficer.objects.get_or_create(user=officer, defaults={"insurer": insurer})
        give_demonstration_app(officer)


def show_money() -> int:
    """Make what is missing of payees, deposits and the quote; returns how many payees were made.

    Does nothing where settings.DEMONSTRATION is off, and at hospitals that named a real payee.
    """
    if not settings.DEMONSTRATION:
        return 0
    with transaction.atomic(), translation.override("en"):
        hospitals = Hospital.objects.filter(offers__is_demonstration=True).distinct()
        made = sum(_open_accounts(hospital) for hospital in hospitals.order_by("pk"))
        sample = hospitals.filter(slug=HOSPITAL, payee_is_demonstration=True).first()
        coordinator = User.objects.filter(email=COORDINATOR_EMAIL, is_demonstration=True).first()
        if sample and coordinator:
            _ask_for_deposits(sample, by=coordinator)
            _quote_for_the_patient(sample, by=coordinator)
    return made


def _open_accounts(hospital: Hospital) -> int:
    """Name an invented payee and open its accounts, unless the hospital has one."""
    if hospital.payee or hospital.payee_accounts.exists():
        return 0
    with translation.override("en"):
        hospital.payee = f"Demonstration payee for {hospital.name}"[:200]
    hospital.payee_is_demonstration = True
    hospital.save(update_fields=["payee", "payee_is_demonstration"])
    shared = {
        "hospital": hospital,
        "holder_name": hospital.payee,
        "country": "HK",
        "holder_checked_at": clock.now(),
        "is_demonstration": True,
    }
    card = PayeeAccount(
        gateway=Gateway.STRIPE,
        account_id=f"acct_demonstration_{hospital.slug.replace('-', '_')}"[:80],
        charge_currencies=CHARGED_IN,
        **shared,
    )
    bank = PayeeAccount(
        gateway=Gateway.BANK_TRANSFER,
        charge_currencies=BY_BANK_IN,
        instructions=INSTRUCTIONS,
        **shared,
    )
    PayeeAccount.objects.bulk_create([card, bank])
    return 1


def _ask_for_deposits(hospital: Hospital, *, by: User) -> None:
    """Let three sample offers ask for a deposit, once; staff may change them afterwards."""
    if CancellationPolicy.objects.filter(hospital=hospital, name=POLICY).exists():
        return
    policy = first_version(hospital, name=POLICY, bands=STEPS, by=by)
    offers = Offer.objects.filter(hospital=hospital, is_demonstration=True).order_by("pk")
    for deposit in DEPOSITS:
        offer = offers.filter(treatment__slug=deposit.treatment).first()
        if offer is None or offer.asks_deposit_online:
            continue
        offer.asks_deposit_online = True
        offer.deposit_minor, offer.deposit_percent = deposit.minor, deposit.percent
        offer.cancellation_policy = policy if deposit.has_steps else None
        offer.version += 1
        offer.save(
            update_fields=[
                "asks_deposit_online",
                "deposit_minor",
                "deposit_percent",
                "cancellation_policy",
                "version",
            ]
        )


def _quote_for_the_patient(hospital: Hospital, *, by: User) -> Quote | None:
    """Send the sample patient one quote by an offer that needs a case first, once."""
    patient = Patient.objects.filter(
        account__email=PATIENT_EMAIL, account__is_demonstration=True
    ).first()
    offer = (
        Offer.objects.filter(
            hospital=hospital, is_demonstration=True, booking_mode=BookingMode.CASE
        )
        .select_related("treatment")
        .order_by("pk")
        .first()
    )
    if patient is None or offer is None or _has_quote(patient, hospital):
        return None
    case = Case.objects.create(
        patient=patient,
        hospital=hospital,
        treatment=offer.treatment,
        state=CaseState.IN_TRIAGE,
        opened_by=patient.account,
    )
    draft = quotes.draw_up(case, by=by, offer=offer)
    likely = draft.likely_minor
    today = clock.today(hospital.time_zone)
    terms = QuoteTerms(
        likely_minor=likely,
        complications=COMPLICATIONS,
        valid_until=today + dt.timedelta(days=VALID_DAYS),
        deposit_minor=likely * DEPOSIT_PERCENT // 100,
        currency=draft.currency,
    )
    draft = quotes.set_lines(draft, lines=list(draft.lines.all()), terms=terms)
    return quotes.issue_quote(draft, by=by)


def _has_quote(patient: Patient, hospital: Hospital) -> bool:
    return Quote.objects.filter(case__patient=patient, case__hospital=hospital).exists()
