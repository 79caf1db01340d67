"""The insurer's portal: the work list with its clocks, one request, and the three answers."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, Consent
from accounts.services.consents import withdraw_consent
from medtour.lib import clock
from payments.models import Guarantee, InsurerOfficer
from payments.transitions import GuaranteeState as G
from tests.factories import guarantees as make
from tests.factories.documents import stored
from tests.people import sign_in_with_second_step

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
WORK_LIST = "/en/insurer/"


@pytest.fixture
def request_(patient):
    return make.submitted(make.waiting_appointment(patient=patient))


@pytest.fixture
def seat(officer, request_):
    return InsurerOfficer.objects.create(user=officer, insurer=request_.insurer)


@pytest.fixture
def at_desk(client, officer, seat):
    sign_in_with_second_step(client, officer)
    return client


def page(guarantee, rest=""):
    return f"/en/insurer/requests/{guarantee.public_id}/{rest}"


def words(response):
    return " ".join(response.content.decode().split())


def boxes(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def promise(guarantee, **changes):
    values = {
        "row_version": guarantee.row_version,
        "amount": "20,000.00",
        "excluded_items": "Single room",
        "conditions": "Send the bill within 30 days",
        "insurer_reference": "GOP-9",
        **boxes("valid_from", guarantee.service_from),
        **boxes("valid_until", guarantee.service_until),
    }
    return values | changes


def refusal(guarantee, **changes):
    values = {
        "row_version": guarantee.row_version,
        "code": "N-12",
        "reason": "Your plan does not hold this treatment.",
        "appeal_days": "30",
    }
    return values | changes


def state_of(guarantee):
    return Guarantee.objects.get(pk=guarantee.pk).state


def move_clock(guarantee, *, warn, due):
    now = clock.now()
    Guarantee.objects.filter(pk=guarantee.pk).update(
        warn_at=now + dt.timedelta(hours=warn), answer_due_at=now + dt.timedelta(hours=due)
    )


@pytest.mark.parametrize(
    ("warn", "due", "said"), [(1, 2, "In time"), (0, 2, "Due soon"), (-2, 0, "Overdue")]
)
def test_the_clock_turns_amber_and_then_overdue(at_desk, request_, warn, due, said):
    move_clock(request_, warn=warn, due=due)
    shown = words(at_desk.get(WORK_LIST))
    assert request_.reference in shown
    assert {one for one in ("In time", "Due soon", "Overdue") if one in shown} == {said}


def test_the_filter_keeps_one_state(at_desk, request_):
    assert request_.reference in words(at_desk.get(f"{WORK_LIST}?state=submitted"))
    assert request_.reference not in words(at_desk.get(f"{WORK_LIST}?state=approved"))
    assert request_.reference in words(at_desk.get(f"{WORK_LIST}?state=nonsense&page=x"))


def test_three_requests_cost_as_many_queries_as_one(
    at_desk, request_, django_assert_max_num_queries, django_assert_num_queries
):
    at_desk.get(WORK_LIST)
    with django_assert_max_num_queries(12) as one:
        at_desk.get(WORK_LIST)
    for _each in range(2):
        more = make.submitted()
        Guarantee.objects.filter(pk=more.pk).update(insurer=request_.insurer)
    with django_assert_num_queries(len(one.captured_queries)):
        shown = at_desk.get(WORK_LIST)
    assert shown.content.count(b"/en/insurer/requests/") == 3


def test_a_draft_is_not_there_before_it_is_sent(at_desk, request_):
    Guarantee.objects.filter(pk=request_.pk).update(state=G.DRAFT, submitted_at=None)
    assert request_.reference not in words(at_desk.get(f"{WORK_LIST}?state=all"))
    assert at_desk.get(page(request_)).status_code == 404


def test_a_liaison_sees_one_hospital_only(at_desk, seat, request_, other_hospital):
    seat.role, seat.hospital = "liaison", other_hospital
    seat.save()
    assert request_.reference not in words(at_desk.get(WORK_LIST))
    assert at_desk.get(page(request_)).status_code == 404
    seat.hospital = request_.hospital
    seat.save()
    assert at_desk.get(page(request_)).status_code == 200


def test_a_request_shows_its_own_facts(at_desk, request_):
    shown = words(at_desk.get(page(request_)))
    for fact in (request_.member.number, "M16.1", "Hip pain for two years", "Sent to the insurer"):
        assert fact in shown
    assert "27,000" in shown


def test_a_shared_document_is_handed_out_and_written_down(at_desk, request_, officer):
    document = request_.documents.get().document
    found = at_desk.get(page(request_, f"documents/{document.public_id}/"))
    assert found.status_code == 200
    assert found["Content-Disposition"].startswith("attachment")
    noted = AuditEntry.objects.filter(action="document.open", target__contains=document.public_id)
    assert noted.count() == 1


def test_another_document_of_the_patient_stays_closed(at_desk, request_, patient):
    other = stored(patient, name="private.pdf")
    found = at_desk.get(page(request_, f"documents/{other.public_id}/"))
    assert found.status_code == 404
    assert not AuditEntry.objects.filter(action="document.open").exists()


def test_a_part_is_approved(at_desk, request_, officer):
    sent = at_desk.post(page(request_, "approve/"), promise(request_))
    assert (sent.status_code, sent.url) == (303, page(request_))
    kept = Guarantee.objects.get(pk=request_.pk)
    assert (kept.state, kept.approved_minor, kept.decided_by) == (G.APPROVED, 2_000_000, officer)
    assert (kept.approved_from, kept.approved_until) == (kept.service_from, kept.service_until)
    assert (kept.excluded_items, kept.insurer_reference) == ("Single room", "GOP-9")


@pytest.mark.parametrize(
    ("act", "body"),
    [("approve", promise), ("decline", refusal)],
)
def test_sent_twice_is_answered_once(at_desk, request_, act, body):
    typed = body(request_)
    assert at_desk.post(page(request_, f"{act}/"), typed).status_code == 303
    again = at_desk.post(page(request_, f"{act}/"), typed)
    assert (again.status_code, again.url) == (303, page(request_))
    assert request_.events.filter(action=act).count() == 1


@pytest.mark.parametrize("amount", ["", "0", "30000.01", "many"])
def test_a_wrong_amount_keeps_everything_typed(at_desk, request_, amount):
    sent = at_desk.post(page(request_, "approve/"), promise(request_, amount=amount))
    assert sent.status_code == 422
    assert "Single room" in words(sent)
    assert state_of(request_) == G.SUBMITTED


def test_days_shorter_than_the_treatment_are_refused(at_desk, request_):
    late = request_.service_from + dt.timedelta(days=1)
    sent = at_desk.post(page(request_, "approve/"), promise(request_, **boxes("valid_from", late)))
    assert sent.status_code == 422
    assert "Enter the first day of the treatment or earlier" in words(sent)
    assert state_of(request_) == G.SUBMITTED


def test_an_answer_to_an_old_version_is_refused_and_kept(at_desk, request_):
    old = request_.row_version - 1
    sent = at_desk.post(page(request_, "decline/"), refusal(request_, row_version=old))
    assert sent.status_code == 409
    assert "Somebody changed this request in the meantime" in words(sent)
    assert "Your plan does not hold this treatment." in words(sent)
    assert f'name="row_version" value="{request_.row_version}"' in words(sent)
    assert state_of(request_) == G.SUBMITTED


def test_a_question_stops_the_clock(at_desk, request_):
    typed = {"row_version": request_.row_version, "question": "Which drug was given?"}
    assert at_desk.post(page(request_, "ask/"), typed).status_code == 303
    kept = Guarantee.objects.get(pk=request_.pk)
    assert (kept.state, kept.question) == (G.MORE_INFO, "Which drug was given?")
    assert kept.answer_due_at is None
    assert "Which drug was given?" in words(at_desk.get(page(request_)))


def test_a_no_names_code_reason_and_the_last_day_of_an_appeal(at_desk, request_):
    assert at_desk.post(page(request_, "decline/"), refusal(request_)).status_code == 303
    kept = Guarantee.objects.get(pk=request_.pk)
    assert (kept.state, kept.refusal_code) == (G.DECLINED, "N-12")
    assert kept.appeal_until == clock.today(kept.hospital.time_zone) + dt.timedelta(days=30)


def test_no_form_opens_once_it_is_decided(at_desk, request_):
    make.approve(request_)
    for act in ("approve", "ask", "decline"):
        found = at_desk.get(page(request_, f"{act}/"))
        assert (found.status_code, found.url) == (302, page(request_))


def addresses(guarantee):
    document = guarantee.documents.get().document.public_id
    rest = ("", "approve/", "ask/", "decline/", f"documents/{document}/")
    return [page(guarantee, each) for each in rest]


@pytest.mark.parametrize("who", ["user", "stranger", "coordinator", "rival", "suspended"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_finds_a_request(client, request_, seat, request, who, method):
    """Patients, staff, other insurers' and suspended officers: no page and no name (SE-01)."""
    if who in ("rival", "suspended"):
        person = request.getfixturevalue("officer")
        sign_in_with_second_step(client, person)
        changes = {"suspended_at": clock.now()}
        if who == "rival":
            changes = {"insurer": make.covered().plan.insurer}
        InsurerOfficer.objects.filter(pk=seat.pk).update(**changes)
    else:
        sign_in_with_second_step(client, request.getfixturevalue(who))
    for address in addresses(request_):
        denied = getattr(client, method)(address)
        assert denied.status_code in ((404,) if method == "get" else (404, 405))
        for secret in ("ANNA TEST", request_.member.name, request_.member.number, "Hip pain"):
            assert secret.encode() not in denied.content
    assert state_of(request_) == G.SUBMITTED


