"""Rows of a hospital's desk, one fixture a thing, all at `hospital`."""

import base64
import datetime as dt

import pytest

from bookings.models import (
    Appointment,
    Case,
    FollowUpPlan,
    FollowUpTask,
    Schedule,
    ScheduleException,
    Slot,
    WaitingEntry,
    WindowRequest,
)
from hospitals.models import (
    CancellationPolicy,
    Department,
    Doctor,
    Equipment,
    Interpreter,
    Offer,
)
from hospitals.services.cancellation_policies import first_version
from medtour.lib import clock
from medtour.lib.money import Money
from payments.models import (
    DepositGap,
    Dispute,
    FapiaoRequest,
    FinalBill,
    Guarantee,
    InsuranceClaim,
    MoneyAlert,
    Obligation,
    PayeeAccount,
    Payment,
    Quote,
    ReconciliationRun,
    Refund,
    RefundClaim,
)
from payments.services.alerts import raise_alert
from payments.services.fapiao import FapiaoDetails, ask_fapiao
from payments.services.refunds import request_refund
from tests.factories import (
    AppointmentFactory,
    DepartmentFactory,
    DoctorFactory,
    EquipmentFactory,
    InterpreterFactory,
    MembershipFactory,
    ObligationFactory,
    OfferFactory,
    PayeeAccountFactory,
    PaymentFactory,
    ScheduleExceptionFactory,
    ScheduleFactory,
    SlotFactory,
    WaitingEntryFactory,
    WindowRequestFactory,
    claims,
    guarantees,
)
from tests.factories.bookings import in_days
from tests.factories.follow_up import asked_task
from tests.factories.quotes import accepted_quote, final_bill


@pytest.fixture(autouse=True)
def _admin_templates(lenient_templates):
    """Every page of the admin comes from templates that are not ours."""


@pytest.fixture
def staff_of(hospital):
    """Return a function that signs up somebody with a role at `hospital`."""

    def make(role):
        return MembershipFactory(hospital=hospital, role=role).user

    return make


@pytest.fixture
def offer(hospital) -> Offer:
    return OfferFactory(hospital=hospital)


@pytest.fixture
def department(hospital) -> Department:
    return DepartmentFactory(hospital=hospital)


@pytest.fixture
def doctor(hospital, department) -> Doctor:
    return DoctorFactory(hospital=hospital, department=department)


@pytest.fixture
def interpreter(hospital) -> Interpreter:
    return InterpreterFactory(hospital=hospital)


@pytest.fixture
def equipment(hospital) -> Equipment:
    return EquipmentFactory(hospital=hospital)


@pytest.fixture
def slot(offer) -> Slot:
    return SlotFactory(offer=offer, starts_at=in_days(1))


@pytest.fixture
def schedule(offer) -> Schedule:
    return ScheduleFactory(offer=offer)


@pytest.fixture
def closed_day(hospital) -> ScheduleException:
    return ScheduleExceptionFactory(hospital=hospital)


@pytest.fixture
def appointment(slot, patient) -> Appointment:
    return AppointmentFactory(slot=slot, patient=patient)


@pytest.fixture
def case(appointment) -> Case:
    return appointment.case


@pytest.fixture
def window_request(offer, patient) -> WindowRequest:
    return WindowRequestFactory(
        offer=offer,
        case__patient=patient,
        first_on=in_days(3).date(),
        last_on=in_days(5).date(),
        notes="I use a wheelchair",
    )


@pytest.fixture
def waiting_entry(offer, patient) -> WaitingEntry:
    return WaitingEntryFactory(offer=offer, patient=patient, booker=patient.account)


@pytest.fixture
def discharge_of_day_one(patient, hospital, coordinator) -> FollowUpTask:
    """Return questions of day one that were asked."""
    return asked_task(patient, hospital, coordinator)


@pytest.fixture
def follow_up_rows(discharge_of_day_one, hospital) -> list[object]:
    """Return one row of `hospital` for each page after a discharge."""
    plan = FollowUpPlan.objects.create(hospital=hospital, days=[1], questions=["pain"])
    return [discharge_of_day_one, plan]


@pytest.fixture
def quote(case, operator) -> Quote:
    return accepted_quote(case, operator)


@pytest.fixture
def bill(quote, operator) -> FinalBill:
    return final_bill(quote, operator, {"Surgery": 3_000_000, "Wine": 7_000})


@pytest.fixture
def account(hospital) -> PayeeAccount:
    return PayeeAccountFactory(hospital=hospital, account_id="acct_first")


