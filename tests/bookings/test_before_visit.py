"""Records that are missing, links to consultations and complaints: the acts and their pages."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from bookings.models import Case, Complaint, ConsultationLink, RecordsRequest
from bookings.pre_visit_refusals import (
    AddressNotSafe,
    AnsweredAlready,
    CaseIsOver,
    NoConfirmedAppointment,
    NothingAsked,
    TooManyComplaints,
    WordsMissing,
)
from bookings.services.complaints import answer_complaint, file_complaint
from bookings.services.consultation_links import set_consultation_link
from bookings.services.records_requests import close_records, say_sent
from tests.bookings.snapshot import snapshot
from tests.factories import AppointmentFactory, MembershipFactory
from tests.factories.bookings import CaseFactory, in_days
from tests.factories.records import asked_records

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
LINK = "https://meet.example/room-7?pwd=x"


@pytest.fixture
def case(patient, hospital):
    return CaseFactory(patient=patient, hospital=hospital, state="in_triage")


@pytest.fixture
def appointment(patient, hospital):
    return AppointmentFactory(
        patient=patient, slot__offer__hospital=hospital, slot__starts_at=in_days(9)
    )


def state_of(case):
    return Case.objects.get(pk=case.pk).state


# ---- records -------------------------------------------------------------------------------------


def test_a_case_that_is_read_waits_for_its_records_and_is_read_on(case, coordinator, user):
    asked = asked_records(case, coordinator)
    assert state_of(case) == "info_needed"
    say_sent(asked, by=user)
    assert state_of(case) == "info_needed"
    close_records(case, by=coordinator)
    assert state_of(case) == "in_triage"
    actions = list(case.events.values_list("action", flat=True))
    assert actions == ["records_asked", "move", "records_sent", "records_complete", "move"]


def test_a_scheduled_case_stays_scheduled(appointment, coordinator):
    asked_records(appointment.case, coordinator)
    assert state_of(appointment.case) == "scheduled"
    close_records(appointment.case, by=coordinator)
    assert state_of(appointment.case) == "scheduled"


def test_a_newer_list_takes_the_place_of_the_older(case, coordinator):
    first, second = (
        asked_records(case, coordinator),
        asked_records(case, coordinator, items="Passport"),
    )
    first.refresh_from_db()
    assert first.closed_at is not None
    assert RecordsRequest.objects.filter(closed_at=None).get() == second


@pytest.mark.parametrize("state", ["closed", "declined", "withdrawn"])
def test_nothing_is_asked_of_a_case_that_is_over(case, coordinator, state):
    case.state = state
    case.save()
    before = snapshot()
    with pytest.raises(CaseIsOver):
        asked_records(case, coordinator)
    assert snapshot() == before


@pytest.mark.parametrize("changes", [{"items": " "}, {"how": ""}])
def test_asking_for_nothing_is_refused(case, coordinator, changes):
    with pytest.raises(NothingAsked):
        asked_records(case, coordinator, **changes)
    assert RecordsRequest.objects.count() == 0


def test_the_patient_reads_the_list_and_says_that_it_is_sent(client, user, case, coordinator):
    asked_records(case, coordinator)
    client.force_login(user)
    address = reverse("bookings:case", args=[case.public_id])
    page = client.get(address).content.decode()
    for words in ("The hospital needs this from you", "Blood count", "By post", "I have sent it"):
        assert words in page
    sent = reverse("bookings:records_sent", args=[case.public_id])
    assert client.post(sent).status_code == 303
    assert "You told us that you sent it." in client.get(address).content.decode()
    assert client.post(sent).status_code == 303
    assert case.events.filter(action="records_sent").count() == 1


def test_a_stranger_can_neither_read_nor_say_so(client, stranger, coordinator, case):
    asked_records(case, coordinator)
    sent = reverse("bookings:records_sent", args=[case.public_id])
    for person in (stranger, coordinator):
        client.force_login(person)
        assert client.post(sent).status_code == 404
    assert RecordsRequest.objects.get().sent_at is None


# ---- the link to a consultation ------------------------------------------------------------------


def test_the_link_is_in_my_care_and_not_behind_the_link_of_a_mail(
    client, user, appointment, coordinator
):
    from bookings.links import sign_appointment

    set_consultation_link(appointment, url=f" {LINK} ", by=coordinator)
    linked = reverse("bookings:linked_appointment", args=[sign_appointment(appointment)])
    assert "meet.example" not in client.get(linked).content.decode()
    client.force_login(user)
    address = reverse("bookings:appointment", args=[appointment.public_id])
    page = client.get(address).content.decode()
    assert f'href="{LINK}"' in page
    assert 'referrerpolicy="no-referrer"' in page


def test_the_same_link_again_changes_nothing(appointment, coordinator):
    first = set_consultation_link(appointment, url=LINK, by=coordinator)
    assert set_consultation_link(appointment, url=LINK, by=coordinator) == first
    assert ConsultationLink.objects.count() == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://meet.example/x",
        "javascript:alert(1)",
        "https://",
        "https://user:pw@meet.example/",
        "https://meet.example:99999/",
        "",
    ],
)
def test_an_address_that_is_not_safe_is_refused(appointment, coordinator, url):
    with pytest.raises(AddressNotSafe):
        set_consultation_link(appointment, url=url, by=coordinator)
    assert ConsultationLink.objects.count() == 0


def test_an_appointment_that_ended_gets_no_link(appointment, coordinator):
    appointment.state, appointment.ended_by = "cancelled", "patient"
    appointment.save()
    with pytest.raises(NoConfirmedAppointment):
        set_consultation_link(appointment, url=LINK, by=coordinator)


def test_a_link_is_never_rewritten(appointment, coordinator):
    set_consultation_link(appointment, url=LINK, by=coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsultationLink.objects.update(url="https://other.example/")


# ---- complaints ----------------------------------------------------------------------------------


def complain(case, user, words="Nobody spoke my language"):
    return file_complaint(case, words=words, language="en", by=user)


def test_a_complaint_is_answered_once_and_both_stay(case, user, coordinator, frozen):
    filed = complain(case, user)
    answered = answer_complaint(filed, answer="We are sorry", by=coordinator)
    assert (answered.answer, answered.answered_by, answered.answered_at) == (
        "We are sorry",
        coordinator,
        frozen,
    )
    with pytest.raises(AnsweredAlready):
        answer_complaint(filed, answer="Another", by=coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.update(answer="Nicer")
    assert Complaint.objects.get().answer == "We are sorry"


def test_empty_words_are_refused(case, user, coordinator):
    with pytest.raises(WordsMissing):
        complain(case, user, " ")
    filed = complain(case, user)
    with pytest.raises(WordsMissing):
        answer_complaint(filed, answer="", by=coordinator)
    filed.refresh_from_db()
    assert filed.answered_at is None


def test_five_may_wait(case, user):
    for _number in range(5):
        complain(case, user)
    with pytest.raises(TooManyComplaints):
        complain(case, user)
    assert Complaint.objects.count() == 5


def page_of(case):
    return reverse("bookings:complaints", args=[case.public_id])


def test_the_patient_writes_and_reads_the_answer(client, user, case, coordinator):
    client.force_login(user)
    assert client.post(page_of(case), {"words": ""}).status_code == 422
    assert client.post(page_of(case), {"words": "Nobody came"}).status_code == 303
    assert "Waits for an answer" in client.get(page_of(case)).content.decode()
    answer_complaint(Complaint.objects.get(), answer="We <b>are</b> sorry", by=coordinator)
    body = client.get(page_of(case)).content.decode()
    assert "We &lt;b&gt;are&lt;/b&gt; sorry" in body
    assert (
        page_of(case)
        in client.get(reverse("bookings:case", args=[case.public_id])).content.decode()
    )


def test_what_was_typed_is_not_lost_when_it_is_refused(client, user, case):
    for _number in range(5):
        complain(case, user)
    client.force_login(user)
    answer = client.post(page_of(case), {"words": "A sixth"})
    assert answer.status_code == 409
    assert "A sixth" in answer.content.decode()
    assert Complaint.objects.count() == 5


def test_strangers_find_no_complaints(client, stranger, coordinator, user, case):
    complain(case, user)
    for person in (stranger, coordinator):
        client.force_login(person)
        for answer in (client.get(page_of(case)), client.post(page_of(case), {"words": "x"})):
            assert answer.status_code == 404
            assert b"Nobody spoke" not in answer.content
    assert Complaint.objects.count() == 1


# ---- the desk ------------------------------------------------------------------------------------


def desk(model, row, act):
    return reverse(f"admin:bookings_{model}_{act}", args=[row.pk])


@pytest.mark.usefixtures("lenient_templates")
def test_the_desk_asks_for_records_gives_links_and_answers(
    client, coordinator, user, case, appointment
):
    client.force_login(coordinator)
    asked = {"items": "MRI", "how": "By post", "due_on": "2026-12-01"}
    assert client.post(desk("case", case, "records"), asked).status_code == 302
    assert RecordsRequest.objects.get().items == "MRI"
    late = {"items": "MRI", "how": "By post", "due_on": "2026-11-01"}
    assert client.post(desk("case", case, "records"), late).status_code == 200
    assert client.post(desk("case", case, "records-complete")).status_code == 302
    assert state_of(case) == "in_triage"
    link = {"url": LINK}
    assert (
        client.post(desk("appointment", appointment, "consultation-link"), link).status_code == 302
    )
    assert ConsultationLink.objects.get().url == LINK
    filed = complain(case, user)
    page = client.get(desk("complaint", filed, "change")).content.decode()
    assert "Nobody spoke my language" in page
    answer = client.post(desk("complaint", filed, "answer"), {"answer": "We are sorry"})
    assert answer.status_code == 302
    assert Complaint.objects.get().answer == "We are sorry"


@pytest.mark.usefixtures("lenient_templates")
def test_another_hospital_sees_nothing_of_it(client, other_coordinator, user, case, appointment):
    filed = complain(case, user)
    client.force_login(other_coordinator)
    for address in (
        desk("case", case, "records"),
        desk("case", case, "discharge-pdf"),
        desk("appointment", appointment, "consultation-link"),
        desk("complaint", filed, "change"),
        desk("complaint", filed, "answer"),
    ):
        assert client.get(address).status_code == 404
        assert client.post(address, {"answer": "x", "url": LINK}).status_code == 404
    listed = client.get(reverse("admin:bookings_complaint_changelist"))
    assert filed.number not in listed.content.decode()


@pytest.mark.usefixtures("lenient_templates")
def test_a_scheduler_reads_no_complaints(client, hospital, user, case):
    filed = complain(case, user)
    client.force_login(MembershipFactory(hospital=hospital, role="scheduler").user)
    assert client.get(desk("complaint", filed, "change")).status_code in (403, 404)


@pytest.mark.usefixtures("lenient_templates")
def test_the_desk_saves_the_papers_of_a_discharge(client, coordinator, patient, hospital):
    from tests.factories.follow_up import discharged

    discharge = discharged(patient, hospital, coordinator)
    client.force_login(coordinator)
    for act in ("discharge-pdf", "hand-back-pdf"):
        answer = client.get(desk("case", discharge.case, act))
        assert answer.content.startswith(b"%PDF")
