"""Invitation letters: for a confirmed appointment only, good while it stays, for its people only."""

import datetime as dt
import io
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import AuditEntry
from bookings.models import InvitationLetter
from bookings.pre_visit_refusals import NoConfirmedAppointment, StayBroken
from bookings.selectors.invitations import InvitationFacts, facts_of, newest_letter
from bookings.services.invitations import issue_invitation
from messaging.models import Message
from tests.bookings.snapshot import snapshot
from tests.factories import AppointmentFactory, MembershipFactory
from tests.factories.bookings import SlotFactory, in_days

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def facts(appointment, **changes):
    day = appointment.slot.starts_at.date()
    values = {
        "name": "ANNA TEST",
        "nationality": "RU",
        "passport_number": "E1234567",
        "first_on": day - dt.timedelta(days=1),
        "last_on": day + dt.timedelta(days=14),
        "contact": "Wang Fang",
        "telephone": "+86 21 5555 0000",
        "date_of_birth": dt.date(1980, 2, 3),
        "companions": ("BORIS TEST",),
    }
    return InvitationFacts(**values | changes)


@pytest.fixture
def appointment(patient, hospital):
    return AppointmentFactory(
        patient=patient, slot__offer__hospital=hospital, slot__starts_at=in_days(40)
    )


@pytest.fixture
def letter(appointment, coordinator):
    return issue_invitation(appointment, facts=facts(appointment), by=coordinator)


def test_a_letter_keeps_its_facts_encrypted(letter, appointment, coordinator, frozen):
    kept = InvitationLetter.objects.get()
    assert facts_of(kept) == facts(appointment)
    assert (kept.issued_by, kept.issued_at) == (coordinator, frozen)
    assert kept.starts_at == appointment.slot.starts_at
    event = appointment.events.get(action="invite")
    assert (event.actor, event.by) == ("hospital", coordinator)
    with transaction.atomic():
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT facts FROM bookings_invitationletter")
            assert "E1234567" not in cursor.fetchone()[0]


@pytest.mark.parametrize("state", ["awaiting_payment", "cancelled", "arrived", "completed"])
def test_without_a_confirmed_appointment_there_is_no_letter(appointment, coordinator, state):
    appointment.state, appointment.ended_by = state, "patient"
    appointment.held_until = appointment.slot.starts_at
    appointment.save()
    before = snapshot()
    with pytest.raises(NoConfirmedAppointment):
        issue_invitation(appointment, facts=facts(appointment), by=coordinator)
    assert snapshot() == before
    assert InvitationLetter.objects.count() == Message.objects.count() == 0


def test_an_appointment_that_has_begun_invites_nobody(appointment, coordinator):
    with pytest.raises(NoConfirmedAppointment):
        issue_invitation(
            appointment,
            facts=facts(appointment),
            by=coordinator,
            now=appointment.slot.starts_at,
        )
    assert InvitationLetter.objects.count() == 0


def test_the_stay_holds_the_appointment(appointment, coordinator):
    day = appointment.slot.starts_at.date()
    for broken in (
        replace(facts(appointment), first_on=day + dt.timedelta(days=1)),
        replace(facts(appointment), last_on=day - dt.timedelta(days=1)),
    ):
        with pytest.raises(StayBroken):
            issue_invitation(appointment, facts=broken, by=coordinator)
    assert InvitationLetter.objects.count() == 0


def test_an_issued_letter_is_never_rewritten(letter):
    with pytest.raises(IntegrityError), transaction.atomic():
        InvitationLetter.objects.update(number="OTHER")


def test_a_letter_counts_until_its_appointment_changes(letter, appointment):
    assert newest_letter(appointment.case) == letter
    appointment.slot = SlotFactory(offer=appointment.slot.offer, starts_at=in_days(41))
    appointment.save()
    assert newest_letter(appointment.case) is None


def test_the_newest_letter_counts(letter, appointment, coordinator):
    other = issue_invitation(
        appointment, facts=facts(appointment, passport_number="E7654321"), by=coordinator
    )
    assert newest_letter(appointment.case) == other


