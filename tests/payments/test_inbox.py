"""Events of gateways: stored once, answered at once, worked on afterwards; order means nothing."""

import datetime as dt

import pytest
from django.test import Client

from bookings.models import Appointment
from medtour.lib import clock
from payments.gateways.sandbox import world
from payments.gateways.sandbox.models import StoredObject
from payments.models import GatewayEvent, LedgerPosting, MoneyAlert, Payment
from payments.services import inbox
from tests.payments import sandbox
from tests.payments.paying import at_the_page, due, paid_unseen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def gateway_client():
    return Client(enforce_csrf_checks=True)


def event_about(kind, object_id, account, **changes):
    """Return a signed message such as Stripe would send about an object."""
    body = {
        "id": "evt_made_up",
        "object": "event",
        "type": kind,
        "livemode": False,
        "account": account,
        "data": {"object": {"id": object_id, "object": kind.split(".")[0]}},
        **changes,
    }
    return sandbox.signed(body)


def nothing_happened():
    return (
        Appointment.objects.get().state == "awaiting_payment"
        and not LedgerPosting.objects.exists()
        and not Payment.objects.filter(state="succeeded").exists()
    )


def test_news_of_a_payment_confirms_the_appointment(gateway_client):
    paid_unseen(due())
    assert set(sandbox.deliver(gateway_client)) == {200}
    assert nothing_happened()
    assert inbox.process_due() == GatewayEvent.objects.count()
    assert Appointment.objects.get().state == "confirmed"
    assert set(GatewayEvent.objects.values_list("outcome", flat=True)) <= {"applied", "ignored"}


def test_the_same_news_twice_is_stored_once(gateway_client):
    paid_unseen(due())
    rows = sandbox.waiting()
    sandbox.deliver(gateway_client, rows)
    sandbox.deliver(gateway_client, rows)
    assert GatewayEvent.objects.count() == len(rows)
    inbox.process_due()
    assert inbox.process_due() == 0
    assert LedgerPosting.objects.count() == 2


def test_the_body_is_not_kept(gateway_client):
    paid_unseen(due())
    sandbox.deliver(gateway_client)
    fields = {field.name for field in GatewayEvent._meta.get_fields()}
    assert not fields & {"body", "payload", "data"}


@pytest.mark.parametrize("secret", ["whsec_other", ""])
def test_a_forged_signature_is_refused_and_nothing_stored(gateway_client, secret):
    paid_unseen(due())
    raw, _right = sandbox.signed(sandbox.waiting()[0].event.body)
    _raw, forged = sandbox.signed(sandbox.waiting()[0].event.body, "whsec_other")
    assert sandbox.post(gateway_client, raw, forged if secret else "") == 400
    assert not GatewayEvent.objects.exists()


def test_a_changed_body_is_refused(gateway_client):
    paid_unseen(due())
    raw, signature = sandbox.signed(sandbox.waiting()[0].event.body)
    assert sandbox.post(gateway_client, raw + b" ", signature) == 400
    assert not GatewayEvent.objects.exists()


def test_without_a_secret_the_door_is_closed(gateway_client, settings):
    paid_unseen(due())
    raw, signature = sandbox.signed(sandbox.waiting()[0].event.body)
    settings.STRIPE_WEBHOOK_SECRETS = []
    assert sandbox.post(gateway_client, raw, signature) == 503
    assert not GatewayEvent.objects.exists()


def test_only_posting_is_answered(gateway_client):
    assert gateway_client.get(sandbox.PATH).status_code == 405


