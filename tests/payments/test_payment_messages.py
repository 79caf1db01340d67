"""Messages about deposits: true when they are sent, in the recipient's language, not medical."""

import datetime as dt

import pytest

from bookings.models import Appointment
from medtour.lib import clock
from messaging.kinds import Suppressed
from messaging.models import Message
from messaging.rendering import render
from payments import tasks
from payments.models import Obligation
from payments.services import settlement
from tests.payments.paying import due, paid_unseen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def nothing_medical(rendered, obligation):
    offer = obligation.appointment.slot.offer
    patient = obligation.case.patient
    words = rendered.text + rendered.subject + rendered.html
    return not any(each in words for each in (offer.treatment.name, patient.passport_name))


def test_the_booker_learns_that_the_deposit_is_paid():
    obligation = due()
    settlement.settle(paid_unseen(obligation, "USD"))
    message = Message.objects.get(kind="payments.deposit_paid")
    assert message.recipient == obligation.appointment.booker
    rendered = render(message)
    assert rendered.subject == f"Your deposit is paid ({obligation.transfer_reference})"
    assert "CNY 160.00" in rendered.text
    assert "/en/" in rendered.text
    assert nothing_medical(rendered, obligation)


def test_it_is_not_said_any_more_when_it_is_not_true():
    obligation = due()
    settlement.settle(paid_unseen(obligation))
    Obligation.objects.update(settled_at=None)
    assert isinstance(render(Message.objects.get(kind="payments.deposit_paid")), Suppressed)


def test_the_booker_learns_that_money_goes_back():
    obligation = due()
    payment = paid_unseen(obligation)
    Appointment.objects.update(state="cancelled")
    settlement.settle(payment)
    rendered = render(Message.objects.get(kind="payments.place_lost"))
    assert rendered.subject == f"Your money goes back in full ({obligation.transfer_reference})"
    assert "CNY 160.00" in rendered.text
    assert nothing_medical(rendered, obligation)


def test_the_tasks_do_their_work(frozen):
    payment = paid_unseen(due())
    with clock.freeze(frozen + dt.timedelta(minutes=3)):
        for task in (tasks.process_events, tasks.sweep, tasks.send_refunds, tasks.check_payees):
            task()
            task()
    payment.refresh_from_db()
    payment.payee_account.refresh_from_db()
    assert payment.state == "succeeded"
    assert payment.payee_account.holder_checked_at == frozen + dt.timedelta(minutes=3)
