"""Lists as files that a spreadsheet opens: amounts are numbers, texts are never formulas."""

import csv
import io
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from payments.selectors.day_list import Cell

# A spreadsheet takes a text that begins so for a formula, also after spaces or control characters.
BEGINS_LIKE_A_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)
GUARD = "'"
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LONGEST_TITLE = 31


def guarded(cell: Cell) -> Cell:
    """Return a text so that no spreadsheet computes it; numbers stay numbers."""
    if isinstance(cell, Decimal):
        return cell
    is_formula = cell.startswith(BEGINS_LIKE_A_FORMULA) or cell.lstrip().startswith(
        BEGINS_LIKE_A_FORMULA
    )
    return GUARD + cell if is_formula else cell


def file_of(kind: str, rows: list[list[Cell]], *, title: str) -> bytes:
    """Return a list as a file of one of the kinds in CONTENT_TYPES."""
    return csv_file(rows) if kind == "csv" else xlsx_file(rows, title=title)


def csv_file(rows: list[list[Cell]]) -> bytes:
    """Return UTF-8 with the mark by which spreadsheets know it, so that names stay readable."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def xlsx_file(rows: list[list[Cell]], *, title: str) -> bytes:
    """Return a workbook with one sheet; amounts keep the decimals of their currency."""
    book = Workbook()
    sheet = book.active
    sheet.title = title[:LONGEST_TITLE]
    for number, row in enumerate(rows, start=1):
        for place, cell in enumerate(row, start=1):
            _write(sheet.cell(number, place), guarded(cell))
    for title in sheet[1]:
        title.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(place, value: Cell) -> None:  # noqa: ANN001  (openpyxl has no types)
    if isinstance(value, Decimal):
        decimals = max(-value.as_tuple().exponent, 0)
        place.value = value
        place.number_format = "0." + "0" * decimals if decimals else "0"
        return
    place.value = ILLEGAL_CHARACTERS_RE.sub("", value)
    place.data_type = "s"
