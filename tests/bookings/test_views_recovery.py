"""The recovery page and the letter for the home doctor: complete, and for nobody else."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import AuditEntry
from bookings.links import sign_hand_back
from bookings.recovery_chart import chart
from bookings.services.discharges import give_hand_back, record_discharge
from bookings.services.follow_up_answers import send_answers
from bookings.services.follow_ups import advance_due
from tests.factories.follow_up import FEVER, WELL, asked_task, discharged, facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def task(patient, hospital, coordinator):
    return asked_task(patient, hospital, coordinator)


def recovery(client, case):
    return client.get(reverse("bookings:recovery", args=[case.public_id]))


def test_the_page_shows_papers_questions_curve_and_plan(client, user, task):
    send_answers(task, answers=FEVER, locale="en", by=user)
    third = task.case.follow_ups.get(day=3)
    advance_due(now=third.next_at)
    client.force_login(user)
    page = recovery(client, task.case).content.decode()
    for words in (
        "After replacement of the left knee.",
        "左膝关节置换术后。",
        "translated by a person, Li Wei",
        "paracetamol",
        "UDI (01)00844588003288",
        "Not before 14 days",
        "The calf swells",
        "Haemoglobin",
        "below 90 g/L",
        "23 Dec 2026",
        "Ward 7, +86 21 5555 0000",
        "These are the questions of day 3.",
        "The next questions come on 30 Nov 2026",
        "Day 7: 30 Nov 2026",
        'aria-label="Temperature in °C: day 1: 38.4; "',
    ):
        assert words in page, words


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number(
    client, user, task, django_assert_num_queries, count
):
    for day in (1, 3, 7)[:count]:
        row = task.case.follow_ups.get(day=day)
        if row.state == "planned":
            advance_due(now=row.next_at)
        send_answers(row, answers=WELL, locale="en", by=user)
    client.force_login(user)
    recovery(client, task.case)
    with django_assert_num_queries(7):
        recovery(client, task.case)


def test_before_a_discharge_the_page_says_what_will_be_here(client, user, task, patient, hospital):
    from tests.factories.bookings import CaseFactory

    case = CaseFactory(patient=patient, hospital=hospital, state="in_treatment")
    client.force_login(user)
    assert "Nothing here yet" in recovery(client, case).content.decode()


def test_strangers_find_no_recovery(client, stranger, coordinator, task):
    for person in (stranger, coordinator):
        client.force_login(person)
        response = recovery(client, task.case)
        assert response.status_code == 404
        assert b"knee" not in response.content


def test_my_care_leads_to_the_recovery(client, user, task):
    client.force_login(user)
    page = client.get(reverse("bookings:care")).content.decode()
    assert "Questions wait for you" in page
    assert reverse("bookings:recovery", args=[task.case.public_id]) in page


def test_questions_wait_also_when_somebody_is_to_call_because_no_answer_came(client, user, task):
    for days in (1, 3):
        advance_due(now=task.asked_at + dt.timedelta(days=days))
    task.refresh_from_db()
    assert task.state == "escalated"
    client.force_login(user)
    care = reverse("bookings:care")
    assert "Questions wait for you" in client.get(care).content.decode()
    assert "These are the questions of day 1." in recovery(client, task.case).content.decode()
    for open_one in task.case.follow_ups.filter(state__in=("asked", "escalated")):
        send_answers(open_one, answers=FEVER, locale="en", by=user)
    assert "Questions wait for you" not in client.get(care).content.decode()


def test_the_curve_runs_from_the_right_where_the_language_does():
    values = [(1, "6"), (3, "4"), (7, "1")]
    left = chart(values, least=0, most=10, step=2, is_rtl=False)
    right = chart(values, least=0, most=10, step=2, is_rtl=True)
    assert left.path == "125.0,85.2 212.0,118.8 299.0,169.2"
    assert right.path == "275.0,85.2 188.0,118.8 101.0,169.2"
    assert [line.label for line in left.lines] == ["0", "2", "4", "6", "8", "10"]
    assert (left.axis_x, left.axis_anchor) == ("30", "end")
    assert (right.axis_x, right.axis_anchor) == ("370", "start")
    assert chart([], least=0, most=10, step=2, is_rtl=False) is None


def test_a_drawing_has_the_same_numbers_in_every_language(client, user, task):
    """Commas of a language in a coordinate once emptied the curve in Arabic and French."""
    send_answers(task, answers=FEVER, locale="en", by=user)
    client.force_login(user)
    for locale in ("en", "fr", "ar"):
        with translation.override(locale):
            address = reverse("bookings:recovery", args=[task.case.public_id])
        page = client.get(address).content.decode()
        numbers = re.findall(r' (?:x|y|x1|x2|y1|y2|cx|cy)="([^"]*)"', page)
        assert len(numbers) > 40
        assert all(re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", number) for number in numbers)


@pytest.fixture
def letter(patient, hospital, coordinator):
    patient.date_of_birth = dt.date(1984, 3, 27)
    patient.save()
    discharge = discharged(patient, hospital, coordinator)
    return give_hand_back(discharge, given_to="Dr Home", by=coordinator)


@pytest.fixture
def link(letter):
    return reverse("bookings:linked_hand_back", args=[sign_hand_back(letter)])


def test_the_letter_opens_with_its_code_and_is_audited(client, letter, link):
    closed = client.get(link)
    assert closed.status_code == 200
    assert b"knee" not in closed.content
    code = f" {letter.code[:4].lower()}-{letter.code[4:]}"
    response = client.post(link, {"code": code})
    page = response.content.decode()
    for words in ("ANNA TEST", "Haemoglobin", "below 90 g/L", "23 Dec 2026", "left knee", "Li Wei"):
        assert words in page, words
    assert response["Cache-Control"] == "no-store, private"
    letter.refresh_from_db()
    assert letter.opened_at is not None
    entry = AuditEntry.objects.get(action="hand_back.open")
    assert entry.target == f"bookings.handback:{letter.public_id}"


def test_a_wrong_code_and_a_forged_link_look_the_same_and_lock(client, letter, link):
    forged = reverse("bookings:linked_hand_back", args=["forged"])
    for address in (forged, *[link] * 5):
        response = client.post(address, {"code": "22222222"})
        assert response.status_code == 422
        assert "This does not open the letter." in response.content.decode()
    assert client.post(link, {"code": letter.code}).status_code == 422
    letter.refresh_from_db()
    assert (letter.failures, letter.opened_at) == (5, None)
    assert AuditEntry.objects.count() == 0


def test_a_letter_whose_papers_were_corrected_shows_no_dose(client, letter, link, coordinator):
    corrected = facts(medicines=[{"inn": "paracetamol", "dose": "5 mg"}])
    record_discharge(letter.discharge.case, facts=corrected, by=coordinator)
    response = client.post(link, {"code": letter.code})
    page = response.content.decode()
    assert response.status_code == 200
    assert "This letter was replaced" in page
    assert "The hospital corrected its papers on 23 Nov 2026." in page
    for words in ("500 mg", "5 mg", "ANNA TEST", "left knee"):
        assert words not in page, words
    letter.refresh_from_db()
    assert letter.opened_at is None
    assert AuditEntry.objects.get().action == "hand_back.open_replaced"
