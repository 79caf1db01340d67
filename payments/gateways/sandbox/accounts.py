"""Accounts: the platform's own, and each that a payee account of ours names."""

from payments.gateways.sandbox import shapes
from payments.gateways.sandbox.models import StoredObject
from payments.gateways.sandbox.store import Body
from payments.gateways.sandbox.wire import Problem, Request
from payments.models import PayeeAccount

PLATFORM_ID, PLATFORM_NAME = "acct_sandboxplatform", "Medtour test account"


def retrieve(request: Request, object_id: str) -> Body:
    return owner(object_id).body


def retrieve_current(request: Request) -> Body:
    return owner(request.owner_id or PLATFORM_ID).body


def owner(account_id: str) -> StoredObject:
    """Return an account; one that our own books name opens by itself under the name there."""
    known = StoredObject.objects.filter(object_id=account_id, kind="account").first()
    if known:
        return known
    if account_id == PLATFORM_ID:
        return open_account(PLATFORM_ID, name=PLATFORM_NAME)
    payee = PayeeAccount.objects.filter(account_id=account_id).first()
    if payee is None:
        raise Problem(
            f"The provided key does not have access to account '{account_id}' (or that account"
            " does not exist). Application access may have been revoked.",
            status=403,
            code="account_invalid",
        )
    return open_account(account_id, name=payee.holder_name, country=payee.country)


def open_account(account_id: str, *, name: str, country: str = "HK") -> StoredObject:
    """Open an account or change its owner's name."""
    body = shapes.account(account_id, name=name, country=country)
    stored, _made = StoredObject.objects.update_or_create(
        object_id=account_id, defaults={"kind": "account", "body": body}
    )
    return stored
