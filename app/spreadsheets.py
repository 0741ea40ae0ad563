"""Cells that no spreadsheet computes, and workbooks of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is computed when a spreadsheet opens it (OWASP, CSV injection)."""
Cell = str | int | float | None
Table = Sequence[Sequence[Cell]]
"""The first row is its head."""
MAX_SHEET_NAME_CHARS = 31


def neutral(text: str) -> str:
    """The text as a cell that no spreadsheet computes: ``=1+1`` -> ``'=1+1``."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def writable(text: str) -> str:
    """Without the control characters that a workbook cannot hold."""
    return str(ILLEGAL_CHARACTERS_RE.sub("", text))


def as_csv(table: Table) -> bytes:
    """With a byte order mark, without which Excel does not read Chinese."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_cell(cell) for cell in row] for row in table)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(sheets: Mapping[str, Table]) -> bytes:
    """One sheet a table, its head bold and kept in sight."""
    book = openpyxl.Workbook(write_only=True)
    for name, table in sheets.items():
        sheet = book.create_sheet(name[:MAX_SHEET_NAME_CHARS])
        sheet.freeze_panes = "A2"
        for number, row in enumerate(table):
            cells = [WriteOnlyCell(sheet, value=_in_workbook(cell)) for cell in row]
            for cell in cells:
                if number == 0:
                    cell.font = Font(bold=True)
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(cell: Cell) -> Cell:
    return neutral(cell) if isinstance(cell, str) else cell


def _in_workbook(cell: Cell) -> Cell:
    return writable(neutral(cell)) if isinstance(cell, str) else cell
