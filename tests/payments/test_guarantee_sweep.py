"""What time does to guarantees, and what moving, paying alone and cancelling do."""

import datetime as dt

import pytest

from bookings.models import Appointment
from bookings.models.case import Actor
from bookings.services import expiry
from bookings.services.appointments import cancel_appointment
from bookings.transitions import AppointmentState as A
from medtour.lib import clock
from messaging.models import Message
from payments.models import Guarantee, MoneyAlert, Refund
from payments.selectors.insurance.guarantees import is_without_guarantee
from payments.services.insurance import guarantee_sweep as sweep
from payments.services.insurance.moving import move_insured
from payments.services.insurance.self_pay import cancel_without_guarantee, pay_without_insurer
from payments.transitions import GuaranteeState as G
from tests.factories import MembershipFactory, ObligationFactory, PaymentFactory, SlotFactory
from tests.factories import guarantees as make
from tests.factories.insurance import TreatmentCodingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HOUR = dt.timedelta(hours=1)


def told(kind):
    return Message.objects.filter(kind=f"payments.guarantee_{kind}").count()


def alerts():
    return list(MoneyAlert.objects.order_by("pk").values_list("kind", flat=True))


def fresh(guarantee):
    return Guarantee.objects.get(pk=guarantee.pk)


def test_coordinators_hear_at_three_quarters_and_at_the_end_once_each(frozen):
    sent = make.submitted()
    MembershipFactory(hospital=sent.hospital)
    MembershipFactory(hospital=sent.hospital, role="cashier")
    warn, due = sent.warn_at, sent.answer_due_at

    assert sweep.escalate(now=warn - HOUR) == 0
    assert sweep.escalate(now=warn) == 1
    assert sweep.escalate(now=warn + HOUR) == 0
    assert (fresh(sent).escalated_at, fresh(sent).overdue_at) == (warn, None)
    assert (told("desk"), told("late"), alerts()) == (1, 0, ["guarantee_warning"])

    assert sweep.escalate(now=due) == 1
    assert sweep.escalate(now=due + HOUR) == 0
    assert (fresh(sent).escalated_at, fresh(sent).overdue_at) == (warn, due)
    assert (told("desk"), told("late")) == (2, 1)
    assert alerts() == ["guarantee_warning", "guarantee_late"]
    assert [event.action for event in sent.events.order_by("-pk")[:2]] == ["late", "warn"]
    alert = MoneyAlert.objects.latest("pk")
    assert alert.hospital == sent.hospital
    assert alert.details == {"guarantee": sent.public_id, "reference": sent.reference}


def test_a_sweep_that_was_late_escalates_once(frozen):
    sent = make.submitted()
    assert sweep.escalate(now=sent.answer_due_at + HOUR) == 1
    assert sweep.escalate(now=sent.answer_due_at + 2 * HOUR) == 0
    assert alerts() == ["guarantee_late"]


def test_a_question_and_a_notice_escalate_too(frozen):
    asked = make.ask(make.submitted())
    notice = make.drafted(urgency="emergency")
    assert sweep.escalate(now=asked.question_due_at) == 2
    assert sorted(alerts()) == ["guarantee_late", "question_late"]
    assert told("late") == 0
    assert fresh(notice).overdue_at == asked.question_due_at


def test_each_round_has_its_own_escalations(frozen):
    sent = make.submitted()
    sweep.escalate(now=sent.answer_due_at)
    asked = make.ask(fresh(sent))
    assert (asked.escalated_at, asked.overdue_at) == (None, None)
    assert sweep.escalate(now=asked.warn_at) == 1


def test_a_promise_ends_with_its_last_day_at_the_hospital():
    coverage = make.covered()
    approved = make.approve(make.submitted(coverage=coverage))
    until = approved.approved_until
    last = clock.day_bounds(until, "Asia/Shanghai")[1]
    assert sweep.expire_guarantees(now=last - dt.timedelta(seconds=1)) == 0
    assert sweep.expire_guarantees(now=last) == 1
    assert fresh(approved).state == G.EXPIRED
    assert make.balance_of(coverage) == (0, 0)
    assert told("expired") == 1
    assert sweep.expire_guarantees(now=last) == 0


def test_a_treatment_that_has_begun_keeps_its_promise_for_the_claim():
    approved = make.approve(make.submitted())
    approved.case.state = "in_treatment"
    approved.case.save()
    assert sweep.expire_guarantees(now=clock.now() + dt.timedelta(days=400)) == 0


def test_a_place_that_waited_in_vain_ends_its_request(frozen):
    sent = make.submitted()
    kept_until = Appointment.objects.get().held_until
    assert sweep.warn_of_places(now=kept_until - 13 * HOUR) == 0
    sweep.warn_of_places(now=kept_until - 12 * HOUR)
    sweep.warn_of_places(now=kept_until - 11 * HOUR)
    assert told("place_ends") == 1
    expiry.expire_stale_holds(now=kept_until)
    assert Appointment.objects.get().state == A.EXPIRED
    assert sweep.end_with_appointments(now=kept_until) == 1
    assert fresh(sent).state == G.WITHDRAWN
    assert sweep.end_with_appointments(now=kept_until) == 0


