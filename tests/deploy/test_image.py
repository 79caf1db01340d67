"""The Dockerfile's promises, read from its text; no container engine has built it."""

import json

import pytest
from dockerfile_parse import DockerfileParser

from medtour.devstack.state import PROJECT


@pytest.fixture(scope="module")
def lines():
    parser = DockerfileParser(path=str(PROJECT / "Dockerfile"), env_replace=False)
    return [(line["instruction"], line["value"]) for line in parser.structure]


@pytest.fixture(scope="module")
def last_stage(lines):
    starts = [number for number, (word, _) in enumerate(lines) if word == "FROM"]
    return lines[starts[-1] :]


def values(lines, word):
    return [value for instruction, value in lines if instruction == word]


def test_it_is_built_in_two_stages_of_the_same_python(lines):
    assert values(lines, "FROM") == [
        "python:3.11-slim-bookworm AS build",
        "python:3.11-slim-bookworm AS run",
    ]


def test_packages_are_locked_and_pages_are_prepared_while_building(lines):
    commands = "\n".join(values(lines, "RUN"))
    assert "pip install --require-hashes -r requirements.txt" in commands
    assert "python -m medtour.devstack.messages" in commands
    assert "manage.py collectstatic --noinput" in commands


def test_it_runs_as_a_plain_user(last_stage):
    assert values(last_stage, "USER") == ["10001:10001"]


def test_no_secret_stays_in_the_image(last_stage):
    environment = "\n".join(values(last_stage, "ENV"))
    for name in (
        "SECRET_KEY",
        "FIELD_ENCRYPTION_KEYS",
        "LOOKUP_HASH_KEY",
        "PASSWORD",
        "DATABASE_URL",
    ):
        assert name not in environment


def test_it_starts_the_procfiles_processes_and_checks_its_health(last_stage):
    (check,) = values(last_stage, "HEALTHCHECK")
    assert json.loads(check.partition("CMD ")[2]) == ["python", "deploy/healthcheck.py"]
    assert [json.loads(value) for value in values(last_stage, "ENTRYPOINT")] == [["deploy/process"]]
    assert [json.loads(value) for value in values(last_stage, "CMD")] == [["web"]]
    assert (PROJECT / "deploy/process").stat().st_mode & 0o111 == 0o111


def test_what_must_not_travel_stays_outside():
    ignored = (PROJECT / ".dockerignore").read_text().split()
    for name in (".git", ".env", ".devstack", ".venv", "media", "tests"):
        assert name in ignored
