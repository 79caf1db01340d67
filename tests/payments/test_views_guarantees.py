"""A guarantee in My care: where it stands, the question, and the ways out of waiting."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Consent, MedicalDocument
from bookings.models import Appointment
from bookings.transitions import AppointmentState as A
from medtour.lib import clock
from payments.models import Guarantee
from payments.services.insurance import guarantee_letters
from payments.services.insurance import guarantee_moves as moves
from payments.services.insurance.claims import submit_claim
from payments.services.insurance.guarantee_letters import issue_letters, request_paper
from payments.transitions import GuaranteeState as G
from tests.factories import claims
from tests.factories import guarantees as make
from tests.factories.documents import pdf

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def waiting(patient):
    return make.waiting_appointment(patient=patient)


@pytest.fixture
def at_home(client, user):
    client.force_login(user)
    return client


def page(guarantee, rest=""):
    return f"/en/care/guarantees/{guarantee.public_id}/{rest}"


def words(response):
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("state", "title"),
    [
        (G.DRAFT, "The hospital is preparing the request"),
        (G.SUBMITTED, "It is not a promise by the insurer until a guarantee is issued."),
        (G.MORE_INFO, "Which treatment was tried before?"),
        (G.APPROVED, "Your insurer agreed to pay"),
        (G.DECLINED, "The treatment is not needed."),
        (G.WITHDRAWN, "The request was taken back"),
        (G.TOPPED_UP, "A newer guarantee took its place"),
        (G.USED, "The guarantee is being used"),
        (G.EXPIRED, "The guarantee has run out"),
        (G.CANCELLED, "The guarantee was cancelled"),
    ],
)
def test_each_state_in_plain_words(at_home, waiting, state, title):
    guarantee = make.in_state(state, appointment=waiting)
    response = at_home.get(page(guarantee))
    assert response.status_code == 200
    assert title in words(response)


def test_a_refused_top_up_leaves_the_promise(at_home, waiting):
    first = make.approve(make.submitted(waiting))
    draft = make.top_up(first)
    by = draft.case.opened_by
    sent = moves.submit_guarantee(
        draft, by=by, row_version=draft.row_version, despite_lead_time=True
    )
    refused = make.refuse(sent)
    shown = words(at_home.get(page(refused)))
    assert "Your insurer did not agree to the higher sum" in shown
    assert "Your appointment stays as it is." in shown
    assert "cancel free of charge" not in shown


def test_a_used_promise_says_whether_the_bill_was_sent(client):
    claim = claims.complete(claims.drafted_claim())
    client.force_login(claim.bill.quote.case.patient.account)
    assert "The hospital prepares its bill" in words(client.get(page(claim.guarantee)))
    submit_claim(claim, by=claims.cashier_of(claim.guarantee))
    assert "The hospital sent its bill" in words(client.get(page(claim.guarantee)))


def test_the_page_names_both_clocks_the_documents_and_what_was_passed_on(at_home, waiting):
    sent = make.submitted(waiting)
    shown = words(at_home.get(page(sent)))
    assert "The insurer answers by" in shown
    assert "Moscow" in shown
    assert "report.pdf" in shown
    assert "Name and date of birth" in shown
    assert "Pay without the insurer" in shown
    with clock.freeze(sent.answer_due_at):
        assert "Your insurer has not answered in time" in words(at_home.get(page(sent)))


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_often_for_three_documents(
    at_home, waiting, count, django_assert_num_queries
):
    sent = make.submitted(waiting)
    for _number in range(count - 1):
        make.guarantees.share_document(
            sent, document=make.report(waiting.patient), kind="other", by=waiting.booker
        )
    at_home.get(page(sent))
    with django_assert_num_queries(6):
        assert at_home.get(page(sent)).status_code == 200


def test_answering_with_a_file(at_home, waiting):
    asked = make.ask(make.submitted(waiting))
    assert at_home.get(page(asked, "answer/")).status_code == 200
    response = at_home.post(
        page(asked, "answer/"),
        {
            "row_version": asked.row_version,
            "answer": "Physiotherapy",
            "kind": "medical_report",
            "upload": SimpleUploadedFile("more.pdf", pdf()),
        },
    )
    assert response.status_code == 303
    asked.refresh_from_db()
    assert asked.state == G.SUBMITTED
    assert asked.documents.count() == 2
    assert "Your answer is with the insurer." in words(at_home.get(page(asked)))


def test_the_agreement_is_asked_where_it_is_missing(at_home, waiting):
    asked = make.ask(make.submitted(waiting))
    Consent.objects.filter(purpose="health_data").update(withdrawn_at=clock.now())
    answer = {"row_version": asked.row_version, "answer": "Yes", "kind": "other"}
    upload = {"upload": SimpleUploadedFile("more.pdf", pdf())}
    before = MedicalDocument.objects.count()
    refused = at_home.post(page(asked, "answer/"), answer | upload)
    assert refused.status_code == 422
    assert MedicalDocument.objects.count() == before
    upload = {"upload": SimpleUploadedFile("more.pdf", pdf()), "agree": "on"}
    assert at_home.post(page(asked, "answer/"), answer | upload).status_code == 303
    assert MedicalDocument.objects.count() == before + 1


def test_a_dangerous_file_is_refused_and_the_words_stay(at_home, waiting):
    asked = make.ask(make.submitted(waiting))
    response = at_home.post(
        page(asked, "answer/"),
        {
            "row_version": asked.row_version,
            "answer": "My long answer",
            "kind": "other",
            "upload": SimpleUploadedFile("x.pdf", b"<svg onload=alert(1)>"),
        },
    )
    assert response.status_code == 415
    assert "My long answer" in words(response)
    asked.refresh_from_db()
    assert asked.state == G.MORE_INFO


@pytest.mark.parametrize("data", [{}, {"answer": "x"}, {"row_version": 1, "answer": ""}])
def test_an_incomplete_answer_changes_nothing(at_home, waiting, data):
    asked = make.ask(make.submitted(waiting))
    assert at_home.post(page(asked, "answer/"), data).status_code == 422
    asked.refresh_from_db()
    assert asked.state == G.MORE_INFO


def test_an_answer_to_what_was_answered_already(at_home, waiting):
    asked = make.ask(make.submitted(waiting))
    data = {"row_version": asked.row_version - 1, "answer": "Late"}
    assert at_home.post(page(asked, "answer/"), data).status_code == 409
    sent = make.moves.answer_question(
        asked, answer="By the hospital", by=waiting.booker, row_version=asked.row_version
    )
    assert at_home.get(page(sent, "answer/")).status_code == 302
    assert at_home.post(page(sent, "answer/"), data).status_code == 409


def test_a_file_for_an_answer_nobody_takes_is_not_kept(at_home, waiting):
    asked = make.ask(make.submitted(waiting))
    kept = MedicalDocument.objects.count(), Consent.objects.count()
    late = {
        "row_version": asked.row_version - 1,
        "answer": "Late",
        "kind": "medical_report",
        "upload": SimpleUploadedFile("more.pdf", pdf()),
        "agree": "on",
    }
    assert at_home.post(page(asked, "answer/"), late).status_code == 409
    assert (MedicalDocument.objects.count(), Consent.objects.count()) == kept


def test_paying_without_the_insurer(at_home, waiting):
    sent = make.submitted(waiting)
    assert "confirmed at once" in words(at_home.get(page(sent, "pay/")))
    assert at_home.post(page(sent, "pay/")).status_code == 303
    assert Appointment.objects.get().state == A.CONFIRMED
    assert Guarantee.objects.get().state == G.WITHDRAWN
    assert at_home.get(page(sent, "pay/")).status_code == 302
    assert at_home.post(page(sent, "pay/")).status_code == 409


@pytest.mark.parametrize("rest", ["", "answer/", "pay/"])
def test_a_stranger_finds_nothing(client, stranger, waiting, rest):
    asked = make.ask(make.submitted(waiting))
    client.force_login(stranger)
    for method in (client.get, client.post):
        response = method(page(asked, rest), {"row_version": asked.row_version, "answer": "x"})
        assert response.status_code in (404, 405)
        assert b"Which treatment" not in response.content
    asked.refresh_from_db()
    assert asked.state == G.MORE_INFO


def test_the_case_and_the_appointment_lead_there(at_home, waiting):
    sent = make.submitted(waiting)
    for address in (f"cases/{waiting.case.public_id}/", f"appointments/{waiting.public_id}/"):
        assert f"/en/care/guarantees/{sent.public_id}/" in words(at_home.get(f"/en/care/{address}"))


def test_cancelling_is_free_after_a_refusal(at_home, waiting):
    make.refuse(make.submitted(waiting))
    waiting.refresh_from_db()
    address = f"/en/care/appointments/{waiting.public_id}/cancel/"
    assert at_home.get(address).status_code == 200
    sent = at_home.post(address, {"version": waiting.version, "reason": ""})
    assert sent.status_code == 303
    assert Appointment.objects.get().state == A.CANCELLED


def test_the_letter_is_set_once_and_saved_by_the_patient(at_home, waiting):
    approved = make.approve(
        make.submitted(waiting), excluded_items="Private room", conditions="Bring the card"
    )
    assert issue_letters() == 1
    assert issue_letters() == 0
    letter = Guarantee.objects.get().letter
    assert letter.document.name == f"guarantee-{approved.reference}.pdf"
    saved = at_home.get(f"/en/care/documents/{letter.document.public_id}/")
    assert saved.content.startswith(b"%PDF-")
    assert "Save the letter" in words(at_home.get(page(approved)))


def test_a_letter_is_set_at_any_instant(waiting, frozen):
    """The typesetter takes no parts of a second."""
    make.approve(make.submitted(waiting))
    assert issue_letters(now=frozen + dt.timedelta(microseconds=479_372)) == 1


@pytest.mark.parametrize("language", ["en", "zh-hans", "ar", "ru"])
def test_the_request_can_be_printed_for_an_insurer_without_a_portal(waiting, language, frozen):
    sent = make.submitted(waiting)
    found = guarantee_letters.for_page(Guarantee.objects.all()).get(pk=sent.pk)
    assert request_paper(found, language=language, now=frozen).startswith(b"%PDF-")


def test_the_place_is_kept_for_days_not_minutes(at_home, waiting):
    make.submitted(waiting)
    waiting.refresh_from_db()
    assert waiting.held_until - clock.now() == dt.timedelta(days=2)
    shown = words(at_home.get(f"/en/care/appointments/{waiting.public_id}/"))
    assert "Waiting for your insurer" in shown


def test_a_hospital_that_may_not_keep_the_report_asks_the_patient(at_home, waiting):
    draft = make.drafted(waiting)
    Consent.objects.filter(purpose="health_data").delete()
    assert "Your hospital needs your agreement" in words(at_home.get(page(draft)))
    unticked = at_home.post(page(draft, "agree/"), {})
    assert (unticked.status_code, "Tick this box" in words(unticked)) == (422, True)
    assert not Consent.objects.filter(purpose="health_data").exists()
    for _time in range(2):
        assert at_home.post(page(draft, "agree/"), {"agree": "on"}).status_code == 303
    given = Consent.objects.get(purpose="health_data")
    assert (given.patient, given.withdrawn_at) == (waiting.patient, None)
    assert "Your hospital needs your agreement" not in words(at_home.get(page(draft)))


def test_the_agreement_for_a_strangers_request_is_not_found(client, waiting, stranger):
    draft = make.drafted(waiting)
    Consent.objects.filter(purpose="health_data").delete()
    client.force_login(stranger)
    assert client.post(page(draft, "agree/"), {"agree": "on"}).status_code == 404
    assert not Consent.objects.filter(purpose="health_data").exists()
