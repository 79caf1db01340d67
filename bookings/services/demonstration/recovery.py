"""A sample case after treatment: papers, two answers and one question that waits; all invented."""

import datetime as dt

from django.db import transaction

from accounts.models import Patient, User
from bookings import follow_up_rules
from bookings.models import Case
from bookings.services.demonstration.fixtures import read
from bookings.services.discharges import DischargeFacts, give_hand_back, record_discharge
from bookings.services.follow_up_answers import send_answers
from bookings.services.follow_ups import advance_due
from bookings.transitions import CaseState
from hospitals.models import Offer, Treatment
from medtour.lib import clock

TEXTS = (
    "pathway",
    "summary_zh",
    "summary",
    "language",
    "translation_status",
    "translator_name",
    "restrictions",
    "flying",
    "warning_signs",
    "contact",
    "medicines",
    "implants",
)
AN_HOUR = dt.timedelta(hours=1)


def show_a_recovery() -> int:
    """Discharge the sample patient some days ago, once; returns how many cases were made."""
    recipe = read("recovery")
    patient = (
        Patient.objects.select_related("account")
        .filter(account__email=recipe["patient"], account__is_demonstration=True)
        .first()
    )
    by = User.objects.filter(email=recipe["coordinator"], is_demonstration=True).first()
    offer = (
        Offer.objects.filter(
            hospital__slug=recipe["hospital"], is_demonstration=True, inpatient_nights__gt=0
        )
        .select_related("hospital", "treatment")
        .order_by("pk")
        .first()
    )
    if patient is None or by is None or offer is None:
        return 0
    if Case.objects.filter(patient=patient, discharges__isnull=False).exists():
        return 0
    with transaction.atomic():
        _discharge_and_answer(patient, offer, by=by)
    return 1


def _discharge_and_answer(patient: Patient, offer: Offer, *, by: User) -> None:
    recipe = read("recovery")
    today = clock.today(offer.hospital.time_zone)
    left_on = today - dt.timedelta(days=recipe["days_ago"])
    begin, _end = clock.day_bounds(left_on, offer.hospital.time_zone)
    then = begin + dt.timedelta(hours=15)
    case = Case.objects.create(
        patient=patient,
        hospital=offer.hospital,
        treatment=Treatment.objects.filter(slug=recipe["treatment"]).first() or offer.treatment,
        state=CaseState.IN_TREATMENT,
        opened_by=patient.account,
        created_at=then,
    )
    discharge = record_discharge(case, facts=_facts(left_on), by=by, now=then)
    give_hand_back(discharge, given_to="Sample: the patient, on paper", by=by, now=then)
    answers = {row["day"]: row for row in recipe["answers"]}
    for task in discharge.follow_ups.filter(due_on__lt=today):
        asked_at = follow_up_rules.ask_at(task.due_on, patient.account.time_zone)
        advance_due(now=asked_at)
        if task.day in answers:
            given = {code: value for code, value in answers[task.day].items() if code != "day"}
            send_answers(
                task, answers=given, locale="en", by=patient.account, now=asked_at + AN_HOUR
            )


def _facts(left_on: dt.date) -> DischargeFacts:
    """Return papers of no offer: then the plan asks on its own days, which the answers name."""
    recipe = read("recovery")
    tests = [
        {
            "test": row["test"],
            "due_on": (left_on + dt.timedelta(days=row["after_days"])).isoformat(),
            "threshold": row["threshold"],
        }
        for row in recipe["tests"]
    ]
    texts = {name: recipe[name] for name in TEXTS}
    return DischargeFacts(offer=None, discharged_on=left_on, tests=tests, **texts)
