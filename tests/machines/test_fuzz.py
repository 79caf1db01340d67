"""Whatever is sent by the description, the answer is one that the description names; never a 5xx."""

import itertools

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as run
from schemathesis import GenerationMode, checks

from medtour.wsgi import application
from payments.services.insurance import checks as asking
from tests.factories.machines import token_of

LOOK, PROOF = 25, 500
checks.load_all_checks()
CHECKS = checks.CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
    ]
)


@pytest.fixture(autouse=True)
def one_connection(settings):
    """Let the test's own transaction live: a server would close its connection after a request."""
    settings.MACHINE_CALLS_PER_MINUTE = 10**9
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def fuzz(machine, monkeypatch, examples):
    monkeypatch.setattr(asking, "FAILURES_PER_ASKER", 10**9)
    monkeypatch.setattr(asking, "FAILURES_PER_INSURER", 10**9)
    headers = {"Authorization": f"Bearer {token_of(machine)}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    statuses = set()
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation, mode in itertools.product(operations, GenerationMode):

        @run(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def one(case):
            response = case.call(headers=headers)
            statuses.add(response.status_code)
            case.validate_response(response, checks=CHECKS)

        one()
    return statuses


@pytest.mark.long
@pytest.mark.django_db
def test_a_look_finds_nothing_undescribed(machine, monkeypatch):
    assert fuzz(machine, monkeypatch, LOOK) & {200, 404, 422}


@pytest.mark.long
@pytest.mark.django_db
def test_many_examples_find_nothing_undescribed(machine, monkeypatch):
    fuzz(machine, monkeypatch, PROOF)
