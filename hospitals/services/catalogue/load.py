"""Loading the catalogue: all of it in one transaction, or none of it."""

import hashlib
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.utils import translation

from hospitals.models import CatalogueLoad
from hospitals.services.catalogue import cover, cures, entry, institutions, places
from hospitals.services.catalogue.plans import Build
from hospitals.services.catalogue.rows import Fault
from hospitals.services.catalogue.write import Count, Writer
from medtour.lib import clock, locks

Planner = Callable[[Build], None]
FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "catalogue"
PLANNERS: tuple[Planner, ...] = (
    places.plan_places,
    institutions.plan_programmes,
    cures.plan_specialties,
    cures.plan_treatments,
    cures.plan_benchmarks,
    institutions.plan_hospitals,
    cover.plan_insurers,
    cover.plan_special_access,
    entry.plan_entry,
)


class BadCatalogue(Exception):
    """Rows that cannot be loaded; nothing was changed."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


class AnotherLoadRuns(Exception):
    """Somebody else loads the catalogue at this moment; nothing was changed."""


def load_catalogue(
    folder: Path = FOLDER, *, also: Sequence[Planner] = ()
) -> dict[type[models.Model], Count]:
    """Bring the catalogue to what the files say; returns what happened to each model's rows.

    `also` plans rows of apps further up, such as public holidays. Raises `BadCatalogue` with every
    fault found, or `AnotherLoadRuns`.
    """
    build = Build(folder)
    for planner in (*PLANNERS, *also):
        planner(build)
    if build.faults:
        raise BadCatalogue(sorted(set(build.faults)))
    writer = Writer()
    with transaction.atomic(), translation.override("en"):
        if not locks.advisory_xact_lock("load_catalogue"):
            raise AnotherLoadRuns
        return {model: writer.write(plan) for model, plan in build.plans.items()}


def fingerprint(folder: Path = FOLDER, *, also: Sequence[Callable[..., Any]] = ()) -> str:
    """Return a digest of the files and of the code that reads them, with that of `also`."""
    code = {Path(inspect.getfile(function)) for function in also}
    code |= set(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256()
    for path in [*sorted(folder.glob("*.csv")), *sorted(code)]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_loaded(what: str, mark: str) -> bool:
    """Tell whether the last load of this kind had the same fingerprint."""
    return CatalogueLoad.objects.filter(what=what, fingerprint=mark).exists()


def remember_load(what: str, mark: str) -> None:
    CatalogueLoad.objects.update_or_create(
        what=what, defaults={"fingerprint": mark, "loaded_at": clock.now()}
    )
