"""Stripe's own description of its interface, asked whether a request or an answer fits it.

Stricter than the description in one way: a name that it does not know is an error everywhere.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema

FILE = Path(__file__).parent / "stripe_description.json"
FORM = "application/x-www-form-urlencoded"
HEADERS = {"authorization", "stripe-version"}


class DoesNotFit(AssertionError):
    """A request or an answer that Stripe's description does not allow."""


@cache
def document() -> dict[str, Any]:
    """Return the description as JSON Schema understands it; a missing file is an error."""
    whole = json.loads(FILE.read_text(encoding="utf-8"))
    return {"paths": _schema(whole["paths"]), "components": _schema(whole["components"])}


def version() -> str:
    return json.loads(FILE.read_text(encoding="utf-8"))["info"]["version"]


def check_request(method: str, url: str, headers: dict[str, str], body: str | None) -> None:
    """Raise `DoesNotFit` unless Stripe describes this request."""
    operation = _operation(method, url)
    if not {name.lower() for name in headers} >= HEADERS:
        raise DoesNotFit(f"headers: {sorted(headers)}")
    if method.lower() == "post":
        schema = operation["requestBody"]["content"][FORM]["schema"]
        _validate(typed(decoded(body or ""), schema), schema, f"request {method} {url}")
        return
    described = {each["name"]: each for each in operation["parameters"] if each["in"] == "query"}
    for name, value in decoded(urlsplit(url).query).items():
        if name not in described:
            raise DoesNotFit(f"{url}: no parameter is called {name}")
        schema = described[name]["schema"]
        _validate(typed(value, schema), schema, f"{url}: {name}")


def check_answer(method: str, url: str, status: int, text: str) -> None:
    """Raise `DoesNotFit` unless Stripe describes this answer."""
    responses = _operation(method, url)["responses"]
    described = responses["200" if status == 200 else "default"]
    schema = described["content"]["application/json"]["schema"]
    _validate(json.loads(text), schema, f"answer to {method} {url}")


def check_object(name: str, body: dict[str, Any]) -> None:
    """Raise `DoesNotFit` unless this is what Stripe calls by that name."""
    _validate(body, {"$ref": f"#/components/schemas/{name}"}, name)


def decoded(text: str) -> dict[str, Any]:
    """Return what a[b][0]=c says, as a tree of dictionaries."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        *path, last = re.findall(r"[^\[\]]+", name)
        node = tree
        for step in path:
            node = node.setdefault(step, {})
        node[last] = value
    return tree


def typed(value: Any, schema: dict[str, Any]) -> Any:
    """Return the texts of a form as what the schema wants; what is no number stays a text."""
    schema = _followed(schema)
    for option in schema.get("anyOf", []):
        attempt = typed(value, option)
        if not list(_validator(option).iter_errors(attempt)):
            return attempt
    kind = schema.get("type")
    if isinstance(value, dict) and kind == "array":
        return [typed(value[key], schema["items"]) for key in sorted(value, key=int)]
    if isinstance(value, dict):
        known, other = schema.get("properties", {}), schema.get("additionalProperties", {})
        other = other if isinstance(other, dict) else {}
        return {key: typed(each, known.get(key, other)) for key, each in value.items()}
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    return {"true": True, "false": False}.get(value, value) if kind == "boolean" else value


def _operation(method: str, url: str) -> dict[str, Any]:
    path = urlsplit(url).path
    for template, methods in sorted(document()["paths"].items()):
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and method.lower() in methods:
            return methods[method.lower()]
    raise DoesNotFit(f"Stripe describes no {method} {path}")


def _schema(node: Any, *, is_map: bool = False) -> Any:
    """Return an OpenAPI 3.0 node as JSON Schema: nullable becomes a choice, names are closed."""
    if isinstance(node, list):
        return [_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {
        key: _schema(value, is_map=key in ("properties", "schemas") and not is_map)
        for key, value in node.items()
        if is_map or key != "nullable"
    }
    if is_map:
        return made
    if made.get("properties") and "additionalProperties" not in made:
        made["additionalProperties"] = False
    return {"anyOf": [made, {"type": "null"}]} if node.get("nullable") is True else made


def _followed(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _validator(schema: dict[str, Any]) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({**schema, "components": document()["components"]})


def _validate(value: Any, schema: dict[str, Any], where: str) -> None:
    error = jsonschema.exceptions.best_match(_validator(schema).iter_errors(value))
    if error:
        place = "/".join(map(str, error.absolute_path))
        raise DoesNotFit(f"{where}: {place}: {error.message[:400]}")
