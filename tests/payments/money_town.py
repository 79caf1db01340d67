"""The people and places of the proof over random happenings, and how one of them is done."""

import datetime as dt
from contextlib import contextmanager

from django.db import connection
from hypothesis.stateful import RuleBasedStateMachine

from bookings.models.case import Actor
from hospitals.models import CancellationPolicy
from medtour.lib import clock
from medtour.lib.errors import Refusal
from medtour.lib.states import MoveRefused
from payments.gateways.protocol import GatewayDown, GatewayRefused
from payments.services import deposits
from tests.conftest import MONDAY_MORNING
from tests.factories import (
    MembershipFactory,
    OfferFactory,
    PatientFactory,
    PayeeAccountFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.bookings import in_days
from tests.payments.again import rolled_back
from tests.payments.money_reach import Reach
from tests.payments.paying import ACCOUNT, CANCEL, SUCCESS

SAYS_NO = (Refusal, MoveRefused, GatewayDown, GatewayRefused)


def nth(rows, which):
    """Return one of the rows, by a number that may be larger than their count; None of none."""
    found = list(rows.order_by("pk"))
    return found[which % len(found)] if found else None


class Town:
    """One hospital with two places, the two patients who want them, and its people.

    The first place is too far off for a card to keep money for it, the second near enough.
    """

    def __init__(self):
        offer = OfferFactory(asks_deposit_online=True, deposit_percent=20)
        offer.cancellation_policy = CancellationPolicy.objects.create(
            hospital=offer.hospital, name="Deposits", bands=[[120, 100], [48, 50]]
        )
        offer.save()
        PayeeAccountFactory(hospital=offer.hospital, account_id=ACCOUNT, reserves_first=True)
        PayeeAccountFactory(hospital=offer.hospital, transfer=True)
        fresh = clock.now() + dt.timedelta(days=30)
        self.slots = [
            SlotFactory(offer=offer, starts_at=in_days(days, hour), last_confirmed_at=fresh)
            for days, hour in ((8, 9), (5, 14))
        ]
        self.patients = [PatientFactory(), PatientFactory()]
        self.staff = [UserFactory(), UserFactory()]
        self.coordinator = MembershipFactory(hospital=offer.hospital).user


class Steps(RuleBasedStateMachine):
    """Each step is done at the machine's own time; a refusal is an answer like any other."""

    town: Town
    reach: Reach

    def __init__(self):
        super().__init__()
        self.now = MONDAY_MORNING
        self.what = ""
        self.reach.begin_run()
        self._around = rolled_back()
        self._around.__enter__()

    @contextmanager
    def step(self):
        """Do something, and count whether it was done or refused."""
        with clock.freeze(self.now):
            try:
                yield
                self.reach.note(self.what, is_done=True)
            except SAYS_NO:
                self.reach.note(self.what, is_done=False)
                assert not connection.needs_rollback

    def do(self, act, thing, *args, **kwargs):
        """Act on a thing, if there is one."""
        if thing is not None:
            with self.step():
                act(thing, *args, **kwargs)

    def _begin(self, obligation, currency, opens, share=None):
        payer = None if share else obligation.opened_by
        payment = deposits.start_payment(
            obligation, share=share, charge_currency=currency, payer=payer, language="en"
        )
        if opens:
            self._open(payment)

    def _open(self, payment):
        deposits.begin_checkout(payment, success_url=SUCCESS, cancel_url=CANCEL)

    def _who(self, appointment, by_hospital):
        if by_hospital:
            return Actor.HOSPITAL, self.town.staff[0]
        return Actor.PATIENT, appointment.booker
