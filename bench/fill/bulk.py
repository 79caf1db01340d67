"""Writing very many rows: COPY from objects, INSERT from SELECT, constraints put back last."""

import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

from medtour.lib import clock
from medtour.lib.ids import public_id, reference

BATCH = 20_000
RANDOM_ID = "left(md5(random()::text) || md5(random()::text), 26)"
DEFAULT_EXPRESSIONS = {
    clock.now: "now()",
    public_id: RANDOM_ID,
    reference: "upper(left(md5(random()::text), 10))",
    list: "'{}'",
    dict: "'{}'",
}
INDEXES = """
SELECT i.relname, pg_get_indexdef(i.oid) FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = %s::regclass
  AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid)
"""
CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s::regclass AND contype IN ('u', 'x', 'f', 'c')
ORDER BY contype = 'f'
"""


def stored_fields(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.concrete_fields if not field.generated]


def copy_objects(model: type[models.Model], objects: Iterable[models.Model]) -> int:
    """COPY unsaved instances, as their fields would save them; those without a key get one."""
    fields = [field for field in stored_fields(model) if not field.primary_key]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    statement = f"COPY {model._meta.db_table} ({columns}) FROM STDIN"
    written = 0
    lines = io.StringIO()
    for written, row in enumerate(objects, start=1):
        values = (
            field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields
        )
        lines.write("\t".join(map(as_text, values)) + "\n")
        if written % BATCH == 0:
            _send(statement, lines)
            lines = io.StringIO()
    _send(statement, lines)
    return written


def _send(statement: str, lines: io.StringIO) -> None:
    lines.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(statement, lines)


def as_text(value: Any) -> str:
    """Return a value in COPY's text format."""
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list):
        value = "{" + ",".join(json.dumps(str(item)) for item in value) + "}"
    elif not isinstance(value, (str, int)):
        value = json.dumps(value.adapted) if hasattr(value, "adapted") else str(value)
    text = str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def insert_select(
    model: type[models.Model], columns: Mapping[str, str], source: str, *parameters: Any
) -> None:
    """INSERT one row for each row of `source`; columns not named get the field's default."""
    fields = [
        field for field in stored_fields(model) if field.column in columns or not field.primary_key
    ]
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    values = ", ".join(columns.get(field.column) or _default(field) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} {source}",
            parameters or None,
        )


def _default(field: models.Field) -> str:
    default = field.default
    if default is models.NOT_PROVIDED:
        return "NULL" if field.null else "''"
    if callable(default):
        return DEFAULT_EXPRESSIONS[default]
    if isinstance(default, (bool, int)):
        return str(default)
    return "'" + str(default).replace("'", "''") + "'"


@contextmanager
def without_constraints(*tables: str) -> Iterator[None]:
    """Drop indexes and constraints (never primary keys) for the block; build them once after."""
    rebuild: list[str] = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(CONSTRAINTS, [table])
            for name, definition in cursor.fetchall():
                rebuild.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            cursor.execute(INDEXES, [table])
            for name, definition in cursor.fetchall():
                rebuild.append(definition)
                cursor.execute(f'DROP INDEX "{name}"')
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '256MB'")
        for statement in sorted(rebuild, key=lambda sql: "FOREIGN KEY" in sql):
            cursor.execute(statement)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