# ---- who may have it -----------------------------------------------------------------------------


def address(appointment):
    return reverse("bookings:invitation_pdf", args=[appointment.case.public_id])


def test_the_patient_saves_it_from_the_appointment(client, user, letter, appointment):
    client.force_login(user)
    page = client.get(reverse("bookings:appointment", args=[appointment.public_id]))
    assert address(appointment) in page.content.decode()
    answer = client.get(address(appointment))
    assert answer["Content-Disposition"] == (
        f'attachment; filename="invitation-{letter.number}.pdf"'
    )
    text = " ".join(p.extract_text() for p in PdfReader(io.BytesIO(answer.content)).pages)
    assert "E1234567" in text
    entry = AuditEntry.objects.get(action="paper.open")
    assert entry.target == f"bookings.invitationletter:{letter.public_id}"


def test_one_that_counts_no_longer_is_not_handed_out(client, user, letter, appointment):
    appointment.state, appointment.ended_by = "cancelled", "hospital"
    appointment.save()
    client.force_login(user)
    assert client.get(address(appointment)).status_code == 404


def test_strangers_find_none(client, stranger, coordinator, letter, appointment):
    for person in (stranger, coordinator):
        client.force_login(person)
        answer = client.get(address(appointment))
        assert answer.status_code == 404
        assert b"E1234567" not in answer.content


# ---- the desk ------------------------------------------------------------------------------------


def desk(appointment, act):
    return reverse(f"admin:bookings_appointment_{act}", args=[appointment.pk])


def typed(appointment, **changes):
    said = facts(appointment)
    values = {
        "name": said.name,
        "date_of_birth": "1980-02-03",
        "nationality": "RU",
        "passport_number": " e123 4567 ",
        "companions": "BORIS  TEST\n\n",
        "first_on": said.first_on.isoformat(),
        "last_on": said.last_on.isoformat(),
        "contact": said.contact,
        "telephone": said.telephone,
    }
    return values | changes


@pytest.mark.usefixtures("lenient_templates")
def test_the_coordinator_issues_it_and_saves_it_to_sign(client, coordinator, appointment):
    client.force_login(coordinator)
    page = client.get(desk(appointment, "invitation")).content.decode()
    assert "ANNA TEST" in page
    answer = client.post(desk(appointment, "invitation"), typed(appointment))
    assert answer.status_code == 302
    assert facts_of(InvitationLetter.objects.get()) == facts(appointment)
    saved = client.get(desk(appointment, "invitation-pdf"), {"language": "zh-hans"})
    assert saved.content.startswith(b"%PDF")


@pytest.mark.usefixtures("lenient_templates")
@pytest.mark.parametrize(
    "broken",
    [
        {"passport_number": "É!"},
        {"nationality": "XX"},
        {"companions": "\n".join("ABCDEF")},
        {"first_on": "2030-01-01"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_issued(client, coordinator, appointment, broken):
    client.force_login(coordinator)
    answer = client.post(desk(appointment, "invitation"), typed(appointment, **broken))
    assert answer.status_code in (200, 409)
    assert InvitationLetter.objects.count() == 0


@pytest.mark.usefixtures("lenient_templates")
@pytest.mark.parametrize("act", ["invitation", "invitation-pdf", "consultation-link"])
def test_the_desk_of_another_hospital_finds_nothing(client, other_coordinator, letter, act):
    client.force_login(other_coordinator)
    answer = client.get(desk(letter.appointment, act))
    assert answer.status_code == 404


@pytest.mark.usefixtures("lenient_templates")
def test_only_a_coordinator_writes_to_an_embassy(client, hospital, letter):
    scheduler = MembershipFactory(hospital=hospital, role="scheduler").user
    client.force_login(scheduler)
    for act in ("invitation", "invitation-pdf"):
        assert client.get(desk(letter.appointment, act)).status_code == 403
