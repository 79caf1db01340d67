"""The desk after a treatment: discharge, calls with target times, plans in versions, outcomes."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry
from bookings.models import Discharge, FollowUpPlan
from bookings.selectors.outcomes import outcomes_of
from bookings.services import follow_ups
from bookings.services.follow_up_answers import send_answers
from bookings.services.follow_up_plans import plan_for, platform_plan
from hospitals.models import Hospital
from hospitals.models.staff import Role
from medtour.lib import clock
from tests.factories import MembershipFactory, PatientFactory, TreatmentFactory
from tests.factories.bookings import CaseFactory
from tests.factories.follow_up import EMERGENCY, FEVER, WELL, asked_task, discharged

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
LIST = reverse("admin:bookings_followuptask_changelist")
ADD_PLAN = reverse("admin:bookings_followupplan_add")
PAPERS = {
    "pathway": "inpatient",
    "discharged_on": "2026-11-22",
    "summary_zh": "左膝关节置换术后。",
    "language": "en",
    "summary": "After replacement of the left knee.",
    "translation_status": "human",
    "translator_name": "Li Wei",
    "medicines": "paracetamol | 500 mg, up to 4 times a day",
    "implants": "Knee | (01)00844588003288",
    "restrictions": "",
    "flying": "",
    "warning_signs": "The calf swells",
    "tests": "Haemoglobin | 2026-12-23 | below 90 g/L",
    "contact": "Ward 7",
}


@pytest.fixture
def in_treatment(patient, hospital):
    return CaseFactory(patient=patient, hospital=hospital, state="in_treatment")


@pytest.fixture
def task(patient, hospital, coordinator):
    return asked_task(patient, hospital, coordinator)


def act(name, row):
    meta = row._meta
    return reverse(f"admin:bookings_{meta.model_name}_{name}", args=[row.pk])


def page(row):
    return reverse(f"admin:bookings_{row._meta.model_name}_change", args=[row.pk])


def test_a_coordinator_writes_the_discharge(client, coordinator, in_treatment):
    client.force_login(coordinator)
    assert "Write the discharge" in client.get(page(in_treatment)).content.decode()
    assert "As a doctor I state" not in client.get(act("discharge", in_treatment)).content.decode()
    assert client.post(act("discharge", in_treatment), PAPERS).status_code == 302
    discharge = Discharge.objects.get()
    assert discharge.medicines == [{"inn": "paracetamol", "dose": "500 mg, up to 4 times a day"}]
    assert discharge.tests[0]["due_on"] == "2026-12-23"
    in_treatment.refresh_from_db()
    assert in_treatment.state == "in_follow_up"
    form = client.get(act("discharge", in_treatment)).content.decode()
    assert "paracetamol | 500 mg, up to 4 times a day" in form


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"medicines": "paracetamol"}, "Line 1: write INN | dose"),
        ({"tests": "Haemoglobin | soon | low"}, "Line 1: write the date as 2026-12-31"),
        ({"discharged_on": "2026-11-24"}, "This day has not come yet at the hospital."),
        ({"translation_status": "machine"}, "Medicines may not rest on a machine translation."),
    ],
)
def test_mistakes_keep_everything_and_write_nothing(
    client, coordinator, in_treatment, change, error
):
    client.force_login(coordinator)
    response = client.post(act("discharge", in_treatment), PAPERS | change)
    assert error in response.content.decode()
    assert "左膝关节置换术后。" in response.content.decode()
    assert Discharge.objects.count() == 0


def test_a_doctor_may_state_that_no_tests_are_needed(client, staff_of, in_treatment):
    client.force_login(staff_of(Role.DOCTOR))
    client.post(act("discharge", in_treatment), PAPERS | {"tests": "", "no_tests_needed": "on"})
    assert Discharge.objects.get().no_tests_needed is True


def test_the_list_begins_with_who_has_to_be_called_first(
    client, coordinator, hospital, task, django_assert_num_queries
):
    other = asked_task(PatientFactory(), hospital, coordinator)
    send_answers(task, answers=FEVER, locale="en", by=None)
    send_answers(other, answers=EMERGENCY, locale="en", by=None)
    client.force_login(coordinator)
    response = client.get(LIST)
    assert list(response.context["cl"].result_list) == [other, task]
    with clock.freeze(clock.now() + dt.timedelta(hours=2)):
        assert client.get(LIST).content.decode().count("OVERDUE:") == 1
    for show, count in (("red", 1), ("amber", 1), ("missed", 0), ("answered", 0), ("all", 18)):
        assert client.get(LIST, {"show": show}).context["cl"].result_count == count


def test_answers_stand_beside_their_translation_and_opening_is_audited(client, coordinator, task):
    send_answers(task, answers=FEVER | {"words": "Колено горячее"}, locale="ru", by=None)
    client.force_login(coordinator)
    text = client.get(page(task)).content.decode()
    for words in ("Колено горячее", "38.4 °C", "Nobody has translated this yet."):
        assert words in text
    entry = AuditEntry.objects.get(action="desk.view_follow_up")
    assert entry.target == f"bookings.followuptask:{task.public_id}"
    client.post(
        act("translate", task),
        {"language": "en", "text": "The knee is hot", "status": "human", "translator_name": "Li W"},
    )
    text = client.get(page(task)).content.decode()
    assert "The knee is hot" in text
    assert "translated by a person" in text
    assert "Li W" in text


def test_a_red_task_is_called_then_closed(client, coordinator, task):
    send_answers(task, answers=EMERGENCY, locale="en", by=None)
    client.force_login(coordinator)
    refused = client.post(act("close", task), {"outcome": "Fine"})
    assert refused.status_code == 409
    assert "Record a call before you close the task." in refused.content.decode()
    client.post(act("call", task), {"has_reached": "yes", "note": "In hospital at home"})
    client.post(act("close", task), {"outcome": "Admitted at home"})
    task.refresh_from_db()
    assert (task.state, task.outcome) == ("closed", "Admitted at home")
    text = client.get(page(task)).content.decode()
    assert "In hospital at home" in text


@pytest.mark.parametrize("name", ["call", "close", "translate"])
def test_other_hospitals_and_other_roles_do_nothing(
    client, other_coordinator, staff_of, task, name
):
    send_answers(task, answers=EMERGENCY | {"words": "x"}, locale="en", by=None)
    data = {"has_reached": "yes", "note": "x", "outcome": "x", "text": "x", "status": "machine"}
    client.force_login(other_coordinator)
    assert client.post(act(name, task), data).status_code == 404
    client.force_login(staff_of(Role.SCHEDULER))
    assert client.post(act(name, task), data).status_code == 403
    task.refresh_from_db()
    assert (task.state, task.calls.count()) == ("escalated", 0)


@pytest.mark.parametrize("name", ["discharge", "hand-back", "close", "package", "session"])
def test_the_acts_of_a_case_are_the_care_teams(
    client, other_coordinator, staff_of, in_treatment, name
):
    client.force_login(other_coordinator)
    for answer in (
        client.get(act(name, in_treatment)),
        client.post(act(name, in_treatment), PAPERS),
    ):
        assert answer.status_code == 404
    client.force_login(staff_of(Role.SCHEDULER))
    assert client.post(act(name, in_treatment), PAPERS).status_code == 403
    assert Discharge.objects.count() == 0


def plan_data(response, **changes):
    """Return what the plan's page would send, changed."""
    found = {}
    for bound in response.context["step"].form:
        value = bound.value()
        if value not in (None, [], ""):
            found[bound.html_name] = value
    return found | changes


