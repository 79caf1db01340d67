"""Reading an insurer's CSV or XLSX file into rows with their line numbers; nothing is saved."""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED_BYTES = 200 * 1024 * 1024
MOST_ROWS = 50_000
ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one cell of a file cannot be used; line 1 is the heading, column "" the whole line."""

    line: int
    column: str
    reason: str | Promise


class UnreadableFile(Exception):
    """The file as a whole cannot be read; `fault` says why."""

    def __init__(self, reason: str | Promise, *, line: int = 1, column: str = "") -> None:
        super().__init__()
        self.fault = Fault(line, column, reason)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: its number as a spreadsheet shows it, and its cells by heading."""

    number: int
    cells: dict[str, str]


def read_table(content: bytes, columns: Sequence[str], *, most: int | None = None) -> list[Line]:
    """Return the lines of a CSV (UTF-8) or XLSX file whose heading names all `columns`.

    Other columns are ignored, blank lines skipped. Raises UnreadableFile, also for more than `most`
    lines.
    """
    most = min(most or MOST_ROWS, MOST_ROWS)
    if len(content) > MOST_BYTES:
        raise UnreadableFile(_("The file is larger than 10 MB. Please split it."))
    rows = _xlsx(content) if content.startswith(ZIP) else _csv(content)
    heading = [cell.strip().lower() for cell in next(rows, [])]
    for column in columns:
        if column not in heading:
            raise UnreadableFile(_("This column is missing."), column=column)
    lines = []
    for number, row in enumerate(rows, start=2):
        cells = dict(zip(heading, (cell.strip() for cell in row), strict=False))
        if any(cells.values()):
            lines.append(Line(number, {column: cells.get(column, "") for column in columns}))
        if len(lines) > most:
            reason = _("The file has more than %(most)s lines. Please split it.")
            raise UnreadableFile(reason % {"most": f"{most:,}"})
    return lines


def _csv(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile(_("The file is neither XLSX nor CSV in UTF-8.")) from None
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error:
        raise UnreadableFile(_("The file is neither XLSX nor CSV in UTF-8.")) from None


def _xlsx(content: bytes) -> Iterator[list[str]]:
    """Read the first sheet; values only, formulas are not worked out."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED_BYTES:
                raise UnreadableFile(_("The file is too large when unpacked. Please split it."))
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        for row in sheet.iter_rows(values_only=True):
            yield [_cell(value) for value in row]
    except UnreadableFile:
        raise
    except Exception:  # openpyxl raises whatever the XML inside leads it to
        raise UnreadableFile(_("This XLSX file cannot be read.")) from None


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
