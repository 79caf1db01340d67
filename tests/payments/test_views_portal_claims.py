"""The insurer's claims: the list, one claim, its documents, and an officer's word on it."""

import datetime as dt
import io
import json
import zipfile

import pytest

from accounts.models import AuditEntry
from accounts.services.consents import withdraw_consent
from medtour.lib import clock
from payments.models import InsuranceClaim
from payments.transitions import ClaimState as C
from tests.conftest import MONDAY_MORNING
from tests.factories import claims as made
from tests.factories.documents import stored
from tests.factories.portal import seat
from tests.kept import kept
from tests.people import sign_in_with_second_step

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
CLAIMS = "/en/insurer/claims/"


sent_once = kept(made.sent_claim, at=MONDAY_MORNING)


@pytest.fixture
def claim(sent_once, db):
    return fresh(sent_once)


@pytest.fixture
def at_desk(client, claim):
    sign_in_with_second_step(client, seat(claim.insurer).user)
    return client


def page(claim, rest=""):
    return f"{CLAIMS}{claim.public_id}/{rest}"


def words(response):
    return " ".join(response.content.decode().split())


def fresh(claim):
    return InsuranceClaim.objects.get(pk=claim.pk)


def sent_days_ago(claim, days):
    at = clock.now() - dt.timedelta(days=days, minutes=1)
    InsuranceClaim.objects.filter(pk=claim.pk).update(submitted_at=at)


def decision(claim, **changes):
    typed = {"row_version": claim.row_version, "appeal_days": "30"}
    for line in claim.lines.all():
        typed |= {
            f"verdict_{line.position}": "accept",
            f"amount_{line.position}": "",
            f"code_{line.position}": "",
            f"reason_{line.position}": "",
        }
    return typed | changes


CUT = {"verdict_1": "cut", "amount_1": "20,000", "code_1": "TARIFF", "reason_1": "Above the tariff"}
DENY = {"verdict_2": "deny", "code_2": "WARD", "reason_2": "Not in the plan"}


def payment(claim, **changes):
    day = clock.today("Asia/Shanghai")
    typed = {
        "row_version": claim.row_version,
        "bank_reference": "BANK-7",
        "paid_on_day": day.day,
        "paid_on_month": day.month,
        "paid_on_year": day.year,
        "appeal_days": "",
        "amount_1": "27,000.00",
        "code_1": "",
        "amount_2": "4,050.00",
        "code_2": "",
    }
    return typed | changes


@pytest.mark.parametrize(
    ("days", "age"), [(0, "30"), (30, "30"), (31, "60"), (61, "90"), (91, "older")]
)
def test_the_list_is_kept_by_age(at_desk, claim, days, age):
    sent_days_ago(claim, days)
    found = {
        each: claim.reference in words(at_desk.get(f"{CLAIMS}?age={each}"))
        for each in ("30", "60", "90", "older")
    }
    assert found == {each: each == age for each in found}


def test_the_list_is_kept_by_state_and_hospital(at_desk, claim, other_hospital):
    own = claim.hospital.slug
    for address, is_there in (
        (CLAIMS, True),
        (f"{CLAIMS}?state=submitted&hospital={own}", True),
        (f"{CLAIMS}?state=paid", False),
        (f"{CLAIMS}?state=nonsense&hospital={other_hospital.slug}&age=x", True),
    ):
        assert (claim.reference in words(at_desk.get(address))) is is_there, address


def test_three_claims_cost_as_many_queries_as_one(
    at_desk, claim, django_assert_max_num_queries, django_assert_num_queries
):
    at_desk.get(CLAIMS)
    with django_assert_max_num_queries(12) as one:
        at_desk.get(CLAIMS)
    for _each in range(2):
        more = made.sent_claim()
        InsuranceClaim.objects.filter(pk=more.pk).update(insurer=claim.insurer)
    with django_assert_num_queries(len(one.captured_queries)):
        shown = at_desk.get(CLAIMS)
    assert words(shown).count('<th scope="row">') == 3


def test_a_draft_is_not_there_before_it_is_sent(at_desk, claim):
    draft = made.claim_in_state(C.DRAFT)
    InsuranceClaim.objects.filter(pk=draft.pk).update(insurer=claim.insurer)
    assert draft.reference not in words(at_desk.get(f"{CLAIMS}?state=all"))
    assert at_desk.get(page(draft)).status_code == 404


def test_a_claim_shows_its_facts_and_no_slug(at_desk, claim):
    shown = words(at_desk.get(page(claim)))
    for fact in (
        claim.guarantee.member.number, "Surgery", "27,000", "31,050", "24317000000123456789",
        "Stay in hospital", "The hospital sent the claim", "Decide line by line",
    ):  # fmt: skip
        assert fact in shown
    assert "The hospital added a document" not in shown