@pytest.fixture
def due(appointment, account) -> Obligation:
    return ObligationFactory(appointment=appointment, settled_at=clock.now())


@pytest.fixture
def payment(due) -> Payment:
    return PaymentFactory(obligation=due, succeeded=True)


@pytest.fixture
def refund(payment, operator) -> Refund:
    """Return a refund of CNY 100 that a person decided; it goes without a second one."""
    amount = Money(10_000, "CNY")
    begun = request_refund(payment, amount=amount, cause="goodwill", reason="Waited")
    begun.requested_by = operator
    begun.save(update_fields=["requested_by"])
    return begun


@pytest.fixture
def deposit_gap(payment, refund) -> DepositGap:
    """Return the desk's question what becomes of the appointment after the refund."""
    return DepositGap.objects.create(
        obligation=payment.obligation, payment=payment, refund=refund, missing_minor=10_000
    )


@pytest.fixture
def refund_claim(due, user) -> RefundClaim:
    return RefundClaim.objects.create(
        obligation=due,
        cause="visa_refused",
        statement="The consulate said no",
        proof=base64.b64encode(b"%PDF-1.7 letter").decode(),
        proof_type="application/pdf",
        asked_by=user,
    )


@pytest.fixture
def dispute(payment) -> Dispute:
    due_at = clock.now() + dt.timedelta(days=5)
    return Dispute.objects.create(
        payment=payment,
        gateway_id="du_1",
        amount_minor=160_000,
        reason="fraudulent",
        evidence_due_at=due_at,
        state=Dispute.State.WON,
    )


@pytest.fixture
def fapiao(payment, user) -> FapiaoRequest:
    return ask_fapiao(payment, FapiaoDetails("company", "Sample Ltd", "91310000X"), by=user)


@pytest.fixture
def alert(hospital, payment) -> MoneyAlert:
    raise_alert(MoneyAlert.Kind.OVERPAID, "overpaid:1", hospital=hospital, payment=payment)
    return MoneyAlert.objects.get()


@pytest.fixture
def reconciliation(account) -> ReconciliationRun:
    now = clock.now()
    run = ReconciliationRun.objects.create(
        gateway="stripe", account_id="acct_first", from_at=now, until_at=now, compared=1
    )
    run.differences.create(
        kind="missing_in_ledger", type="charge", object_id="ch_1", currency="CNY", gateway_minor=5
    )
    return run


@pytest.fixture
def policy(hospital, operator) -> CancellationPolicy:
    return first_version(hospital, name="Visits", bands=[[48, 100], [24, 50]], by=operator)


@pytest.fixture
def guarantee(offer, patient) -> Guarantee:
    slot = SlotFactory(offer=offer, starts_at=in_days(12))
    return guarantees.submitted(guarantees.waiting_appointment(slot=slot, patient=patient))


@pytest.fixture
def insurance_claim(offer, patient) -> InsuranceClaim:
    slot = SlotFactory(offer=offer, starts_at=in_days(20))
    waiting = guarantees.waiting_appointment(slot=slot, patient=patient)
    return claims.drafted_claim(claims.approved(appointment=waiting))


@pytest.fixture
def money_rows(
    due,
    payment,
    refund,
    deposit_gap,
    refund_claim,
    dispute,
    fapiao,
    alert,
    reconciliation,
    policy,
    guarantee,
    insurance_claim,
) -> list[object]:
    """Return one row of `hospital` for each page of money."""
    return [
        due, payment, refund, deposit_gap, refund_claim, dispute, fapiao, alert, reconciliation,
        policy, guarantee, insurance_claim,
    ]  # fmt: skip


@pytest.fixture
def rows(
    appointment,
    case,
    window_request,
    waiting_entry,
    slot,
    schedule,
    closed_day,
    offer,
    doctor,
    interpreter,
    equipment,
    hospital,
    quote,
    bill,
    money_rows,
    follow_up_rows,
) -> dict[str, object]:
    """Return one row of `hospital` for each page that hospital staff work with."""
    found = (
        appointment,
        case,
        window_request,
        waiting_entry,
        slot,
        schedule,
        closed_day,
        offer,
        doctor,
        interpreter,
        equipment,
        hospital,
        quote,
        bill,
        *money_rows,
        *follow_up_rows,
    )
    return {row._meta.label_lower: row for row in found}


@pytest.fixture
def begun(offer, patient, frozen) -> Appointment:
    """Return a confirmed appointment that began half an hour ago."""
    slot = SlotFactory(offer=offer, starts_at=frozen - dt.timedelta(minutes=30))
    return AppointmentFactory(slot=slot, patient=patient)
