"""Programs of insurers: making a client, its secret, and letting it in no more."""

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence

from allauth.idp.oidc.models import Client, Token
from django.db import transaction

from accounts.models import User
from accounts.services import audit
from hospitals.models import Insurer
from medtour.lib import clock
from payments.machine_scopes import Scope
from payments.models import IdempotentAnswer, InsurerSuspension, MachineClient

# After this time a repeated request counts as a new one.
KEPT_FOR = dt.timedelta(days=2)


def create_client(
    insurer: Insurer,
    *,
    name: str,
    scopes: Iterable[Scope],
    by: User,
    allowed_addresses: Sequence[str] = (),
) -> tuple[MachineClient, str]:
    """Make a client of an insurer and return it with its secret, which nobody can read again."""
    secret = secrets.token_urlsafe(32)
    provider = Client(
        name=name[:100],
        type=Client.Type.CONFIDENTIAL,
        grant_types=Client.GrantType.CLIENT_CREDENTIALS,
        response_types="",
    )
    provider.set_scopes(sorted(scopes))
    provider.set_default_scopes(sorted(scopes))
    provider.set_secret(secret)
    with transaction.atomic():
        provider.save(force_insert=True)
        machine = MachineClient.objects.create(
            client_id=provider.pk,
            insurer=insurer,
            name=name,
            allowed_addresses=list(allowed_addresses),
        )
        _note("create", machine, by=by)
    return machine, secret


def renew_secret(machine: MachineClient, *, by: User) -> str:
    """Give a client a new secret and end every token it has."""
    secret = secrets.token_urlsafe(32)
    provider = Client.objects.get(pk=machine.client_id)
    provider.set_secret(secret)
    with transaction.atomic():
        provider.save(update_fields=["secret"])
        Token.objects.filter(client=provider).delete()
        _note("renew_secret", machine, by=by)
    return secret


def scopes_of(machine: MachineClient) -> list[Scope]:
    """Return what a client may do; the identity provider keeps it."""
    provider = Client.objects.get(pk=machine.client_id)
    return [scope for scope in Scope if scope in provider.get_scopes()]


def set_active(machine: MachineClient, *, is_active: bool, by: User) -> None:
    """Let a client in, or no more: the next call with a token of it is refused."""
    with transaction.atomic():
        MachineClient.objects.filter(pk=machine.pk).update(is_active=is_active)
        _note("activate" if is_active else "deactivate", machine, by=by)
    machine.is_active = is_active


def may_ask_for_token(client_id: str) -> MachineClient | None:
    """Return the client when it may get a token at all."""
    active = MachineClient.objects.filter(client_id=client_id, is_active=True)
    return active.filter(insurer__suspension=None).first()


def suspend_insurer(insurer: Insurer, *, reason: str, by: User) -> InsurerSuspension:
    """Let no program of an insurer in until `readmit_insurer`."""
    with transaction.atomic():
        row, _is_new = InsurerSuspension.objects.get_or_create(
            insurer=insurer, defaults={"reason": reason}
        )
        audit.record(by=by, action="insurance.suspend", target=f"hospitals.insurer:{insurer.slug}")
    return row


def readmit_insurer(insurer: Insurer, *, by: User) -> None:
    with transaction.atomic():
        InsurerSuspension.objects.filter(insurer=insurer).delete()
        audit.record(by=by, action="insurance.readmit", target=f"hospitals.insurer:{insurer.slug}")


def forget_old_rows(*, now: dt.datetime | None = None) -> int:
    """Forget ended tokens and answers kept for repetition; returns how many."""
    now = now or clock.now()
    tokens, _kinds = Token.objects.filter(expires_at__lt=now, client__isnull=False).delete()
    kept, _kinds = IdempotentAnswer.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    return tokens + kept


def _note(what: str, machine: MachineClient, *, by: User) -> None:
    audit.record(
        by=by,
        action=f"insurance.client_{what}",
        target=f"payments.machineclient:{machine.client_id}"[:80],
        reason=machine.insurer.slug,
    )