def test_a_document_of_the_claim_is_handed_out_and_written_down(at_desk, claim):
    document = claim.documents.first().document
    found = at_desk.get(page(claim, f"documents/{document.public_id}/"))
    assert found.status_code == 200
    assert found["Content-Disposition"].startswith("attachment")
    noted = AuditEntry.objects.filter(action="document.open", target__contains=document.public_id)
    assert noted.count() == 1


def test_no_other_document_and_none_after_the_agreement_ended(at_desk, claim):
    patient = claim.bill.quote.case.patient
    other = stored(patient, name="private.pdf")
    assert at_desk.get(page(claim, f"documents/{other.public_id}/")).status_code == 404
    withdraw_consent(patient.consents.get(purpose="insurer_transfer"))
    document = claim.documents.first().document
    denied = at_desk.get(page(claim, f"documents/{document.public_id}/"))
    assert denied.status_code == 409
    assert "The patient has taken back the agreement to share with you." in words(denied)
    assert not AuditEntry.objects.filter(action="document.open").exists()


def test_the_whole_claim_is_saved_as_one_archive_and_written_down(at_desk, claim):
    saved = at_desk.get(page(claim, "archive/"))
    assert (saved.status_code, saved["Content-Type"]) == (200, "application/zip")
    name = f'attachment; filename="claim-{claim.reference}.zip"'
    assert (saved["Content-Disposition"], saved["Cache-Control"]) == (name, "no-store, private")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(saved)))
    first, second, *documents = archive.namelist()
    assert (first, second) == ("claim.pdf", "claim.json")
    assert len(documents) == claim.documents.count() > 0
    data = json.loads(archive.read("claim.json"))
    assert (data["reference"], data["insurer_part"]) == (claim.reference, "31050.00")
    noted = AuditEntry.objects.filter(
        action="claim.export", user_id=at_desk.session["_auth_user_id"]
    )
    assert noted.count() == 1 + len(documents)


def test_no_archive_after_the_agreement_ended(at_desk, claim):
    patient = claim.bill.quote.case.patient
    withdraw_consent(patient.consents.get(purpose="insurer_transfer"))
    denied = at_desk.get(page(claim, "archive/"))
    assert denied.status_code == 409
    assert "The patient has taken back the agreement to share with you." in words(denied)
    assert not AuditEntry.objects.filter(action="claim.export").exists()


def test_lines_are_accepted_cut_and_denied(at_desk, claim):
    sent = at_desk.post(page(claim, "decide/"), decision(claim, **CUT, **DENY))
    assert (sent.status_code, sent.url) == (303, page(claim))
    kept = fresh(claim)
    assert (kept.state, kept.appeal_until) == (C.ADJUDICATED, dt.date(2026, 12, 23))
    lines = kept.lines.values_list("allowed_minor", "denial_code", "denial_reason")
    assert list(lines) == [
        (2_000_000, "TARIFF", "Above the tariff"),
        (0, "WARD", "Not in the plan"),
    ]
    event = kept.events.get(action="adjudicate")
    assert event.by.insurer_officer.insurer == claim.insurer
    shown = words(at_desk.get(page(claim)))
    assert "Not in the plan" in shown
    assert "Decide line by line" not in shown


def test_denying_everything_denies_the_claim(at_desk, claim):
    deny = {"verdict_1": "deny", "code_1": "X", "reason_1": "No"}
    assert at_desk.post(page(claim, "decide/"), decision(claim, **deny, **DENY)).status_code == 303
    assert fresh(claim).state == C.DENIED


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"verdict_1": "cut", "code_1": "A", "reason_1": "B"}, "below what was billed"),
        ({**CUT, "amount_1": "30,000.00"}, "below what was billed"),
        ({**CUT, "amount_1": "0"}, "below what was billed"),
        ({**CUT, "amount_1": "some"}, "Enter the amount in figures"),
        ({**CUT, "code_1": ""}, "Enter the reason code"),
        ({**DENY, "reason_2": ""}, "Write the reason"),
        ({"amount_1": "20,000"}, "or clear the rest"),
        ({"verdict_1": "burn"}, "Select a valid choice"),
        ({"appeal_days": "soon"}, "Enter a number of days"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_decided(at_desk, claim, changes, said):
    sent = at_desk.post(page(claim, "decide/"), decision(claim, **changes))
    assert sent.status_code == 422
    assert said in words(sent)
    kept = fresh(claim)
    assert (kept.state, kept.row_version) == (C.SUBMITTED, claim.row_version)


def test_a_decision_on_an_old_version_is_refused_and_kept(at_desk, claim):
    old = decision(claim, row_version=claim.row_version - 1, **CUT)
    sent = at_desk.post(page(claim, "decide/"), old)
    assert sent.status_code == 409
    assert "Somebody changed this claim in the meantime" in words(sent)
    assert "Above the tariff" in words(sent)
    assert f'name="row_version" value="{claim.row_version}"' in words(sent)
    assert fresh(claim).state == C.SUBMITTED


def test_sent_twice_is_decided_once(at_desk, claim):
    typed = decision(claim, **CUT)
    assert at_desk.post(page(claim, "decide/"), typed).status_code == 303
    again = at_desk.post(page(claim, "decide/"), typed)
    assert (again.status_code, again.url) == (303, page(claim))
    assert claim.events.filter(action="adjudicate").count() == 1


def test_one_transfer_pays_a_part(at_desk, claim):
    typed = payment(claim, amount_2="50", code_2="WARD", appeal_days="10")
    assert at_desk.post(page(claim, "payment/"), typed).status_code == 303
    kept = fresh(claim)
    assert (kept.state, kept.paid_minor) == (C.SHORT_PAID, 2_705_000)
    assert kept.appeal_until == dt.date(2026, 12, 3)
    assert kept.outstanding.minor == made.INSURER - 2_705_000
    remittance = claim.insurer.remittances.get()
    assert (remittance.bank_reference, remittance.amount_minor) == ("BANK-7", 2_705_000)
    assert "BANK-7" in words(at_desk.get("/en/insurer/remittances/"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"bank_reference": ""}, "Enter the bank’s reference"),
        ({"amount_1": "27,000.01"}, "Enter no more than this line still brings"),
        ({"amount_1": "26,000"}, "Enter the reason code for paying less"),
        ({"amount_1": ""}, "Enter an amount"),
        ({"paid_on_year": "2027"}, "Enter a day that is not in the future"),
    ],
)
def test_a_wrong_payment_is_named_and_nothing_recorded(at_desk, claim, changes, said):
    sent = at_desk.post(page(claim, "payment/"), payment(claim, **changes))
    assert sent.status_code == 422
    assert said in words(sent)
    assert (fresh(claim).state, fresh(claim).paid_minor) == (C.SUBMITTED, 0)


