"""Programs of insurers for tests: clients with tokens that the identity provider would give."""

import datetime as dt
import secrets
from typing import Any

from allauth.idp.oidc.models import Client, Token

from hospitals.models import Insurer
from medtour.lib import clock
from payments.machine_scopes import Scope
from payments.models import MachineClient
from payments.selectors.insurance.machine_facts import token_hash


def machine_of(insurer: Insurer, **fields: Any) -> MachineClient:
    provider = Client(name="Core system", grant_types="client_credentials", secret="!")
    provider.set_scopes([scope.value for scope in Scope])
    provider.save()
    return MachineClient.objects.create(
        client_id=provider.pk, insurer=insurer, **{"name": "Core system"} | fields
    )


def token_of(
    machine: MachineClient, *scopes: str, lives: dt.timedelta = dt.timedelta(minutes=15)
) -> str:
    """Return a token with these scopes, all of them when none is named."""
    text = secrets.token_urlsafe(32)
    token = Token(
        type=Token.Type.ACCESS_TOKEN,
        hash=token_hash(text),
        client_id=machine.client_id,
        expires_at=clock.now() + lives,
    )
    token.set_scopes([str(scope) for scope in scopes or tuple(Scope)])
    token.save()
    return text


def bearer(token: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}
