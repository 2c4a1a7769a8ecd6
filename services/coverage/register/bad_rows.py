"""The workbook of rows that stayed out, the reasons beside them, to be corrected and imported again."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from services.coverage.register.problems import RowProblem

REASON_HEADERS = ("Dòng trong tệp gốc", "Cột sai", "Mã lỗi", "Lý do", "Reason")


def write(
    headers: Sequence[str],
    bad: Sequence[tuple[int, Sequence[Any]]],
    problems: Sequence[RowProblem],
    warnings: Sequence[RowProblem],
) -> bytes:
    """Sheet "Dòng lỗi": the bad rows under their own headers, the bad cells coloured, the reasons in the last columns.
    Sheet "Cảnh báo": rows that went in but should be looked at.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1, "text_wrap": True})
    wrong = book.add_format({"bg_color": "#F8CBAD"})
    wrong_day = book.add_format({"bg_color": "#F8CBAD", "num_format": "dd/mm/yyyy"})
    day = book.add_format({"num_format": "dd/mm/yyyy"})

    sheet = book.add_worksheet("Dòng lỗi")
    sheet.freeze_panes(1, 1)
    sheet.write_row(0, 0, [*headers, *REASON_HEADERS], bold)
    by_row = _by_row(problems)
    for at, (number, cells) in enumerate(bad, start=1):
        found = by_row.get(number, [])
        columns = {p.column for p in found}
        for column, cell in enumerate(cells):
            is_wrong = column < len(headers) and headers[column] in columns
            if isinstance(cell, dt.date | dt.datetime):
                sheet.write_datetime(at, column, cell, wrong_day if is_wrong else day)
            elif cell is not None and cell != "":
                sheet.write(at, column, cell, wrong if is_wrong else None)
            elif is_wrong:
                sheet.write_blank(at, column, None, wrong)
        reasons = (
            number,
            *("; ".join(dict.fromkeys(getattr(p, n) for p in found)) for n in ("column", "code", "vi", "en")),
        )
        sheet.write_row(at, max(len(headers), len(cells)), reasons)
    sheet.set_column(0, len(headers) - 1, 16)
    sheet.set_column(len(headers), len(headers) + len(REASON_HEADERS), 28)

    if warnings:
        doubts = book.add_worksheet("Cảnh báo")
        doubts.freeze_panes(1, 0)
        doubts.write_row(0, 0, ["Dòng", "Cột", "Giá trị", "Mã", "Lý do", "Reason"], bold)
        for at, w in enumerate(warnings, start=1):
            doubts.write_row(at, 0, [w.row, w.column, w.value, w.code, w.vi, w.en])
        doubts.set_column(0, 3, 16)
        doubts.set_column(4, 5, 50)
    book.close()
    return out.getvalue()


def _by_row(problems: Sequence[RowProblem]) -> Mapping[int, list[RowProblem]]:
    found: dict[int, list[RowProblem]] = {}
    for p in problems:
        found.setdefault(p.row, []).append(p)
    return found