def test_a_bank_reference_counts_once(at_desk, claim):
    other = made.sent_claim(made.approved())
    InsuranceClaim.objects.filter(pk=other.pk).update(
        insurer=claim.insurer, hospital=claim.hospital
    )
    assert at_desk.post(page(claim, "payment/"), payment(claim)).status_code == 303
    twice = at_desk.post(page(other, "payment/"), payment(other))
    assert twice.status_code == 409
    assert "A remittance with this bank’s reference is recorded already." in words(twice)
    assert fresh(other).paid_minor == 0


@pytest.fixture
def appealed(client):
    claim = made.claim_in_state(C.APPEALED)
    sign_in_with_second_step(client, seat(claim.insurer).user)
    return claim


def test_an_appeal_is_turned_down_in_words(client, appealed):
    shown = words(client.get(page(appealed)))
    assert "It was needed." in shown
    typed = decision(appealed, agrees="no", answer="We keep our decision.", appeal_days="")
    assert client.post(page(appealed, "appeal/"), typed).status_code == 303
    kept = fresh(appealed)
    assert (kept.state, kept.appeal_until) == (C.SHORT_PAID, None)
    assert (appealed.appeals.get().is_upheld, appealed.appeals.get().answer) == (
        False,
        "We keep our decision.",
    )
    assert "We keep our decision." in words(client.get(page(appealed)))


def test_an_appeal_is_granted_and_the_lines_decided_again(client, appealed):
    typed = decision(appealed, agrees="yes", answer="You were right.")
    assert client.post(page(appealed, "appeal/"), typed).status_code == 303
    assert fresh(appealed).state == C.ADJUDICATED
    assert appealed.appeals.get().is_upheld is True


def test_an_answer_needs_words_and_keeps_what_was_paid(client, appealed):
    typed = decision(appealed, agrees="yes", answer="", verdict_1="deny", code_1="X", reason_1="Y")
    sent = client.post(page(appealed, "appeal/"), typed)
    assert sent.status_code == 422
    assert "Write your answer" in words(sent)
    assert "You paid a part of this line: it cannot be denied" in words(sent)
    assert fresh(appealed).state == C.APPEALED


@pytest.mark.parametrize("state", [C.ADJUDICATED, C.PAID, C.CLOSED])
def test_no_form_opens_that_is_not_due(client, state):
    claim = made.claim_in_state(state)
    sign_in_with_second_step(client, seat(claim.insurer).user)
    shut = {"decide/", "appeal/"} if state == C.ADJUDICATED else {"decide/", "payment/", "appeal/"}
    for rest in shut:
        found = client.get(page(claim, rest))
        assert (found.status_code, found.url) == (302, page(claim))


def test_a_liaison_reads_a_claim_and_sees_no_button(client, claim):
    sign_in_with_second_step(client, seat(claim.insurer, claim.hospital).user)
    shown = words(client.get(page(claim)))
    assert "Only an officer of your company decides and pays it." in shown
    assert "Decide line by line" not in shown
    denied = client.post(page(claim, "decide/"), decision(claim))
    assert denied.status_code == 403
    assert fresh(claim).state == C.SUBMITTED
