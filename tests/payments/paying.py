"""The steps of paying a deposit, for tests: over the real gateway code and the sandbox."""

from medtour.lib.money import Money
from payments.gateways.sandbox import world
from payments.models import LedgerEntry, Obligation, Payment
from payments.services import deposits, obligations
from tests.factories import (
    AppointmentFactory,
    OfferFactory,
    PayeeAccountFactory,
    SlotFactory,
)

SUCCESS = "http://testserver/en/paid/"
CANCEL = "http://testserver/en/terms/"
ACCOUNT = "acct_test_hospital"


def deposit_offer(**facts):
    """An offer at CNY 800 of which 20 percent are paid before: CNY 160."""
    facts = {"asks_deposit_online": True, "deposit_percent": 20, **facts}
    return OfferFactory(**facts)


def waiting_appointment(offer=None, **facts):
    """An appointment that waits for its deposit, at a hospital that can take it."""
    offer = offer or deposit_offer()
    if not offer.hospital.payee_accounts.exists():
        PayeeAccountFactory(hospital=offer.hospital, account_id=ACCOUNT + str(offer.hospital.pk))
    slot = facts.pop("slot", None) or SlotFactory(offer=offer)
    return AppointmentFactory(slot=slot, awaiting_payment=True, confirmed_at=None, **facts)


def due(appointment=None, **facts) -> Obligation:
    """The open deposit of an appointment."""
    appointment = appointment or waiting_appointment(**facts)
    return obligations.open_deposit(appointment, by=appointment.booker, language="en")


def started(obligation: Obligation, currency: str = "CNY", **facts) -> Payment:
    facts = {"payer": None if facts.get("share") else obligation.opened_by, **facts}
    return deposits.start_payment(obligation, charge_currency=currency, language="en", **facts)


def at_the_page(obligation: Obligation, currency: str = "CNY", **facts) -> Payment:
    """A payment whose payer is looking at the gateway's page."""
    payment = started(obligation, currency, **facts)
    return deposits.begin_checkout(payment, success_url=SUCCESS, cancel_url=CANCEL)


def paid_unseen(obligation: Obligation, currency: str = "CNY", **facts) -> Payment:
    """A payment that was made and that nobody told us of."""
    payment = at_the_page(obligation, currency, **facts)
    world.pay(payment.session_id)
    return payment


def sums() -> dict[str, int]:
    """The sum of the whole ledger by currency; every one must be nought."""
    found: dict[str, int] = {}
    for entry in LedgerEntry.objects.all():
        found[entry.currency] = found.get(entry.currency, 0) + entry.amount_minor
    return found


def cny(minor: int) -> Money:
    return Money(minor, "CNY")
