"""A request that waits to be sent is told to those who send it, and asks for more than nothing."""

import datetime as dt

import pytest

from bookings.models.case import Actor
from bookings.transitions import AppointmentState
from hospitals.models import Hospital
from messaging.models import Message
from payments.guarantee_refusals import AmountsBroken
from payments.models import Guarantee, GuaranteeLetter
from payments.services.insurance import guarantees
from payments.services.insurance.guarantee_letters import issue_letters
from payments.services.insurance.moving import move_insured
from payments.services.insurance.patient_questions import book_by_answer
from payments.transitions import GuaranteeState as G
from tests.factories import AppointmentFactory, MembershipFactory, SlotFactory
from tests.factories import guarantees as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def told():
    found = Message.objects.filter(kind="payments.guarantee_desk").order_by("pk")
    return [(one.recipient, one.context["state"]) for one in found]


@pytest.fixture
def appointment():
    return make.waiting_appointment()


@pytest.fixture
def desk(appointment):
    MembershipFactory(hospital=appointment.hospital, role="cashier")
    return MembershipFactory(hospital=appointment.hospital).user


def test_the_desk_hears_of_a_request_that_a_patient_began(appointment, desk):
    make.drafted(appointment)
    assert told() == [(desk, G.DRAFT)]


def test_a_coordinator_is_not_told_of_their_own_draft(appointment, desk):
    guarantees.draft_guarantee(
        appointment.kept_case,
        check=make.check_of(appointment, make.covered()),
        request=make.request_for(appointment),
        by=desk,
    )
    assert told() == []


def move(appointment, guarantee, days):
    start = appointment.slot.starts_at + dt.timedelta(days=days)
    appointment.refresh_from_db()
    return move_insured(
        appointment,
        to_slot=SlotFactory(offer=appointment.slot.offer, starts_at=start),
        by=guarantee.case.opened_by,
        actor=Actor.PATIENT,
        version=appointment.version,
    )


def test_the_desk_hears_of_the_request_for_a_new_day(appointment, desk):
    approved = make.approve(make.submitted(appointment))
    Message.objects.all().delete()
    move(appointment, approved, days=60)
    assert Guarantee.objects.filter(state=G.DRAFT).count() == 1
    assert (desk, G.DRAFT) in told()


def test_the_desk_hears_that_a_draft_is_for_another_day(appointment, desk):
    appointment.state = "confirmed"
    appointment.held_until = None
    appointment.save()
    draft = make.drafted(appointment)
    move(appointment, draft, days=3)
    assert told() == [(desk, G.DRAFT)] * 2


def test_what_a_check_expects_nothing_of_is_asked_as_a_whole(appointment):
    output = {"currency": "CNY", "estimate": "30000.00", "covered_amount": "0.00"}
    check = make.check_of(appointment, make.covered(), outcome="REVIEW", output=output)
    draft = guarantees.draft_guarantee(
        appointment.kept_case,
        check=check,
        request=make.request_for(appointment),
        by=appointment.kept_booker,
    )
    assert (draft.requested_minor, draft.estimate_minor) == (3_000_000, 3_000_000)


def test_a_higher_sum_of_nothing_is_refused(appointment):
    approved = make.approve(make.submitted(appointment))
    with pytest.raises(AmountsBroken):
        guarantees.top_up_guarantee(
            approved,
            estimate=make.cny(3_000_000),
            requested=make.cny(0),
            reason="x",
            by=appointment.kept_booker,
        )
    assert Guarantee.objects.count() == 1


def test_a_letter_that_cannot_be_set_keeps_no_other_waiting():
    first, second = (make.approve(make.submitted()) for _number in range(2))
    Hospital.objects.filter(pk=second.hospital_id).update(time_zone="Mars/Olympus")
    assert issue_letters() == 1
    assert GuaranteeLetter.objects.get().guarantee == first


def test_an_answer_that_names_no_share_books_all_the_same(patient):
    """An insurer that answers itself may ask for a request without saying who pays what."""
    hold = AppointmentFactory(held=True)
    coverage = make.covered(lead_time_working_days=0)
    output = {
        "currency": "CNY", "estimate": "300.00", "covered_amount": "270.00", "patient_share": None,
    }  # fmt: skip
    asked = {
        "category": "inpatient", "setting": "inpatient", "emergency": False,
        "procedure_code": "8151", "diagnosis_code": "M16.1",
    }  # fmt: skip
    check = make.check_of(
        hold,
        coverage,
        patient=patient,
        offer=hold.slot.offer,
        input={"request": asked, "policy": {"policy_id": coverage.plan.code}},
        output=output,
    )
    make.agrees_to_insurer(patient, check.insurer)
    booked = book_by_answer(hold, check, by=patient.account, patient=patient)
    assert booked.state == AppointmentState.AWAITING_GUARANTEE
    assert booked.guarantees.count() == 1
