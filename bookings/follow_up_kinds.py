"""What each message after a discharge shows, read again at the moment of sending (MS-05, MS-10).

Mail travels in the open: no message says what was treated, asked or answered. The questions, the
papers and the letter are behind links that ask for something only the patient knows.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from bookings.emergency_numbers import country_of, numbers_for
from bookings.links import sign_follow_up, sign_hand_back
from bookings.models import Case, Discharge, FollowUpAnswer, FollowUpTask, HandBack
from bookings.services.follow_ups import ASKING
from bookings.transitions import FollowUpState
from messaging.enums import Category
from messaging.kinds import Kind, Ready, Suppressed, register
from messaging.quiet_hours import Timing

Context = Mapping[str, str]

CASE = frozenset(
    {"reference", "hospital_name", "hospital_name_zh", "hospital_address", "hospital_city"}
) | {"page_url"}


def _absolute(view: str, *args: str) -> str:
    return settings.SITE_URL.rstrip("/") + reverse(view, args=args)


def _values(case: Case, page_url: str) -> dict[str, Any]:
    hospital = case.hospital
    return {
        "reference": case.reference,
        "hospital_name": hospital.name,
        "hospital_name_zh": hospital.name_zh_hans or "",
        "hospital_address": hospital.address or "",
        "hospital_city": hospital.city.name,
        "page_url": page_url,
    }


def _task(context: Context) -> FollowUpTask:
    return FollowUpTask.objects.select_related(
        "case__hospital__city", "case__patient__account"
    ).get(public_id=context["follow_up"])


def questions_url(task: FollowUpTask) -> str:
    """Return the signed link; somebody without a date of birth on file signs in instead."""
    if task.case.patient.date_of_birth is None:
        return _absolute("bookings:follow_up", task.public_id)
    return _absolute("bookings:linked_follow_up", sign_follow_up(task))


def questions(context: Context) -> Ready | Suppressed:
    """Ask while the questions wait for a first answer and the case goes on."""
    task = _task(context)
    if task.case.state not in ASKING:
        return Suppressed(f"case is {task.case.state}")
    if task.state != FollowUpState.ASKED:
        return Suppressed(f"questions are {task.state}")
    return Ready(_values(task.case, questions_url(task)))


def somebody_calls(context: Context) -> Ready | Suppressed:
    """Say that the hospital will call, while it has to."""
    task = _task(context)
    if task.state != FollowUpState.ESCALATED:
        return Suppressed(f"questions are {task.state}")
    return Ready(_values(task.case, _absolute("bookings:recovery", task.case.public_id)))


def call_now(context: Context) -> Ready | Suppressed:
    """Name the emergency numbers; never suppressed, because a person may need them."""
    task = _task(context)
    answer = FollowUpAnswer.objects.filter(public_id=context["answer"]).exists()
    if not answer:
        return Suppressed("answer is gone")
    patient = task.case.patient
    home = country_of(phone=str(patient.phone), zone_name=patient.account.time_zone)
    language = translation.get_language() or "en"
    numbers = [(each.place(language), each.number) for each in numbers_for([home])]
    values = _values(task.case, _absolute("bookings:recovery", task.case.public_id))
    return Ready(values | {"numbers": numbers})


def discharge_pack(context: Context) -> Ready | Suppressed:
    """Lead to the newest papers; an older version is not told of once there is a newer one."""
    discharge = Discharge.objects.select_related("case__hospital__city").get(
        public_id=context["discharge"]
    )
    if discharge.case.discharges.filter(version__gt=discharge.version).exists():
        return Suppressed("a newer version was written")
    page = _absolute("bookings:recovery", discharge.case.public_id)
    return Ready(_values(discharge.case, page))


def hand_back(context: Context) -> Ready | Suppressed:
    """Give the patient the link for the home doctor; the code is on the patient's own page."""
    letter = HandBack.objects.select_related("discharge__case__hospital__city").get(
        public_id=context["hand_back"]
    )
    case = letter.discharge.case
    if case.discharges.filter(version__gt=letter.discharge.version).exists():
        return Suppressed("a newer version was written")
    values = _values(case, _absolute("bookings:recovery", case.public_id))
    with translation.override(letter.language):
        doctor_url = _absolute("bookings:linked_hand_back", sign_hand_back(letter))
    return Ready(values | {"doctor_url": doctor_url})


def _kind(
    name: str,
    placeholders: frozenset[str],
    resolve: Callable[[Context], Ready | Suppressed],
    **nature: Any,
) -> Kind:
    return register(Kind(f"bookings.{name}", placeholders, resolve, **nature))


# Nobody has to be asked: these three end with one click, and do not come at night (MS-06, MS-08).
ASKED = {"category": Category.FOLLOW_UP, "timing": Timing.AWAKE}
_kind("follow_up_questions", CASE, questions, **ASKED)
_kind("follow_up_reminder", CASE, questions, **ASKED)
_kind("annual_recall", CASE, questions, **ASKED)
_kind("follow_up_amber", CASE, somebody_calls)
# Whoever may need an ambulance is told at any hour, by every way (MS-10).
_kind("follow_up_red", CASE | {"numbers"}, call_now, timing=Timing.URGENT)
_kind("discharge_pack", CASE, discharge_pack)
_kind("hand_back", CASE | {"doctor_url"}, hand_back)