def test_a_doctor_sets_the_rules_and_a_running_case_keeps_its_version(
    client, staff_of, hospital, task
):
    doctor = staff_of(Role.DOCTOR)
    client.force_login(doctor)
    first = client.get(ADD_PLAN)
    data = plan_data(first, days="1, 5, 20", rule_pain_amber=3, rule_pain_red=6)
    assert client.post(ADD_PLAN, data).status_code == 302
    plan = FollowUpPlan.objects.get(hospital=hospital)
    assert (plan.version, plan.days, plan.rules["pain"]) == (1, [1, 5, 20], {"amber": 3, "red": 6})
    assert plan.rules["temperature"] == {"amber": "37.8", "red": "39.0"}
    assert plan.rules_set_by == doctor
    task.refresh_from_db()
    assert task.plan == platform_plan()
    newer = discharged(PatientFactory(), hospital, doctor)
    assert plan_for(newer) == plan
    assert list(newer.follow_ups.values_list("day", flat=True)) == [1, 5, 20, 365, 730, 1095]


@pytest.mark.parametrize("hospitals", [1, 3])
def test_writing_a_plan_asks_as_much_for_one_hospital_as_for_three(client, staff_of, hospitals):
    coordinator = staff_of(Role.COORDINATOR)
    for _more in range(hospitals - 1):
        MembershipFactory(user=coordinator, role=Role.COORDINATOR)
    platform_plan()
    client.force_login(coordinator)
    client.get(ADD_PLAN)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(ADD_PLAN).status_code == 200
    asked = [q for q in queries if 'FROM "hospitals_hospitalmembership"' in q["sql"]]
    assert len([q for q in asked if 'SELECT "hospitals_hospitalmembership"' in q["sql"]]) == 2


def test_a_coordinator_changes_days_but_never_the_rules(client, coordinator, hospital):
    client.force_login(coordinator)
    data = plan_data(client.get(ADD_PLAN), days="2 4", rule_pain_red=10)
    assert client.post(ADD_PLAN, data).status_code == 302
    plan = FollowUpPlan.objects.get(hospital=hospital)
    assert (plan.days, plan.rules, plan.rules_set_by) == ([2, 4], platform_plan().rules, None)
    address = act("next", plan)
    client.post(address, plan_data(client.get(address), days="3"))
    versions = FollowUpPlan.objects.filter(hospital=hospital).order_by("version")
    assert list(versions.values_list("version", "days")) == [(1, [2, 4]), (2, [3])]


@pytest.mark.parametrize(
    ("count", "figures"),
    [(4, (4, None, None, None)), (5, (5, 100, 1, 2))],
)
def test_no_outcome_is_shown_below_five_patients(client, coordinator, hospital, count, figures):
    treatment = TreatmentFactory()
    for pain in range(count):
        row = asked_task(PatientFactory(), hospital, coordinator, treatment=treatment)
        seventh = row.case.follow_ups.get(day=7)
        follow_ups.advance_due(now=seventh.next_at)
        answers = (EMERGENCY if pain == 0 else WELL) | {"pain": pain}
        for task in (row, seventh):
            send_answers(task, answers=answers, locale="en", by=None)
    (found,) = outcomes_of(Hospital.objects.filter(pk=hospital.pk))
    shown = (found.n, found.answered_percent, found.red_patients, found.pain[0].value)
    assert shown == figures
    client.force_login(coordinator)
    page = client.get(reverse("admin:bookings_followuptask_outcomes")).content.decode()
    assert ("Too few to say" in page) == (count < 5)
    assert ("day 7: 2 (n 5)" in page) == (count >= 5)


def test_outcomes_are_the_own_hospitals(client, other_coordinator, task):
    client.force_login(other_coordinator)
    page = client.get(reverse("admin:bookings_followuptask_outcomes")).content.decode()
    assert "No patient has been discharged yet." in page
