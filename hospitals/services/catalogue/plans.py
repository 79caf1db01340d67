"""What will be written, worked out completely before the first write."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import Model

from hospitals.services.catalogue.rows import LANGUAGES, Fault, Row, read_rows


@dataclass(frozen=True, slots=True)
class Ref:
    """A foreign key by the other row's key, because its number is not known yet."""

    model: type[Model]
    key: tuple[str, ...]


@dataclass
class Plan:
    """The rows one model shall have, by key.

    `prune` says that the files own the table: rows that the files no longer hold are deleted.
    """

    model: type[Model]
    key: tuple[str, ...]
    prune: bool = False
    rows: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)

    def add(self, row: Row, values: dict[str, Any]) -> None:
        """Take a row in, unless its key is there already or a text is longer than its column."""
        key = tuple(_key_part(values[name]) for name in self.key)
        if key in self.rows:
            row.fault(f"{' + '.join(self.key)}: doubled {' + '.join(map(str, key))!r}")
            return
        for name, value in values.items():
            limit = getattr(self.model._meta.get_field(name), "max_length", None)
            if limit and isinstance(value, str) and len(value) > limit:
                row.fault(f"{name}: longer than {limit} characters")
        self.rows[key] = values


def _key_part(value: Any) -> Any:
    return value.key[0] if isinstance(value, Ref) and len(value.key) == 1 else value


@dataclass
class Build:
    """The state of one reading: the folder, the plans so far, and what was found wrong."""

    folder: Path
    faults: list[Fault] = field(default_factory=list)
    plans: dict[type[Model], Plan] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)

    def rows(self, file: str, columns: str, *, translated: str = "") -> list[Row]:
        """Return a file's rows; `translated` names columns that exist once a language."""
        wanted = columns.split()
        wanted += [f"{name}_{code}" for name in translated.split() for code in LANGUAGES]
        return read_rows(self.folder, file, wanted, self.faults)

    def plan(self, model: type[Model], *key: str, prune: bool = False) -> Plan:
        return self.plans.setdefault(model, Plan(model, key, prune))

    def by_key(self, file: str, column: str, keys: Any, *, translated: str) -> dict[str, Row]:
        """Return the rows of a file that adds texts to another one's rows."""
        found: dict[str, Row] = {}
        for row in self.rows(file, column, translated=translated):
            key = row.known(column, keys, "row")
            if key in found:
                row.fault(f"{column}: doubled {key!r}")
            found[key] = row
        return found
