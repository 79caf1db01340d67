"""What comes in and goes out: Stripe's form encoding and the shape of its errors."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Form = dict[str, Any]


class Problem(Exception):
    """A refusal in Stripe's own shape; whatever the request had done is undone."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str = "",
        param: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "type": kind}
        self.error |= {"code": code} if code else {}
        self.error |= {"param": param} if param else {}

    @property
    def body(self) -> str:
        return json.dumps({"error": self.error})


@dataclass(frozen=True)
class Request:
    """One request: `form` is the decoded body or query, `owner_id` the account it is made for."""

    method: str
    path: str
    form: Form
    owner_id: str
    key: str
    fingerprint: str


def read(method: str, url: str, headers: dict[str, str], body: str | bytes | None) -> Request:
    """Return a request as Stripe understands it."""
    address = urlsplit(url)
    text = body.decode() if isinstance(body, bytes) else body or ""
    named = {name.lower(): value for name, value in headers.items()}
    return Request(
        method=method.lower(),
        path=address.path.rstrip("/"),
        form=decode(text or address.query),
        owner_id=named.get("stripe-account", ""),
        key=named.get("idempotency-key", "") if method.lower() == "post" else "",
        fingerprint=hashlib.sha256(f"{address.path}\n{text}".encode()).hexdigest(),
    )


def decode(text: str) -> Form:
    """Return nested dictionaries and lists for a[b][0]=c."""
    tree: Form = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        first, *rest = name.replace("]", "").split("[")
        node, step = tree, first
        for following in rest:
            node = node.setdefault(step, {})
            step = following or str(len(node))
        node[step] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(each) for name, each in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def whole(form: Form, name: str, *, param: str = "") -> int:
    """Return a whole number or refuse as Stripe does."""
    try:
        return int(form[name])
    except KeyError:
        raise missing(param or name) from None
    except ValueError:
        raise Problem(
            f"Invalid integer: {form[name]}", code="parameter_invalid_integer", param=param or name
        ) from None


def missing(param: str) -> Problem:
    return Problem(f"Missing required param: {param}.", code="parameter_missing", param=param)


def only(form: Form, allowed: set[str]) -> None:
    """Refuse parameters that do not exist."""
    for name in form:
        if name not in allowed | {"expand"}:
            raise Problem(
                f"Received unknown parameter: {name}", code="parameter_unknown", param=name
            )
