"""Money goes only to the payee that the hospital's identity page names (M23)."""

import pytest

from medtour.lib import clock
from payments.gateways.protocol import GatewayDown
from payments.gateways.sandbox import world
from payments.models import Gateway, MoneyAlert, PayeeAccount
from payments.refusals import NoPayee, PayeeMismatch
from payments.services.payees import check_payee, payee_for
from payments.services.sweep import check_payees
from tests.factories import HospitalFactory, PayeeAccountFactory
from tests.factories.payments import TEST_PAYEE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def test_the_account_of_the_named_payee_is_found():
    account = PayeeAccountFactory()
    assert payee_for(account.hospital) == account
    with pytest.raises(NoPayee):
        payee_for(account.hospital, Gateway.BANK_TRANSFER)


def test_a_hospital_that_names_no_payee_takes_no_money():
    account = PayeeAccountFactory()
    type(account.hospital).objects.update(payee="")
    with pytest.raises(PayeeMismatch):
        payee_for(account.hospital)


def test_another_holder_is_refused_and_told_once():
    account = PayeeAccountFactory(foreign=True)
    for _time in range(2):
        with pytest.raises(PayeeMismatch):
            payee_for(account.hospital)
    alert = MoneyAlert.objects.get()
    assert (alert.kind, alert.hospital) == ("payee_differs", account.hospital)
    assert alert.details == {"account": account.public_id}


def test_the_gateway_is_asked_who_holds_the_account():
    account = PayeeAccountFactory(account_id="acct_one")
    world.open_account("acct_one", name=TEST_PAYEE.upper())
    assert check_payee(account) is True
    account.refresh_from_db()
    assert (account.holder_name, account.holder_checked_at) == (TEST_PAYEE.upper(), clock.now())


def test_a_holder_who_changed_stops_payments():
    account = PayeeAccountFactory(account_id="acct_one")
    world.open_account("acct_one", name="Another Owner")
    assert check_payee(account) is False
    with pytest.raises(PayeeMismatch):
        payee_for(account.hospital)
    assert MoneyAlert.objects.count() == 1


def test_the_daily_check_asks_for_every_account_and_survives_a_silent_gateway():
    for number in range(2):
        PayeeAccountFactory(hospital=HospitalFactory(), account_id=f"acct_{number}")
    PayeeAccountFactory(is_active=False, account_id="acct_closed")
    world.go_wrong("500")
    assert check_payees() == 1
    assert PayeeAccount.objects.exclude(holder_checked_at=None).count() == 1
    world.go_wrong("500")
    with pytest.raises(GatewayDown):
        check_payee(PayeeAccount.objects.filter(is_active=True).first())
