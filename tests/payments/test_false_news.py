"""News that is signed rightly and still wrong changes nothing and is told to the desk once (PY-06).

Nothing means nothing: no row of booking, money or messages, besides the event itself and one alert.
"""

import pytest
from django.test import Client

from payments.gateways.sandbox.models import StoredObject
from payments.models import GatewayEvent, MoneyAlert, Obligation, PaymentShare
from payments.services import inbox
from tests.bookings.snapshot import snapshot
from tests.payments import sandbox
from tests.payments.paid import money_snapshot
from tests.payments.paying import at_the_page, due, paid_unseen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def everything():
    money = money_snapshot()
    money.pop("MoneyAlert")
    more = {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Obligation, PaymentShare)
    }
    return {**snapshot(), **money, **more}


def news_of(payment):
    """Return the message about the payment's page as the gateway would send it."""
    return next(
        row.event.body
        for row in sandbox.waiting()
        if row.event.body["data"]["object"]["id"] == payment.session_id
    )


def arrives(body, times=2):
    """Bring a message, signed rightly, and work on it; again and again changes nothing."""
    client = Client(enforce_csrf_checks=True)
    for number in range(times):
        raw, signature = sandbox.signed({**body, "id": f"{body['id']}{number}"})
        assert sandbox.post(client, raw, signature) == 200
        inbox.process_due()


def change(kind, **fields):
    stored = StoredObject.objects.get(kind=kind)
    stored.body |= fields
    stored.save()


@pytest.mark.parametrize(
    ("kind", "fields", "wrong"),
    [
        ("checkout.session", {"amount_total": 1_600}, "amount"),
        ("payment_intent", {"amount": 1_600, "amount_received": 1_600}, "amount"),
        ("payment_intent", {"amount_received": 15_999}, "amount"),
        ("checkout.session", {"currency": "jpy"}, "currency"),
        ("payment_intent", {"currency": "jpy"}, "currency"),
        ("checkout.session", {"client_reference_id": "another"}, "payment"),
        ("payment_intent", {"metadata": {"payment": "another"}}, "payment"),
        ("payment_intent", {"livemode": True}, "live_mode"),
    ],
)
def test_another_amount_currency_or_booking(kind, fields, wrong):
    payment = paid_unseen(due())
    body = news_of(payment)
    change(kind, **fields)
    before = everything()
    arrives(body)
    assert everything() == before
    assert set(GatewayEvent.objects.values_list("outcome", "note")) == {("refused", wrong)}
    (alert,) = MoneyAlert.objects.all()
    assert (alert.kind, alert.details["wrong"]) == ("event_does_not_fit", wrong)
    assert alert.hospital == payment.obligation.hospital


def test_another_hospitals_account():
    payment, other = paid_unseen(due()), at_the_page(due())
    body = {**news_of(payment), "account": other.payee_account.account_id}
    before = everything()
    arrives(body)
    assert everything() == before
    assert [alert.kind for alert in MoneyAlert.objects.all()] == ["event_does_not_fit"]


def test_the_page_of_another_booking():
    """A page is paid that says it belongs to a payment which has a page of its own."""
    ours, other = at_the_page(due()), paid_unseen(due())
    body = news_of(other)
    stored = StoredObject.objects.get(object_id=other.session_id)
    stored.body |= {"client_reference_id": ours.public_id}
    stored.save()
    before = everything()
    arrives(body)
    assert everything() == before
    assert set(GatewayEvent.objects.values_list("outcome", flat=True)) == {"refused"}
    assert MoneyAlert.objects.count() == 1


@pytest.mark.parametrize("forge", ["secret", "body", "missing", "nonsense"])
def test_a_forged_signature_stores_nothing(forge):
    payment = paid_unseen(due())
    raw, signature = sandbox.signed(news_of(payment), "whsec_x" if forge == "secret" else None)
    raw = raw.replace(b"checkout", b"Checkout") if forge == "body" else raw
    signature = {"missing": "", "nonsense": "t=1,v1=00"}.get(forge, signature)
    before = everything()
    assert sandbox.post(Client(), raw, signature) == 400
    assert everything() == before
    assert not GatewayEvent.objects.exists()
    assert not MoneyAlert.objects.exists()


@pytest.mark.parametrize("secrets", [[], ["whsec_new", "whsec_other"]])
def test_without_the_right_secret_the_door_is_closed(settings, secrets):
    payment = paid_unseen(due())
    raw, signature = sandbox.signed(news_of(payment))
    settings.STRIPE_WEBHOOK_SECRETS = secrets
    before = everything()
    assert sandbox.post(Client(), raw, signature) == (400 if secrets else 503)
    assert everything() == before
    assert not GatewayEvent.objects.exists()
