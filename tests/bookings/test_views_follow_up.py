"""The pages of questions: behind a link with the date of birth, in My care, for nobody else."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from bookings import links
from bookings.links import sign_follow_up
from bookings.models import FollowUpAnswer, FollowUpTask
from bookings.services.discharges import close_case, give_hand_back
from bookings.services.follow_up_answers import send_answers
from medtour.lib import clock
from tests.factories.follow_up import EMERGENCY, FEVER, WELL, asked_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
BORN = {"date_of_birth_day": "27", "date_of_birth_month": "3", "date_of_birth_year": "1984"}
WRONG = BORN | {"date_of_birth_year": "1985"}
NO = "This does not open the questions."


@pytest.fixture
def task(patient, hospital, coordinator) -> FollowUpTask:
    patient.date_of_birth = dt.date(1984, 3, 27)
    patient.phone = "+97699112233"
    patient.save()
    return asked_task(patient, hospital, coordinator)


@pytest.fixture
def link(task):
    return reverse("bookings:linked_follow_up", args=[sign_follow_up(task)])


def text(response):
    return response.content.decode()


def questions_shown(response):
    return "How strong is your pain today?" in text(response)


def test_the_link_asks_the_date_of_birth_first(client, link):
    response = client.get(link)
    assert response.status_code == 200
    assert "Date of birth of the patient" in text(response)
    assert not questions_shown(response)
    assert b"ANNA" not in response.content
    assert response["Referrer-Policy"] == "strict-origin"
    assert response["Cache-Control"] == "no-store, private"
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_the_link_of_a_closed_account_is_dead(client, link, user):
    user.is_active = False
    user.save()
    assert NO in text(client.post(link, BORN))
    assert not questions_shown(client.get(link))


def test_the_right_date_opens_and_a_fever_makes_the_hospitals_task(client, link, task):
    response = client.post(link, BORN)
    assert (response.status_code, response["Location"]) == (303, link)
    assert questions_shown(client.get(link))
    response = client.post(link, FEVER | {"temperature": "38,4"})
    assert (response.status_code, response["Location"]) == (303, link + "sent/")
    task.refresh_from_db()
    assert (task.state, task.level) == ("escalated", "amber")
    answer = FollowUpAnswer.objects.get()
    assert answer.answers["temperature"] == "38.4"
    assert answer.by is None
    page = text(client.get(response["Location"]))
    assert "The hospital will call you" in page
    assert "38.4 °C" in page
    for secret in ("38", "fever", "pain"):
        assert secret not in link


def test_a_red_answer_shows_whom_to_call_before_everything_else(client, link):
    client.post(link, BORN)
    client.post(link, EMERGENCY)
    page = text(client.get(link + "sent/"))
    assert page.index("Please call for help now") < page.index("What you sent")
    assert 'href="tel:120"' in page
    assert 'href="tel:103"' in page
    assert "Mongolia" in page
    assert "In another country: call your local emergency number." in page


def test_everything_wrong_gets_the_same_answer(client, link, task):
    forged = reverse("bookings:linked_follow_up", args=["forged"])
    answers = [client.post(forged, BORN), client.post(link, WRONG)]
    for response in answers:
        assert response.status_code == 422
        assert NO in text(response)
        assert not questions_shown(response)
    pages = [
        re.search(r"<main.*</main>", text(answer), re.DOTALL).group().replace("1985", "1984")
        for answer in answers
    ]
    token = re.compile(r'(name="csrfmiddlewaretoken" value=)"[^"]*"')
    assert token.sub("", pages[0]) == token.sub("", pages[1])
    assert client.get(forged).status_code == client.get(link).status_code == 200


def test_five_wrong_dates_lock_the_link_for_everybody_for_an_hour(client, link, task, frozen):
    for _try in range(5):
        assert NO in text(client.post(link, WRONG))
    assert NO in text(client.post(link, BORN))
    task.refresh_from_db()
    assert (task.failures, task.locked_until) == (5, frozen + dt.timedelta(hours=1))
    with clock.freeze(frozen + dt.timedelta(hours=1, seconds=1)):
        assert client.post(link, BORN).status_code == 303
    task.refresh_from_db()
    assert task.failures == 0


def test_ten_failures_lock_it_for_a_day_and_fifteen_for_good(client, link, task, frozen):
    FollowUpTask.objects.filter(pk=task.pk).update(failures=9)
    client.post(link, WRONG)
    task.refresh_from_db()
    assert task.locked_until == frozen + dt.timedelta(days=1)
    FollowUpTask.objects.filter(pk=task.pk).update(failures=14, locked_until=None)
    client.post(link, WRONG)
    task.refresh_from_db()
    assert task.locked_until == frozen + dt.timedelta(days=180)


def test_one_address_tries_thirty_times_an_hour(client, link):
    forged = reverse("bookings:linked_follow_up", args=["forged"])
    for _try in range(30):
        client.post(forged, BORN)
    assert NO in text(client.post(link, BORN))


def test_an_old_link_opens_nothing(client, link, task, monkeypatch):
    monkeypatch.setattr(links, "FOLLOW_UP_SECONDS", -1)
    assert NO in text(client.post(link, BORN))


def test_an_open_link_opens_no_other_questions(client, link, task):
    client.post(link, BORN)
    other = task.case.follow_ups.get(day=3)
    response = client.get(reverse("bookings:linked_follow_up", args=[sign_follow_up(other)]))
    assert not questions_shown(response)


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("temperature", "hot", "Enter the temperature as a number, for example 36.8"),
        ("temperature", "1E9999999", "Enter the temperature as a number, for example 36.8"),
        ("temperature", "50", "Enter a temperature from 34 to 43 °C, or from 93 to 109 °F"),
        ("pain", "", "Choose a number from 0 to 10"),
        ("pain", "11", "Select a valid choice"),
        ("fever", "", "Choose one of the answers"),
    ],
)
def test_bad_input_keeps_everything(client, link, field, value, error):
    client.post(link, BORN)
    typed = WELL | {"words": "Колено болит", "temperature": "36,9", field: value}
    response = client.post(link, typed)
    assert response.status_code == 422
    assert error in text(response)
    assert "Колено болит" in text(response)
    assert FollowUpAnswer.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("37,5", "37.5"),
        ("98.6", "37.0"),
        ("101.1 F", "38.4"),
        ("٣٨٫٤", "38.4"),
        (" 36.85°C ", "36.8"),
        ("", None),
    ],
)
def test_temperatures_as_people_write_them(client, link, typed, kept):
    client.post(link, BORN)
    client.post(link, WELL | {"temperature": typed})
    assert FollowUpAnswer.objects.get().answers.get("temperature") == kept


def test_a_door_that_fell_shut_keeps_what_was_typed(client, link, frozen):
    client.post(link, BORN)
    with clock.freeze(frozen + dt.timedelta(hours=3)):
        response = client.post(link, WELL | {"words": "Long text"})
        assert not questions_shown(response)
        assert 'name="words" value="Long text"' in text(response)
        response = client.post(link, WELL | BORN | {"words": "Long text"})
        assert questions_shown(response)
        assert "Long text" in text(response)
    assert FollowUpAnswer.objects.count() == 0


def test_a_correction_begins_with_what_was_sent(client, user, task):
    send_answers(task, answers=WELL | {"words": "All is well"}, locale="en", by=user)
    client.force_login(user)
    page = client.get(reverse("bookings:follow_up", args=[task.public_id]))
    assert "All is well" in text(page)
    client.post(reverse("bookings:follow_up", args=[task.public_id]), FEVER)
    assert [answer.level for answer in task.answers.order_by("pk")] == ["green", "amber"]
    assert task.answers.last().by == user


def test_closed_cases_say_so_and_still_name_the_numbers(client, user, task, coordinator):
    give_hand_back(task.discharge, given_to="The patient", by=coordinator)
    close_case(task.case, by=coordinator)
    client.force_login(user)
    response = client.post(reverse("bookings:follow_up", args=[task.public_id]), EMERGENCY)
    assert response.status_code == 409
    assert "These questions are not open now." in text(response)
    assert 'href="tel:120"' in text(response)


@pytest.mark.parametrize("view", ["follow_up", "follow_up_sent"])
def test_strangers_and_staff_find_nothing_in_my_care(client, stranger, coordinator, task, view):
    address = reverse(f"bookings:{view}", args=[task.public_id])
    for person in (stranger, coordinator):
        client.force_login(person)
        for response in (client.get(address), client.post(address, WELL)):
            assert response.status_code in (404, 405)
            assert b"ANNA" not in response.content
    assert FollowUpAnswer.objects.count() == 0
