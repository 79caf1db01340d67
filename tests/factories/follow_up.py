"""Cases after a treatment, made by the services themselves."""

from bookings.models import FollowUpTask
from bookings.services import follow_ups
from bookings.services.discharges import DischargeFacts, record_discharge
from medtour.lib import clock
from tests.factories.bookings import HOSPITAL_ZONE, CaseFactory

WELL = {
    "pain": 2,
    "fever": "no",
    "temperature": "36.7",
    "wound": "clean",
    "walking": "slower",
    "medicine": "all",
    "warning": "no",
    "call_me": "no",
}
FEVER = WELL | {"fever": "yes", "temperature": "38.4"}
EMERGENCY = WELL | {"warning": "yes"}
HAEMOGLOBIN = {"test": "Haemoglobin", "due_on": "2026-12-23", "threshold": "below 90 g/L"}


def facts(**changes) -> DischargeFacts:
    """Return complete discharge papers, translated by a named person."""
    values = {
        "offer": None,
        "pathway": "inpatient",
        "discharged_on": clock.today(HOSPITAL_ZONE),
        "summary_zh": "左膝关节置换术后。",
        "summary": "After replacement of the left knee.",
        "language": "en",
        "translation_status": "human",
        "translator_name": "Li Wei",
        "medicines": [{"inn": "paracetamol", "dose": "500 mg, up to 4 times a day"}],
        "implants": [{"name": "Knee", "udi": "(01)00844588003288"}],
        "restrictions": "No kneeling",
        "flying": "Not before 14 days",
        "warning_signs": "Sudden breathlessness\nThe calf swells",
        "tests": [HAEMOGLOBIN],
        "contact": "Ward 7, +86 21 5555 0000",
    }
    return DischargeFacts(**values | changes)


def discharged(patient, hospital, by, treatment=None, **changes):
    """Return the discharge of a new case that is now in follow-up."""
    about = {"treatment": treatment} if treatment else {}
    case = CaseFactory(patient=patient, hospital=hospital, state="in_treatment", **about)
    return record_discharge(case, facts=facts(**changes), by=by)


def asked_task(patient, hospital, by, **changes) -> FollowUpTask:
    """Return the questions of day 1, asked already."""
    discharge = discharged(patient, hospital, by, **changes)
    task = discharge.follow_ups.get(day=1)
    with clock.freeze(task.next_at):
        follow_ups.advance_due()
    task.refresh_from_db()
    return task
