"""Statement, agreements, tiers, transfers and users: what an insurer reads and saves."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from accounts.models import AuditEntry
from accounts.services import audit
from medtour.lib import clock
from payments.models import InsuranceClaim, Remittance
from payments.presenters import portal_trail
from payments.selectors.insurance import officer_trail
from payments.selectors.insurance.claim_statement import settlement_statement, statement_claims
from payments.services.insurance import claim_decisions
from payments.transitions import ClaimState as C
from tests.factories import claims as made
from tests.factories.insurance import (
    AgreementFactory,
    EligibilityCheckFactory,
    InsurerFactory,
    NetworkFactory,
    NetworkHospitalFactory,
)
from tests.factories.portal import desk, seat
from tests.people import sign_in_with_second_step

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
DESK = "/en/insurer/"
NOVEMBER, OCTOBER = dt.date(2026, 11, 1), dt.date(2026, 10, 1)


def words(response):
    return " ".join(response.content.decode().split())


def content(response):
    assert response.status_code == 200
    return b"".join(response) if response.streaming else response.content


def rows_of(response):
    return list(csv.reader(io.StringIO(content(response).decode("utf-8-sig"))))


def sign_in(client, officer):
    sign_in_with_second_step(client, officer.user)
    return client


# ---- the statement ------------------------------------------------------------------------------


@pytest.fixture
def settled():
    """Return a claim of October that was paid in part in November, and one sent in November."""
    with clock.freeze(dt.datetime(2026, 10, 20, 3, 0, tzinfo=dt.UTC)):
        first = made.sent_claim()
    made.remitted(first, line_2=50_000)
    second = made.sent_claim()
    InsuranceClaim.objects.filter(pk=second.pk).update(
        insurer=first.insurer, hospital=first.hospital
    )
    return first, second


@pytest.mark.parametrize("month", [OCTOBER, NOVEMBER, dt.date(2026, 12, 1)])
def test_the_claims_of_a_month_add_up_to_its_statement(settled, month):
    first, _second = settled
    about = {"hospital": first.hospital, "month": month}
    claims = InsuranceClaim.objects.filter(insurer=first.insurer)
    [total] = settlement_statement(claims, **about)
    months = statement_claims(claims, **about)
    for name in ("opening", "sent", "paid", "dropped", "closing"):
        assert sum(getattr(each, name).minor for each in months) == getattr(total, name).minor


def test_a_closed_claim_is_dropped_in_its_month_and_gone_in_the_next(settled):
    first, second = settled
    claim_decisions.close_claim(first, by=None, without_appeal=True)
    claims = InsuranceClaim.objects.filter(insurer=first.insurer)
    [old, new] = statement_claims(claims, hospital=first.hospital, month=NOVEMBER)
    assert (old.claim, old.dropped.minor, old.closing.minor) == (first, 355_000, 0)
    assert (new.claim, new.opening.minor, new.closing.minor) == (second, 0, made.INSURER)
    later = statement_claims(claims, hospital=first.hospital, month=dt.date(2026, 12, 1))
    assert [each.claim for each in later] == [second]


def test_the_month_is_shown_and_saved(client, settled):
    first, second = settled
    sign_in(client, seat(first.insurer))
    shown = words(client.get(f"{DESK}statement/?month=2026-11"))
    for fact in ("Owed at the beginning", "31,050.00", "27,500.00", "34,600.00", "How long"):
        assert fact in shown
    choice = f"?hospital={first.hospital.slug}&month=2026-11"
    rows = rows_of(client.get(f"{DESK}statement/csv/{choice}"))
    assert [row[0] for row in rows[1:]] == [first.reference, second.reference, "Together"]
    assert rows[1][5:] == ["31050.00", "0.00", "27500.00", "0.00", "3550.00"]
    assert rows[3][5:] == ["31050.00", "31050.00", "27500.00", "0.00", "34600.00"]
    saved = content(client.get(f"{DESK}statement/xlsx/{choice}"))
    assert load_workbook(io.BytesIO(saved)).active["J4"].value == Decimal("34600.00")
    assert client.get(f"{DESK}statement/exe/{choice}").status_code == 404
    assert AuditEntry.objects.filter(action="claim.statement").count() == 2


def test_a_month_without_claims_says_so(client, hospital):
    sign_in(client, seat(InsurerFactory()))
    assert "No claims yet" in words(client.get(f"{DESK}statement/"))
    assert client.get(f"{DESK}statement/csv/").status_code == 404


# ---- agreements and tiers -----------------------------------------------------------------------


@pytest.fixture
def insurer():
    return InsurerFactory()


def test_agreements_show_their_terms_and_days(client, insurer, hospital):
    sign_in(client, seat(insurer))
    AgreementFactory(
        insurer=insurer, hospital=hospital, contact="Desk Seven", billing_address="Road 1",
        accepts_partial_direct_pay=False, required_documents=["discharge_summary"],
        identity_copy_above_minor=5_000_000, claim_within_days=45, settlement_days=21,
    )  # fmt: skip
    shown = words(client.get(f"{DESK}network/"))
    for fact in (
        "First Hospital", "Desk Seven", "Road 1", "The hospital takes none", "Discharge summary",
        "50,000", "within 45 days of discharge", "paid within 21 days", "Staying in hospital",
        "In force", "from 1 Jan 2026",
    ):  # fmt: skip
        assert fact in shown


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (dt.date(2026, 1, 1), dt.date(2026, 11, 23), "In force"),
        (dt.date(2026, 1, 1), dt.date(2026, 11, 22), "Ended"),
        (dt.date(2026, 11, 24), None, "Not begun yet"),
    ],
)
def test_a_tier_says_whether_it_applies_today(client, insurer, hospital, first, last, said):
    sign_in(client, seat(insurer))
    network = NetworkFactory(insurer=insurer, name="Gold network")
    NetworkHospitalFactory(
        network=network, hospital=hospital, tier="high_cost", valid_from=first, valid_until=last
    )
    shown = words(client.get(f"{DESK}network/?part=tiers"))
    assert "Gold network" in shown
    assert "High cost" in shown
    assert {one for one in ("In force", "Ended", "Not begun yet") if one in shown} == {said}


@pytest.mark.parametrize("part", ["agreements", "tiers"])
def test_three_rows_cost_as_many_queries_as_one(
    client, insurer, part, django_assert_max_num_queries, django_assert_num_queries
):
    sign_in(client, seat(insurer))
    network = NetworkFactory(insurer=insurer)

    def grow():
        NetworkHospitalFactory(network=network)
        AgreementFactory(insurer=insurer)

    grow()
    address = f"{DESK}network/?part={part}"
    client.get(address)
    with django_assert_max_num_queries(10) as one:
        client.get(address)
    grow()
    grow()
    with django_assert_num_queries(len(one.captured_queries)):
        client.get(address)


# ---- users --------------------------------------------------------------------------------------


def test_every_action_and_kind_has_words():
    assert set(portal_trail.ACTIONS) == set(officer_trail.ACTIONS)
    assert set(portal_trail.KINDS) == set(officer_trail.KINDS)


def test_who_did_what_is_listed_and_saved(client):
    world = desk(C.SUBMITTED)
    colleague = seat(world.insurer, email="colleague@insurer.example")
    claim_decisions.adjudicate_claim(
        world.claim, decisions=made.decisions(world.claim), by=colleague.user
    )
    sign_in(client, world.officer)
    shown = words(client.get(f"{DESK}users/"))
    for fact in ("colleague@insurer.example", "Decided a claim", world.claim.reference):
        assert fact in shown
    rows = rows_of(client.get(f"{DESK}users/csv/?who={colleague.user.public_id}"))
    assert rows[1][1:] == [
        "colleague@insurer.example", "claim.adjudicate", "payments.insuranceclaim",
        world.claim.public_id, world.claim.reference,
    ]  # fmt: skip
    assert len(rows) == 2
    mine = rows_of(client.get(f"{DESK}users/csv/?action=insurance.batch"))
    assert [row[2] for row in mine[1:]] == ["insurance.batch"]
    assert AuditEntry.objects.filter(action="insurance.trail_saved").count() == 2
    filtered = words(client.get(f"{DESK}users/?about=payments.member"))
    assert world.claim.reference not in filtered


def test_what_officers_do_for_themselves_or_elsewhere_is_not_there(client, insurer):
    """An officer can be a patient, and may have worked for another insurer before."""
    officer = seat(insurer)
    before = made.sent_claim()
    own = EligibilityCheckFactory(insurer=insurer, asked_by=officer.user)
    for action, target in (
        ("claim.adjudicate", f"payments.insuranceclaim:{before.public_id}"),
        ("insurance.check", f"payments.eligibilitycheck:{own.public_id}"),
        ("profile.change", "accounts.patient:x"),
    ):
        audit.record(by=officer.user, action=action, target=target)
    sign_in(client, officer)
    assert "Nothing here" in words(client.get(f"{DESK}users/"))
    audit.record(
        by=officer.user, action="member.search", target=f"hospitals.insurer:{insurer.slug}"
    )
    assert "Looked for a member" in words(client.get(f"{DESK}users/"))


def test_a_liaison_reads_only_the_own_acts(client, insurer, hospital):
    officer, liaison = seat(insurer), seat(insurer, hospital)
    for person in (officer, liaison):
        audit.record(
            by=person.user, action="member.search", target=f"hospitals.insurer:{insurer.slug}"
        )
    sign_in(client, liaison)
    shown = words(client.get(f"{DESK}users/"))
    assert liaison.user.email in shown
    assert officer.user.email not in shown


def test_three_acts_cost_as_many_queries_as_one(
    client, insurer, django_assert_max_num_queries, django_assert_num_queries
):
    officer = sign_in(client, seat(insurer)) and insurer.officers.get()
    note = {"by": officer.user, "action": "member.search"}
    audit.record(**note, target=f"hospitals.insurer:{insurer.slug}")
    client.get(f"{DESK}users/")
    with django_assert_max_num_queries(10) as one:
        client.get(f"{DESK}users/")
    for _each in range(2):
        audit.record(**note, target=f"hospitals.insurer:{insurer.slug}")
    with django_assert_num_queries(len(one.captured_queries)):
        client.get(f"{DESK}users/")


# ---- remittance files ---------------------------------------------------------------------------


def remittance(claim, *lines, **changes):
    day = clock.today("Asia/Shanghai")
    upload = io.BytesIO("\n".join(("claim,line,status,paid,code", *lines)).encode())
    upload.name = "paid.csv"
    typed = {
        "hospital": claim.hospital.slug,
        "bank_reference": "BANK-9",
        "paid_on_day": day.day,
        "paid_on_month": day.month,
        "paid_on_year": day.year,
        "amount": "27,000.00",
        "appeal_days": "30",
        "file": upload,
        "tried": "",
    }
    return typed | changes


@pytest.fixture
def claim():
    return made.sent_claim()


def test_a_remittance_file_is_tried_and_then_recorded(client, claim):
    sign_in(client, seat(claim.insurer))
    lines = (f"{claim.reference},1,paid,27000.00,", f"{claim.reference},2,denied,0,LATE")
    tried = client.post(f"{DESK}remittances/file/", remittance(claim, *lines))
    assert "The file can be used" in words(tried)
    assert not Remittance.objects.exists()
    kept = words(tried).partition('name="tried" value="')[2].partition('"')[0]
    typed = remittance(claim) | {"tried": kept}
    typed.pop("file")
    sent = client.post(f"{DESK}remittances/file/", typed)
    assert (sent.status_code, sent.url) == (303, f"{DESK}remittances/")
    claim.refresh_from_db()
    assert (claim.state, claim.paid_minor) == (C.SHORT_PAID, 2_700_000)
    assert claim.appeal_until == dt.date(2026, 12, 23)
    again = client.post(f"{DESK}remittances/file/", typed)
    assert again.status_code == 409
    assert Remittance.objects.count() == 1


def test_each_bad_line_is_named_and_nothing_recorded(client, claim):
    sign_in(client, seat(claim.insurer))
    lines = (f"{claim.reference},1,paid,26000.00,", "NOBODY,1,paid,1,")
    sent = client.post(f"{DESK}remittances/file/", remittance(claim, *lines))
    assert sent.status_code == 422
    shown = words(sent)
    assert 'Line 2, column <bdi dir="ltr">paid</bdi>: The amount does not go with' in shown
    assert 'Line 3, column <bdi dir="ltr">claim</bdi>: There is no claim' in shown
    assert not Remittance.objects.exists()


def test_another_insurers_claim_or_hospital_cannot_be_paid(client, claim, other_hospital):
    rival = made.sent_claim()
    sign_in(client, seat(rival.insurer))
    line = f"{claim.reference},1,paid,27000.00,"
    elsewhere = client.post(f"{DESK}remittances/file/", remittance(claim, line))
    assert elsewhere.status_code == 422
    assert "Choose the hospital from the list" in words(elsewhere)
    claim.refresh_from_db()
    assert claim.paid_minor == 0


def test_three_transfers_cost_as_many_queries_as_one(
    client, claim, django_assert_max_num_queries, django_assert_num_queries
):
    sign_in(client, seat(claim.insurer))
    made.remitted(claim)
    address = f"{DESK}remittances/"
    client.get(address)
    with django_assert_max_num_queries(10) as one:
        client.get(address)
    for number in range(2):
        Remittance.objects.create(
            insurer=claim.insurer, hospital=claim.hospital, bank_reference=f"MORE-{number}",
            paid_on=clock.today("UTC"), amount_minor=0, currency="CNY",
            recorded_by=made.cashier_of(claim.guarantee),
        )  # fmt: skip
    with django_assert_num_queries(len(one.captured_queries)):
        assert "MORE-1" in words(client.get(address))
