"""Messages after a discharge: true at sending, in every language, without a word about health."""

import re

import pytest

from bookings.links import follow_up_from_token, hand_back_from_token
from bookings.models import FollowUpAnswer
from bookings.services.discharges import give_hand_back, record_discharge
from bookings.services.follow_up_answers import send_answers
from messaging import kinds
from messaging.enums import Category
from messaging.models import DevelopmentMail, Status
from messaging.quiet_hours import Timing
from messaging.services.wishes import stop_mails
from tests.bookings.test_message_kinds import LANGUAGES, _development_mail, send, wire, words
from tests.factories.follow_up import EMERGENCY, FEVER, WELL, asked_task, facts

pytestmark = pytest.mark.usefixtures("frozen", "_development_mail")
ASKING = ["bookings.follow_up_questions", "bookings.follow_up_reminder", "bookings.annual_recall"]
ALL = [
    *ASKING,
    "bookings.follow_up_amber",
    "bookings.follow_up_red",
    "bookings.discharge_pack",
    "bookings.hand_back",
]
HEALTH = re.compile(r"knee|fever|pain|38\.4|paracetamol|haemoglobin|inpatient", re.IGNORECASE)
__all__ = ["_development_mail"]


@pytest.fixture
def task(patient, user, hospital, coordinator, frozen):
    """Return asked questions of somebody in Mongolia, where it is nine in the morning."""
    user.time_zone = "Asia/Ulaanbaatar"
    user.save()
    patient.phone = "+97699112233"
    patient.save()
    return asked_task(patient, hospital, coordinator)


def context_of(kind, task, coordinator):
    """Return a true context of a kind, and make it true."""
    if kind.endswith("discharge_pack"):
        return {"discharge": task.discharge.public_id}
    if kind.endswith("hand_back"):
        letter = give_hand_back(task.discharge, given_to="The patient", by=coordinator)
        return {"hand_back": letter.public_id}
    context = {"follow_up": task.public_id}
    if kind.endswith(("amber", "red")):
        answers = FEVER if kind.endswith("amber") else EMERGENCY
        context["answer"] = send_answers(task, answers=answers, locale="en", by=None).public_id
    return context


@pytest.mark.parametrize("kind", ALL)
def test_every_kind_speaks_every_language_and_says_nothing_of_health(task, user, coordinator, kind):
    context = context_of(kind, task, coordinator)
    for locale in LANGUAGES:
        DevelopmentMail.objects.all().delete()
        user.locale = locale
        text = words(user, kind, context)
        html = wire().get_body(("html",)).get_content()
        for part in (text, html, wire()["Subject"]):
            assert "{" not in re.sub(r"<style>.*?</style>", "", part, flags=re.DOTALL)
            assert "undefined template variable" not in part
            assert not HEALTH.search(part)
            assert task.case.treatment.name_en not in part
            assert "ANNA" not in part
        assert f"https://medtour.example/{locale}/" in text
        assert "hospital" not in wire()["Subject"].lower()


@pytest.mark.parametrize("kind", ASKING)
def test_questions_are_not_sent_once_they_are_answered_or_the_case_ended(task, user, kind):
    context = {"follow_up": task.public_id}
    assert send(kind, context, user).status == Status.SENT
    task.case.state = "closed"
    task.case.save()
    assert send(kind, context, user).status_reason == "case is closed"
    task.case.state = "in_follow_up"
    task.case.save()
    send_answers(task, answers=WELL, locale="en", by=None)
    assert send(kind, context, user).status_reason == "questions are answered"


def test_the_link_opens_these_questions_and_lasts_thirty_days(task, user, frozen):
    text = words(user, ASKING[0], {"follow_up": task.public_id})
    token = re.search(r"/en/f/([^/]+)/", text).group(1)
    assert follow_up_from_token(token) == task
    assert follow_up_from_token(token + "x") is None


def test_without_a_date_of_birth_the_patient_signs_in(task, user, patient):
    patient.date_of_birth = None
    patient.save()
    text = words(user, ASKING[0], {"follow_up": task.public_id})
    assert f"https://medtour.example/en/care/follow-ups/{task.public_id}/" in text
    assert "/f/" not in text


@pytest.mark.parametrize("kind", ASKING)
def test_questions_end_with_one_click_and_do_not_come_at_night(task, user, kind):
    """MS-03, MS-06: they are what the page calls "questions after my treatment"."""
    context = {"follow_up": task.public_id}
    words(user, kind, context)
    assert wire()["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop_mails(user, Category.FOLLOW_UP)
    assert send(kind, context, user).status_reason == "not agreed to"
    assert kinds.get(kind).timing is Timing.AWAKE


@pytest.mark.parametrize("kind", ["amber", "red"])
def test_what_an_answer_leads_to_comes_to_whoever_ended_the_questions(task, user, kind):
    stop_mails(user, Category.FOLLOW_UP)
    answers = FEVER if kind == "amber" else EMERGENCY
    answer = send_answers(task, answers=answers, locale="en", by=None)
    context = {"follow_up": task.public_id, "answer": answer.public_id}
    assert send(f"bookings.follow_up_{kind}", context, user).status == Status.SENT
    assert wire()["List-Unsubscribe"] is None


def test_whoever_may_need_an_ambulance_is_told_at_night(task):
    assert kinds.get("bookings.follow_up_red").timing is Timing.URGENT
    assert kinds.get("bookings.follow_up_amber").timing is Timing.PROMPT


def test_the_red_message_names_the_numbers_of_china_and_home(task, user):
    answer = send_answers(task, answers=EMERGENCY, locale="en", by=None)
    context = {"follow_up": task.public_id, "answer": answer.public_id}
    text = words(user, "bookings.follow_up_red", context)
    assert "Ambulance, China: 120\n" in text
    assert "Ambulance, Mongolia: 103\n" in text
    assert FollowUpAnswer.objects.count() == 1


def test_older_papers_are_not_told_of(task, user, coordinator):
    old = {"discharge": task.discharge.public_id}
    record_discharge(task.case, facts=facts(), by=coordinator)
    message = send("bookings.discharge_pack", old, user)
    assert message.status_reason == "a newer version was written"


def test_the_letters_mail_holds_the_link_but_never_the_code(task, user, coordinator):
    letter = give_hand_back(task.discharge, given_to="Dr Home", by=coordinator)
    text = words(user, "bookings.hand_back", {"hand_back": letter.public_id})
    token = re.search(r"/en/l/([^/]+)/", text).group(1)
    assert hand_back_from_token(token) == letter
    assert letter.code not in text
