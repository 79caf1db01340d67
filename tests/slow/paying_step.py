"""One process that does a step of paying and is killed, kill -9, at a point named on its line.

    python -m tests.slow.paying_step STEP KILL_AT POSITION ROW

KILL_AT is the function before whose POSITION-th call the process dies, or nothing: then it ends as
a process should.
"""

import importlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any


def die_before(place: str, position: int) -> None:
    """Let this process die the moment it wants to call a function for the so-many-th time."""
    module_name, _, name = place.rpartition(".")
    owner: Any = importlib.import_module(module_name.partition(":")[0])
    for part in filter(None, module_name.partition(":")[2].split(".")):
        owner = getattr(owner, part)
    calls = 0
    right: Callable[..., Any] = getattr(owner, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == position:
            os.kill(os.getpid(), signal.SIGKILL)
        return right(*args, **kwargs)

    setattr(owner, name, call)


def pay(obligation: str) -> None:
    """The web process: the button on the page of terms."""
    from payments.models import Obligation
    from payments.services import deposits

    due = Obligation.objects.get(pk=obligation)
    payment = deposits.start_payment(due, charge_currency="CNY", payer=due.opened_by, language="en")
    site = "http://127.0.0.1:8000/en/"
    deposits.begin_checkout(payment, success_url=site, cancel_url=site)


def hear(obligation: str) -> None:
    """The web process: the gateway's news arrives at the webhook."""
    from payments.gateways.sandbox.models import Delivery
    from payments.services import inbox
    from tests.payments.sandbox import signed

    for delivery in Delivery.objects.select_related("event").order_by("pk"):
        inbox.receive(*signed(delivery.event.body))


def work(obligation: str) -> None:
    """The worker: what waits in the inbox, then the sweep."""
    from payments.services import inbox, sweep

    inbox.process_due()
    sweep.sweep()


def back(obligation: str) -> None:
    """The web process: the return page."""
    from payments.models import Payment
    from payments.services import settlement

    settlement.settle(Payment.objects.get(obligation=obligation))


def send_back(obligation: str) -> None:
    """The worker: refunds that are due."""
    from payments.services import refunds

    refunds.send_due_refunds()


def cancel(obligation: str) -> None:
    """The web process: the patient cancels."""
    from bookings.models.case import Actor
    from payments.models import Obligation
    from payments.services.cancellation import cancel_with_refund

    due = Obligation.objects.select_related("appointment__booker").get(pk=obligation)
    appointment = due.appointment
    assert appointment is not None
    by = appointment.booker
    cancel_with_refund(appointment, by=by, actor=Actor.PATIENT, version=appointment.version)


def collect(obligation: str) -> None:
    """The worker, a day before the appointment: money that cards keep is collected."""
    import datetime as dt

    from payments.models import Obligation
    from payments.services import collecting

    due = Obligation.objects.select_related("appointment__slot").get(pk=obligation)
    assert due.appointment is not None
    collecting.collect_due(now=due.appointment.slot.starts_at - dt.timedelta(hours=24))


def release(obligation: str) -> None:
    """The worker: cards that keep money for nothing are let go."""
    from payments.services import collecting

    collecting.collect_due()


STEPS = {
    step.__name__: step for step in (pay, hear, work, back, send_back, cancel, collect, release)
}

if __name__ == "__main__":
    import django

    django.setup()
    step, kill_at, position, row = sys.argv[1:]
    if kill_at:
        die_before(kill_at, int(position))
    STEPS[step](row)
