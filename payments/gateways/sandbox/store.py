"""Reading and writing what the sandbox remembers."""

import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from medtour.lib import clock, locks
from payments.gateways.sandbox.models import StoredObject
from payments.gateways.sandbox.wire import Form, Problem, whole

Body = dict[str, Any]
# The fields that hold the id of something else and can be asked for whole.
PREFIXES = {
    "checkout.session": "cs_test_",
    "payment_intent": "pi_",
    "charge": "ch_",
    "refund": "re_",
    "dispute": "du_",
    "balance_transaction": "txn_",
    "event": "evt_",
}


def new_id(kind: str) -> str:
    return PREFIXES[kind] + secrets.token_hex(14)


def epoch(instant: dt.datetime) -> int:
    return int(instant.timestamp())


def keep(body: Body, *, owner_id: str, about_id: str = "") -> StoredObject:
    """Remember a new object."""
    return StoredObject.objects.create(
        object_id=body["id"],
        kind=body["object"],
        owner_id=owner_id,
        about_id=about_id,
        created_at=clock.now(),
        body=body,
    )


def change(stored: StoredObject, **fields: Any) -> StoredObject:
    """Change fields of an object's body."""
    stored.body |= fields
    stored.save()
    return stored


def find(object_id: str, kind: str, owner_id: str) -> StoredObject:
    """Return an object of one account; another account's is not there."""
    stored = _all(kind, owner_id).filter(object_id=object_id).first()
    if stored is None:
        name = kind.replace(".", " ")
        raise Problem(
            f"No such {name}: '{object_id}'", status=404, code="resource_missing", param=kind
        )
    return stored


def lock(stored: StoredObject) -> StoredObject:
    """Lock and read again."""
    return locks.lock_row(StoredObject.objects.all(), stored.pk)


def about(object_id: str, kind: str) -> StoredObject | None:
    """Return the newest object of a kind that belongs to another one."""
    return StoredObject.objects.filter(about_id=object_id, kind=kind).first()


def named(object_id: str) -> StoredObject:
    return StoredObject.objects.get(object_id=object_id)


def listing(kind: str, owner_id: str, form: Form, url: str) -> Body:
    """Return a page of objects, newest first, as Stripe's list."""
    limit = whole(form, "limit") if "limit" in form else 10
    if not 1 <= limit <= 100:
        raise Problem("Invalid limit", code="parameter_invalid_integer", param="limit")
    rows = _created(_all(kind, owner_id), form.get("created", {}))
    if "payment_intent" in form:
        rows = rows.filter(body__payment_intent=form["payment_intent"])
    if "starting_after" in form:
        rows = rows.filter(pk__lt=find(form["starting_after"], kind, owner_id).pk)
    found = list(rows.order_by("-pk")[: limit + 1])
    return {
        "object": "list",
        "url": url,
        "has_more": len(found) > limit,
        "data": [each.body for each in found[:limit]],
    }


def expanded(body: Body, paths: Iterable[str]) -> Body:
    """Return the body with the ids at dotted paths replaced by the objects they name."""
    for path in paths:
        first, *rest = path.split(".")
        body = {**body, first: _whole_object(body.get(first), rest)}
    return body


def _whole_object(value: Any, rest: list[str]) -> Any:
    if isinstance(value, list):
        return [_whole_object(each, rest) for each in value]
    if isinstance(value, str):
        stored = StoredObject.objects.filter(object_id=value).first()
        value = stored.body if stored else value
    if rest and isinstance(value, dict):
        return expanded(value, [".".join(rest)])
    return value


def _all(kind: str, owner_id: str) -> QuerySet[StoredObject]:
    return StoredObject.objects.filter(kind=kind, owner_id=owner_id)


def _created(rows: QuerySet[StoredObject], bounds: Form) -> QuerySet[StoredObject]:
    for bound, value in bounds.items():
        instant = dt.datetime.fromtimestamp(int(value), clock.UTC)
        rows = rows.filter(**{f"created_at__{bound}": instant})
    return rows
