"""The copied database is what the migrations make, and emptying it leaves its guards standing."""

from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection

from bookings.models import CaseEvent
from bookings.services import history
from medtour.lib import clock
from tests import database
from tests.factories import AppointmentFactory, CaseFactory

pytestmark = pytest.mark.django_db(transaction=True)


def tables_with_rows():
    with connection.cursor() as cursor:
        counts = {}
        for name in connection.introspection.table_names():
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")
            counts[name] = cursor.fetchone()[0]
    return {name for name, count in counts.items() if count}


def test_the_copy_has_every_migration():
    call_command("migrate", check_unapplied=True, verbosity=0)
    assert tables_with_rows() == database.KEPT


def refuses_to_forget():
    """Write a line of history and see that the database does not let it go."""
    happened = history.case_event(CaseFactory(), "opened", by=None, actor="patient", at=clock.now())
    history.record([happened])
    with pytest.raises(DatabaseError):
        CaseEvent.objects.all().delete()
    return CaseEvent.objects.count() == 1


def test_what_tests_filled_is_empty_again_and_the_guards_stand():
    AppointmentFactory()
    assert refuses_to_forget()
    assert {"bookings_appointment", "bookings_caseevent"} <= tables_with_rows()
    database.remove_rows()
    assert tables_with_rows() == database.KEPT
    assert refuses_to_forget()


def test_a_changed_migration_is_another_template(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "ROOT", tmp_path)
    migrations = tmp_path / "payments" / "migrations"
    migrations.mkdir(parents=True)
    before = database.fingerprint()
    (migrations / "0001_initial.py").write_text("operations = []")
    first = database.fingerprint()
    (migrations / "0001_initial.py").write_text("operations = [1]")
    assert len({before, first, database.fingerprint()}) == 3


def test_every_migration_of_ours_counts():
    ours = [config.path for config in apps.get_app_configs() if ".venv" not in config.path]
    written = {path for place in ours for path in Path(place).glob("migrations/*.py")}
    counted = {path for pattern in database.INGREDIENTS for path in database.ROOT.glob(pattern)}
    assert written
    assert written <= counted