@pytest.mark.parametrize("is_officer", [True, False])
def test_the_second_step_or_the_log_in_comes_first(client, officer, request_, seat, is_officer):
    if is_officer:
        client.force_login(officer)
    where = "/en/account/second-step/" if is_officer else reverse("account_login")
    for address in [WORK_LIST, *addresses(request_)]:
        denied = client.get(address)
        assert denied.status_code == 302
        assert denied.url.startswith(where)


def test_a_rivals_work_list_is_empty(at_desk, seat, request_):
    InsurerOfficer.objects.filter(pk=seat.pk).update(insurer=make.covered().plan.insurer)
    shown = words(at_desk.get(f"{WORK_LIST}?state=all"))
    assert "No requests here" in shown
    assert request_.reference not in shown


def test_a_promise_without_an_upper_limit(at_desk, request_):
    typed = promise(request_, amount="", is_open="on")
    assert at_desk.post(page(request_, "approve/"), typed).status_code == 303
    kept = Guarantee.objects.get(pk=request_.pk)
    assert (kept.state, kept.approved_minor) == (G.APPROVED, None)
    assert make.balance_of(kept.coverage) == (0, kept.requested_minor)
    assert "Without an upper limit" in words(at_desk.get(page(request_)))


@pytest.mark.parametrize(("amount", "is_open"), [("20,000.00", "on"), ("", "")])
def test_a_limit_is_given_or_denied_and_never_guessed(at_desk, request_, amount, is_open):
    typed = promise(request_, amount=amount) | ({"is_open": is_open} if is_open else {})
    sent = at_desk.post(page(request_, "approve/"), typed)
    assert sent.status_code == 422
    assert "Enter the amount, or leave it empty" in words(sent)
    assert state_of(request_) == G.SUBMITTED


def test_files_stay_closed_once_the_patient_took_the_agreement_back(at_desk, request_):
    document = request_.documents.get().document
    withdraw_consent(Consent.objects.get(purpose="insurer_transfer"))
    found = at_desk.get(page(request_, f"documents/{document.public_id}/"))
    assert found.status_code == 409
    assert "The patient has taken back the agreement to share with you." in words(found)
    assert not AuditEntry.objects.filter(action="document.open").exists()


def test_the_category_is_shown_in_words(at_desk, request_):
    Guarantee.objects.filter(pk=request_.pk).update(category="cancer-care")
    assert "Cancer care" in words(at_desk.get(page(request_)))
    assert "cancer-care" not in words(at_desk.get(page(request_)))
