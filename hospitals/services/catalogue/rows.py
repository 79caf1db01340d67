"""Rows of a file: cells are asked for by what they must be; what is wrong is noted, not raised."""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from modeltranslation.utils import build_localized_fieldname

from hospitals.models.provenance import Confidence
from hospitals.services.catalogue import checks
from hospitals.services.catalogue.sources import earned_confidence, shown_source
from medtour.lib.money import Money

T = TypeVar("T")
LANGUAGES = ("en", "zh_hans", "ru", "id", "vi", "mn", "ar", "fr")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong in a file, where a person finds it."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass
class Row:
    """One line of a file; each question returns an empty answer when the cell is bad."""

    file: str
    line: int
    cells: dict[str, str]
    faults: list[Fault] = field(repr=False)

    def fault(self, reason: str) -> None:
        self.faults.append(Fault(self.file, self.line, reason))

    def checked(self, column: str, check: Callable[[str], T]) -> T | None:
        """Return the checked value, or None for an empty or a bad cell."""
        text = self.cells[column]
        if not text:
            return None
        try:
            return check(text)
        except ValueError as error:
            self.fault(f"{column}: {error}")
            return None

    def required(self, column: str, check: Callable[[str], Any]) -> Any:
        if not self.cells[column]:
            self.fault(f"{column}: is empty")
        return self.checked(column, check)

    def text(self, column: str) -> str:
        return self.cells[column]

    def needed_text(self, column: str) -> str:
        return self.required(column, str) or ""

    def items(self, column: str) -> list[str]:
        """Return the parts of a cell that lists with semicolons."""
        return [part.strip() for part in self.cells[column].split(";") if part.strip()]

    def numbers(self, column: str) -> list[int]:
        """Return whole numbers in rising order, such as days after discharge."""
        try:
            found = [checks.whole(part) for part in self.items(column)]
        except ValueError as error:
            self.fault(f"{column}: {error}")
            return []
        if found != sorted(set(found)):
            self.fault(f"{column}: the numbers do not rise")
        return found

    def one_of(self, column: str, allowed: Iterable[str]) -> str:
        text, allowed = self.needed_text(column), list(allowed)
        if text and text not in allowed:
            self.fault(f"{column}: {text!r} is not one of {', '.join(allowed)}")
        return text

    def known(self, column: str, keys: Iterable[str], what: str) -> str:
        """Return a reference to another file's row."""
        text = self.needed_text(column)
        if text and text not in keys:
            self.fault(f"{column}: unknown {what} {text!r}")
        return text

    def money(self, column: str, currency: str) -> int | None:
        """Return an amount in minor units of a currency."""
        value = self.checked(column, checks.amount)
        return None if value is None or not currency else _minor(value, currency)

    def source(self, prefix: str = "") -> dict[str, str]:
        """Return where the fact comes from, its date and how far it can be trusted."""
        source = shown_source(self.needed_text(f"{prefix}source"))
        confidence = self.one_of(f"{prefix}confidence", Confidence.values)
        return {
            "source": source,
            "as_of": self.required("as_of", checks.fact_date) or "",
            "confidence": earned_confidence(confidence, source),
        }

    def in_languages(self, name: str, *, needed: Iterable[str] = ()) -> dict[str, str | None]:
        """Return the cells `name_en`, `name_zh_hans` ...; an empty or absent one is None.

        Languages in `needed` may not be empty.
        """
        for language in needed:
            self.needed_text(f"{name}_{language}")
        texts = {code: self.cells.get(f"{name}_{code}", "") for code in LANGUAGES}
        return {build_localized_fieldname(name, code): text or None for code, text in texts.items()}


def _minor(value: Decimal, currency: str) -> int:
    return Money.from_major(value, currency).minor


def read_rows(folder: Path, file: str, columns: Iterable[str], faults: list[Fault]) -> list[Row]:
    """Return the rows of a file that has all `columns`; a file that cannot be read has no rows."""
    try:
        with (folder / file).open(encoding="utf-8", newline="") as stream:
            return list(_rows(file, csv.reader(stream, strict=True), set(columns), faults))
    except FileNotFoundError:
        faults.append(Fault(file, 0, "the file is missing"))
    except UnicodeDecodeError:
        faults.append(Fault(file, 0, "the file is not UTF-8"))
    except csv.Error as error:
        faults.append(Fault(file, 0, f"not a comma-separated file: {error}"))
    return []


def _rows(file: str, reader: Any, wanted: set[str], faults: list[Fault]) -> Iterator[Row]:
    header: list[str] = next(reader, [])
    missing = sorted(wanted - set(header))
    if missing or len(set(header)) != len(header):
        faults.append(Fault(file, 1, f"columns missing or doubled: {', '.join(missing)}"))
        return
    line = reader.line_num + 1
    for cells in reader:
        if len(cells) != len(header):
            faults.append(Fault(file, line, f"{len(cells)} cells instead of {len(header)}"))
        else:
            stripped = (cell.strip() for cell in cells)
            yield Row(file, line, dict(zip(header, stripped, strict=True)), faults)
        line = reader.line_num + 1
