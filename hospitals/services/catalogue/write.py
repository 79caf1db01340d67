"""Carrying plans out: one read, one insert and one update statement a model."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from hospitals.services.catalogue.plans import Plan, Ref


@dataclass(slots=True)
class Count:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0

    @property
    def changed(self) -> int:
        return self.created + self.updated + self.deleted


class Writer:
    """Writes plans in the order in which they refer to each other.

    It uses plain querysets: those of modeltranslation would redirect the bare columns.
    """

    def __init__(self) -> None:
        self.numbers: dict[type[Model], dict[tuple[Any, ...], int]] = {}

    def write(self, plan: Plan) -> Count:
        """Create, update and, where the plan says so, delete; returns how many of each."""
        wanted = {self._resolved_key(key, plan): values for key, values in plan.rows.items()}
        wanted = {key: self._resolved(values) for key, values in wanted.items()}
        names = [self._attname(plan.model, name) for name in plan.key]
        present = {
            tuple(getattr(row, name) for name in names): row for row in _rows(plan.model).all()
        }
        fresh = [plan.model(**wanted[key]) for key in wanted if key not in present]
        changed = [row for key, row in present.items() if _take_over(row, wanted.get(key, {}))]
        _rows(plan.model).bulk_create(fresh)
        self._update(plan, changed)
        count = Count(len(fresh), len(changed), len(wanted) - len(fresh) - len(changed))
        if plan.prune:
            gone = [row.pk for key, row in present.items() if key not in wanted]
            count.deleted = _rows(plan.model).filter(pk__in=gone).delete()[0] if gone else 0
        self._remember(plan, [*present.values(), *fresh], names)
        return count

    def _update(self, plan: Plan, changed: list[Model]) -> None:
        """Insert the rows over themselves, so that the bare translated columns follow too."""
        if not changed:
            return
        fields = _planned_fields(plan)
        _rows(plan.model).bulk_create(
            changed, update_conflicts=True, unique_fields=["pk"], update_fields=fields
        )

    def _remember(self, plan: Plan, rows: Iterable[Model], names: list[str]) -> None:
        if len(names) == 1:
            self.numbers[plan.model] = {(getattr(row, names[0]),): row.pk for row in rows}

    def _resolved(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            f"{name}_id" if isinstance(value, Ref) else name: self._number(value)
            for name, value in values.items()
        }

    def _resolved_key(self, key: tuple[Any, ...], plan: Plan) -> tuple[Any, ...]:
        values = plan.rows[key]
        return tuple(self._number(values[name]) for name in plan.key)

    def _number(self, value: Any) -> Any:
        return self.numbers[value.model][value.key] if isinstance(value, Ref) else value

    def _attname(self, model: type[Model], name: str) -> str:
        return str(getattr(model._meta.get_field(name), "attname", name))


def _rows(model: type[Model]) -> QuerySet[Any]:
    return QuerySet(model)


def _planned_fields(plan: Plan) -> list[str]:
    """Return the fields that the files speak of, and the bare column behind each language's."""
    planned = {name for values in plan.rows.values() for name in values}
    fields = [plan.model._meta.get_field(name) for name in sorted(planned)]
    bare = {field.translated_field.name for field in fields if hasattr(field, "translated_field")}
    return sorted(planned | bare)


def _take_over(row: Model, values: dict[str, Any]) -> bool:
    """Set the values on a row; tells whether any differed."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)
