"""Money for tests; what stands in the ledger gets there through the ledger's own service."""

import factory
from factory.django import DjangoModelFactory

from hospitals.policies import Ladder
from medtour.lib import clock, ids
from medtour.lib.money import Money
from payments import models
from payments.services import postings
from payments.transitions import PaymentState
from tests.factories.bookings import AppointmentFactory
from tests.factories.hospitals import HospitalFactory

TEST_PAYEE = "Test Hospital International Ltd"
TEST_LADDER = [[168, 100], [48, 50]]


class PayeeAccountFactory(DjangoModelFactory):
    """A hospital's account for cards that fits its named payee; `foreign=True` does not fit.

    A hospital without a named payee is given one. `transfer=True` is a bank account.
    """

    class Meta:
        model = models.PayeeAccount

    class Params:
        foreign = factory.Trait(holder_name="Somebody Else Trading Co")
        transfer = factory.Trait(
            gateway=models.Gateway.BANK_TRANSFER,
            instructions="Account 1234567890\nTest Bank, Shanghai",
            charge_currencies=["CNY", "USD"],
        )

    hospital = factory.SubFactory(HospitalFactory)
    gateway = models.Gateway.STRIPE
    holder_name = TEST_PAYEE
    country = "HK"
    charge_currencies = ["CNY", "USD", "EUR", "JPY", "KWD"]

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        hospital = kwargs["hospital"]
        if not hospital.payee:
            hospital.payee = TEST_PAYEE
            hospital.save(update_fields=["payee"])
        return super()._create(model_class, *args, **kwargs)


class ObligationFactory(DjangoModelFactory):
    """A deposit of CNY 1,600 for an appointment that waits for payment; everything is unpaid.

    With `confirmed=True` it was settled, with `visited=True` the visit is over as well.
    """

    class Meta:
        model = models.Obligation

    class Params:
        confirmed = factory.Trait(
            appointment=factory.SubFactory(AppointmentFactory, confirmed=True),
            settled_at=factory.LazyFunction(clock.now),
        )
        visited = factory.Trait(
            appointment=factory.SubFactory(AppointmentFactory, completed=True),
            settled_at=factory.LazyFunction(clock.now),
        )

    appointment = factory.SubFactory(AppointmentFactory, awaiting_payment=True, confirmed_at=None)
    case = factory.SelfAttribute("appointment.case")
    hospital = factory.SelfAttribute("case.hospital")
    kind = models.ObligationKind.DEPOSIT
    amount_minor = 160_000
    currency = "CNY"
    transfer_reference = factory.LazyFunction(ids.reference)
    opened_by = factory.SelfAttribute("case.opened_by")
    terms = factory.LazyFunction(
        lambda: {"ladder": Ladder.from_pairs(TEST_LADDER).to_pairs(), "language": "en"}
    )


class PaymentFactory(DjangoModelFactory):
    """A payment of the whole obligation by card, just begun.

    `succeeded=True` also writes the ledger, and the fee when `gateway_fee_minor` is given;
    `transfer=True` came by bank. `failed`, `cancelled` and `expired` are attempts that ended.
    """

    class Meta:
        model = models.Payment

    class Params:
        pending = factory.Trait(state=PaymentState.PENDING)
        succeeded = factory.Trait(
            state=PaymentState.SUCCEEDED,
            settled_at=factory.LazyFunction(clock.now),
            session_id=factory.Sequence(lambda n: f"cs_test_{n}"),
            intent_id=factory.Sequence(lambda n: f"pi_test_{n}"),
            method="card",
        )
        failed = factory.Trait(state=PaymentState.FAILED, failure_code="card_declined")
        cancelled = factory.Trait(state=PaymentState.CANCELLED)
        expired = factory.Trait(state=PaymentState.EXPIRED)
        transfer = factory.Trait(
            gateway=models.Gateway.BANK_TRANSFER,
            payee_account=factory.SubFactory(
                PayeeAccountFactory, transfer=True, hospital=factory.SelfAttribute("..hospital")
            ),
            session_id="",
            intent_id="",
            method="",
            bank_reference=factory.Sequence(lambda n: f"BANK{n}"),
        )
        hospital = factory.SelfAttribute("obligation.hospital")

    obligation = factory.SubFactory(ObligationFactory)
    payee_account = factory.LazyAttribute(
        lambda payment: (
            models.PayeeAccount.objects.filter(
                hospital=payment.obligation.hospital, gateway=payment.gateway
            ).first()
            or PayeeAccountFactory(hospital=payment.obligation.hospital)
        )
    )
    attempt = factory.LazyAttribute(lambda payment: payment.obligation.payments.count() + 1)
    gateway = models.Gateway.STRIPE
    contract_minor = factory.SelfAttribute("obligation.amount_minor")
    charge_minor = factory.SelfAttribute("contract_minor")
    charge_currency = factory.SelfAttribute("obligation.currency")
    payer = factory.SelfAttribute("obligation.opened_by")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        payment = super()._create(model_class, *args, **kwargs)
        if payment.state == PaymentState.SUCCEEDED:
            at = payment.settled_at
            postings.post_payment(payment, at=at)
            if payment.gateway_fee_minor:
                fee = Money(payment.gateway_fee_minor, payment.charge_currency)
                postings.post_fee(payment, fee, at=at)
        payment.obligation.refresh_from_db(fields=["claimed_minor"])
        return payment


class PaymentShareFactory(DjangoModelFactory):
    """A part of CNY 500 of an obligation that an aunt pays."""

    class Meta:
        model = models.PaymentShare

    obligation = factory.SubFactory(ObligationFactory)
    label = "Aunt"
    amount_minor = 50_000
