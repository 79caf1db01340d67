"""Money goes only to the payee that a hospital's identity page names (M23)."""

import datetime as dt

from hospitals.models import Hospital
from medtour.lib import clock
from payments.gateways import gateway as gateway_called
from payments.models import Gateway, MoneyAlert, PayeeAccount
from payments.policies import payee_matches
from payments.refusals import NoPayee, PayeeMismatch
from payments.services.alerts import raise_alert


def payee_for(hospital: Hospital, gateway: str = Gateway.STRIPE) -> PayeeAccount:
    """Return where this hospital's money goes, from what is stored; asks no network.

    Raises NoPayee, or PayeeMismatch together with an alert for the desk.
    """
    account = (
        PayeeAccount.objects.filter(hospital=hospital, gateway=gateway, is_active=True)
        .select_related("hospital")
        .first()
    )
    if account is None:
        raise NoPayee
    if not payee_matches(account.holder_name, account.hospital.payee):
        alert_payee_differs(account)
        raise PayeeMismatch
    return account


def check_payee(payee_account: PayeeAccount, *, now: dt.datetime | None = None) -> bool:
    """Ask the gateway who holds the account, keep the answer, and tell whether it fits.

    A gateway that does not know the name leaves the stored one. Raises GatewayDown or
    GatewayRefused. A bank account's holder is what staff wrote down: no network is asked.
    """
    if payee_account.gateway == Gateway.STRIPE:
        holder = gateway_called(payee_account.gateway).account_holder(payee_account.account_id)
        payee_account.holder_name = holder or payee_account.holder_name
        payee_account.holder_checked_at = now or clock.now()
        payee_account.save(update_fields=["holder_name", "holder_checked_at"])
    payee_account.hospital.refresh_from_db(fields=["payee"])
    fits = payee_matches(payee_account.holder_name, payee_account.hospital.payee)
    if not fits:
        alert_payee_differs(payee_account)
    return fits


def alert_payee_differs(account: PayeeAccount) -> None:
    """Tell the desk once for each pair of names."""
    raise_alert(
        MoneyAlert.Kind.PAYEE_DIFFERS,
        f"payee:{account.public_id}:{account.holder_name}:{account.hospital.payee}",
        hospital=account.hospital,
        account=account.public_id,
    )
