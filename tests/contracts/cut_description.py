"""Cut the part of Stripe's OpenAPI description that we use out of the whole of it.

    python -m tests.contracts.cut_description path/to/spec3.json

The whole description is at https://github.com/stripe/openapi (MIT licence, see SOURCE.md) and in the
wheel `seahaven-stripe-world` 0.3.0. Kept are the operations below with every schema they reach.
Left out are texts, and what an id could be expanded to unless we expand it.
"""

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "stripe_description.json"
OPERATIONS = [
    ("/v1/account", "get"),
    ("/v1/accounts/{account}", "get"),
    ("/v1/balance_transactions", "get"),
    ("/v1/charges/{charge}", "get"),
    ("/v1/checkout/sessions", "get"),
    ("/v1/checkout/sessions", "post"),
    ("/v1/checkout/sessions/{session}", "get"),
    ("/v1/checkout/sessions/{session}/expire", "post"),
    ("/v1/disputes/{dispute}", "get"),
    ("/v1/events/{id}", "get"),
    ("/v1/payment_intents/{intent}", "get"),
    ("/v1/payment_intents/{intent}/cancel", "post"),
    ("/v1/payment_intents/{intent}/capture", "post"),
    ("/v1/refunds", "get"),
    ("/v1/refunds", "post"),
    ("/v1/refunds/{refund}", "get"),
]
# What we ask for whole; every other id stays an id.
EXPANDED = {"charge", "balance_transaction", "refund", "dispute"}
# Far away from anything that we read: named, not described.
UNREAD = {"customer", "payment_method", "setup_intent", "invoice", "subscription", "quote"}
UNUSED_KEYS = {"description", "title", "summary", "deprecated", "operationId"}


def cut(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the part that we use."""
    paths: dict[str, Any] = {}
    for path, method in OPERATIONS:
        paths.setdefault(path, {})[method] = _plain(whole["paths"][path][method])
    schemas: dict[str, Any] = {}
    waiting = _named(paths)
    while waiting:
        name = waiting.pop()
        if name not in schemas:
            schemas[name] = {} if name in UNREAD else _plain(whole["components"]["schemas"][name])
            waiting |= _named(schemas[name])
    kept = {"openapi": whole["openapi"], "info": {"version": whole["info"]["version"]}}
    return kept | {"paths": paths, "components": {"schemas": dict(sorted(schemas.items()))}}


def _plain(node: Any, *, is_map: bool = False) -> Any:
    """Return a node without texts; names of properties are never taken for keywords."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    if not is_map and "x-expansionResources" in node:
        node = _unexpanded(node)
    return {
        key: _plain(value, is_map=key == "properties" and not is_map)
        for key, value in node.items()
        if is_map or not (key in UNUSED_KEYS or key.startswith("x-"))
    }


def _unexpanded(node: dict[str, Any]) -> dict[str, Any]:
    """Return an id's schema with only those whole objects that we ask for."""
    kept = [each for each in node["anyOf"] if _refers(each) in EXPANDED | {""}]
    return {**node, "anyOf": kept}


def _refers(node: dict[str, Any]) -> str:
    return node.get("$ref", "").rpartition("/")[2]


def _named(node: Any) -> set[str]:
    """Return the names of all schemas that a node refers to."""
    if isinstance(node, list):
        return set().union(*map(_named, node)) if node else set()
    if not isinstance(node, dict):
        return set()
    own = {_refers(node)} if isinstance(node.get("$ref"), str) else set()
    return own.union(*map(_named, node.values()))


if __name__ == "__main__":
    source = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    TARGET.write_text(
        json.dumps(cut(source), separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8"
    )
