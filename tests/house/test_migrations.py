"""Migrations are linear, named by meaning, and in step with the models."""

import re

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from tests.house.code import APPS, ROOT

LOADER = MigrationLoader(None)


@pytest.mark.parametrize("app", APPS)
def test_an_app_has_one_last_migration(app):
    leaves = LOADER.graph.leaf_nodes(app)
    assert len(leaves) <= 1


def files(app):
    return sorted((ROOT / app / "migrations").glob("[0-9]*.py"))


@pytest.mark.parametrize("app", APPS)
def test_migrations_are_numbered_without_gaps(app):
    assert [int(path.stem[:4]) for path in files(app)] == list(range(1, len(files(app)) + 1))


@pytest.mark.parametrize("app", APPS)
def test_migrations_are_named_by_meaning(app):
    made_up = re.compile(r"auto_\d|_and_more$|^\d{4}_(alter|remove|add|rename)_\w+_\w+_\w+_\w+_")
    assert [path.stem for path in files(app) if made_up.search(path.stem)] == []


def test_migrations_call_no_services():
    wrong = [
        path.name
        for app in APPS
        for path in files(app)
        if re.search(r"^\s*(from|import) \w+\.(services|selectors|views)", path.read_text(), re.M)
    ]
    assert wrong == []


@pytest.mark.django_db
def test_no_model_lacks_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