def test_a_cancelled_appointment_frees_the_benefit():
    coverage = make.covered()
    approved = make.approve(make.submitted(coverage=coverage))
    appointment = Appointment.objects.get()
    cancel_appointment(
        appointment, by=appointment.booker, actor=Actor.PATIENT, version=appointment.version
    )
    sweep.sweep_guarantees()
    assert fresh(approved).state == G.CANCELLED
    assert make.balance_of(coverage) == (0, 0)


def another_slot(guarantee, days):
    slot = guarantee.appointment.slot
    return SlotFactory(
        offer=slot.offer,
        starts_at=slot.starts_at + dt.timedelta(days=days),
        ends_at=slot.ends_at + dt.timedelta(days=days),
    )


def moved(guarantee, days):
    appointment = Appointment.objects.get(pk=guarantee.appointment_id)
    return move_insured(
        appointment,
        to_slot=another_slot(guarantee, days),
        by=appointment.booker,
        actor=Actor.PATIENT,
        version=appointment.version,
    )


def test_a_day_inside_the_promise_keeps_it():
    coverage = make.covered()
    approved = make.approve(make.submitted(coverage=coverage))
    assert moved(approved, 2).state == A.CONFIRMED
    assert fresh(approved).state == G.APPROVED
    assert make.balance_of(coverage) == (0, 2_700_000)
    assert approved.events.latest("pk").action == "keep"


def test_a_day_outside_the_promise_asks_again(frozen):
    coverage = make.covered()
    approved = make.approve(make.submitted(coverage=coverage))
    appointment = moved(approved, 30)
    assert appointment.state == A.AWAITING_GUARANTEE
    # Five working days to ask, and a day to choose: Monday 30 November and one more.
    assert appointment.held_until == frozen + dt.timedelta(days=8)
    assert fresh(approved).state == G.CANCELLED
    assert make.balance_of(coverage) == (0, 0)
    draft = Guarantee.objects.get(state=G.DRAFT)
    assert (draft.service_from, draft.service_until) == (
        dt.date(2026, 12, 30), dt.date(2027, 1, 3),
    )  # fmt: skip
    assert (draft.diagnosis_code, draft.documents.count()) == ("M16.1", 1)


def test_another_procedure_asks_again():
    approved = make.approve(make.submitted())
    Guarantee.objects.update(procedure_code="8154")
    TreatmentCodingFactory(
        treatment=approved.appointment.slot.offer.treatment, procedure_code="8151"
    )
    assert moved(approved, 1).state == A.AWAITING_GUARANTEE
    assert fresh(approved).state == G.CANCELLED


def test_a_draft_moves_with_the_appointment():
    draft = make.drafted()
    assert moved(draft, 3).state == A.AWAITING_GUARANTEE
    assert fresh(draft).service_from == draft.service_from + dt.timedelta(days=3)


@pytest.mark.parametrize(("days", "state"), [(2, G.SUBMITTED), (9, G.WITHDRAWN)])
def test_a_sent_request_stays_for_days_it_names(days, state):
    sent = make.submitted()
    moved(sent, days)
    assert fresh(sent).state == state
    assert Guarantee.objects.filter(state=G.DRAFT).count() == (state == G.WITHDRAWN)


def test_paying_alone_takes_the_request_back():
    sent = make.submitted()
    appointment = pay_without_insurer(sent.appointment, by=sent.case.opened_by)
    assert appointment.state == A.CONFIRMED
    assert fresh(sent).state == G.WITHDRAWN


def test_when_an_insurer_let_an_appointment_down():
    sent = make.submitted()
    appointment = sent.appointment
    assert not is_without_guarantee(appointment)
    sweep.escalate(now=sent.answer_due_at)
    assert is_without_guarantee(appointment)
    refused = make.refuse(fresh(sent))
    assert is_without_guarantee(appointment)
    assert not is_without_guarantee(make.approve(make.submitted()).appointment)
    assert refused.state == G.DECLINED


def paid(appointment):
    obligation = ObligationFactory(
        appointment=appointment, case=appointment.case, hospital=appointment.hospital
    )
    return PaymentFactory(succeeded=True, obligation=obligation)


@pytest.mark.parametrize(("is_refused", "back"), [(True, 160_000), (False, 0)])
def test_a_refused_guarantee_gives_everything_back(frozen, is_refused, back):
    """The ladder gives nothing any more on the last day; the refusal is the proof (BK-10)."""
    approved = make.approve(make.submitted())
    appointment = Appointment.objects.get()
    payment = paid(appointment)
    payment.obligation.terms = {"ladder": [[240, 100]], "policy": {"name": "x", "version": 1}}
    payment.obligation.save()
    if is_refused:
        make.moves.cancel_guarantee(
            approved, by=None, row_version=approved.row_version, reason="Cover ended"
        )
        Appointment.objects.update(state=A.CONFIRMED, confirmed_at=frozen, held_until=None)
    appointment.refresh_from_db()
    cancel_without_guarantee(appointment, by=appointment.booker, version=appointment.version)
    assert Appointment.objects.get().state == A.CANCELLED
    assert sum(refund.amount_minor for refund in Refund.objects.all()) == back