def test_unknown_types_are_stored_and_ignored(gateway_client):
    raw, signature = event_about("payout.paid", "po_1", "")
    assert sandbox.post(gateway_client, raw, signature) == 200
    assert inbox.process_due() == 1
    event = GatewayEvent.objects.get()
    assert (event.outcome, event.note) == ("ignored", "type")


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [({"livemode": True}, "live_mode"), ({"account": "acct_strange"}, "account")],
)
def test_signed_news_of_another_world_is_refused(gateway_client, changes, wrong):
    payment = paid_unseen(due())
    facts = {"account": payment.payee_account.account_id, **changes}
    raw, signature = event_about("checkout.session.completed", payment.session_id, **facts)
    sandbox.post(gateway_client, raw, signature)
    inbox.process_due()
    event = GatewayEvent.objects.get()
    assert (event.outcome, event.note) == ("refused", wrong)
    assert [alert.kind for alert in MoneyAlert.objects.all()] == ["event_does_not_fit"]
    assert nothing_happened()


def test_signed_news_from_another_hospitals_account_is_refused(gateway_client):
    payment = paid_unseen(due())
    other = at_the_page(due())
    account = other.payee_account.account_id
    raw, signature = event_about("checkout.session.completed", payment.session_id, account)
    sandbox.post(gateway_client, raw, signature)
    inbox.process_due()
    assert GatewayEvent.objects.get().note == "account"
    assert not LedgerPosting.objects.exists()
    assert MoneyAlert.objects.get().payment == payment


def test_another_page_that_claims_our_payment_is_refused(gateway_client):
    payment = paid_unseen(due())
    Payment.objects.update(session_id="cs_ours")
    account = payment.payee_account.account_id
    raw, signature = event_about("checkout.session.completed", payment.session_id, account)
    sandbox.post(gateway_client, raw, signature)
    inbox.process_due()
    assert GatewayEvent.objects.get().note == "payment"
    assert nothing_happened()


def test_a_payment_that_is_not_ours_is_ignored(gateway_client):
    payment = paid_unseen(due())
    Payment.objects.update(session_id="", public_id="another")
    account = payment.payee_account.account_id
    raw, signature = event_about("checkout.session.completed", payment.session_id, account)
    sandbox.post(gateway_client, raw, signature)
    inbox.process_due()
    assert GatewayEvent.objects.get().outcome == "refused"
    assert MoneyAlert.objects.count() == 1


def test_an_event_waits_longer_each_time_and_the_desk_is_told(gateway_client, frozen):
    paid_unseen(due())
    sandbox.deliver(gateway_client, sandbox.waiting()[:1])
    event, instant, waits = GatewayEvent.objects.get(), frozen, []
    for _attempt in range(8):
        world.go_wrong("500")
        assert inbox.process(event, now=instant) is False
        event.refresh_from_db()
        waits.append((event.next_attempt_at - instant).total_seconds())
        instant = event.next_attempt_at
    assert waits == [40, 80, 160, 320, 640, 1280, 2560, 3600]
    alert = MoneyAlert.objects.get()
    assert (alert.kind, alert.key) == ("event_stuck", f"event_stuck:{event.event_id}")
    assert inbox.process(event, now=instant) is True
    assert Appointment.objects.get().state == "confirmed"


def test_an_event_that_somebody_works_on_is_left_alone(gateway_client):
    paid_unseen(due())
    sandbox.deliver(gateway_client, sandbox.waiting()[:1])
    event = GatewayEvent.objects.get()
    GatewayEvent.objects.update(next_attempt_at=clock.now() + dt.timedelta(minutes=1))
    assert inbox.process(event) is False
    assert inbox.process_due() == 0


def test_an_answer_that_nobody_can_read_is_tried_again(gateway_client):
    payment = paid_unseen(due())
    sandbox.deliver(gateway_client, sandbox.waiting()[:1])
    stored = StoredObject.objects.get(object_id=payment.session_id)
    whole, stored.body = stored.body, {"id": payment.session_id}
    stored.save()
    event = GatewayEvent.objects.get()
    assert inbox.process(event) is False
    event.refresh_from_db()
    assert (event.processed_at, event.note) == (None, "fault")
    assert nothing_happened()
    stored.body = whole
    stored.save()
    assert inbox.process(event, now=event.next_attempt_at) is True
    assert GatewayEvent.objects.get().outcome == "applied"
