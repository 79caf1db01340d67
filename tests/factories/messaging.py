"""Outbox rows for tests."""

import factory
from factory.django import DjangoModelFactory

from medtour.lib import clock
from messaging.models import Message, Status
from tests.factories.accounts import UserFactory


class MessageFactory(DjangoModelFactory):
    """A message that waits to be sent; `sent=True` has been sent and has a text."""

    class Meta:
        model = Message

    class Params:
        sent = factory.Trait(
            status=Status.SENT,
            sent_at=factory.SelfAttribute("created_at"),
            subject="Your appointment",
            body="Your appointment is confirmed.",
        )

    kind = "bookings.appointment_confirmed"
    recipient = factory.SubFactory(UserFactory)
    address = factory.SelfAttribute("recipient.email")
    locale = factory.SelfAttribute("recipient.locale")
    time_zone = factory.SelfAttribute("recipient.time_zone")
    dedupe_key = factory.Sequence(lambda n: f"test:{n}")
    created_at = factory.LazyFunction(clock.now)
    context = factory.Dict({"appointment": "test"})
