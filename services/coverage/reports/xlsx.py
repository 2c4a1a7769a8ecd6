"""The report as a workbook: the four tables, then the dossiers behind the figures. Real numbers, frozen headers,
colours by rule.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import xlsxwriter

from services.coverage.metrics import CHECK_CODES
from services.coverage.reports import words
from services.coverage.reports.book import Book
from services.coverage.reports.tables import Table, Value, all_tables

_FONT = "Times New Roman"
_FORMATS = {
    "count": "#,##0",
    "percent": "0.00%",
    "delta": "+0.00;-0.00;0.00",
    "points": "0.00",
    "target": '0"%"',
    "text": "@",
}
_GREEN, _RED = "#C6E0B4", "#F8CBAD"


def write_xlsx(book: Book) -> bytes:
    """An .xlsx file. Rates are shares shown as per cent; points and changes are numbers; N/A is an empty cell."""
    out = io.BytesIO()
    file = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    file.set_properties({"title": f"Báo cáo số hóa – {book.report.period.title}", "author": "Số hoá"})
    formats = _Formats(file)
    for table in all_tables(book):
        _write_table(file, formats, table)
    _write_dossiers(file, formats, book)
    file.close()
    return out.getvalue()


class _Formats:
    def __init__(self, file: Any) -> None:
        base = {"font_name": _FONT, "font_size": 11, "valign": "vcenter"}
        head = base | {"bold": True, "border": 1, "align": "center", "text_wrap": True, "bg_color": "#DDE6F0"}
        self.title = file.add_format(base | {"bold": True, "font_size": 13, "align": "center", "text_wrap": True})
        self.head = file.add_format(head)
        self.note = file.add_format(base | {"italic": True})
        self.cells: dict[tuple[str, str], Any] = {}
        for kind, number in _FORMATS.items():
            for style, extra in (
                ("line", {}),
                ("block", {"bold": True, "bg_color": "#F2F2F2"}),
                ("total", {"bold": True, "bg_color": "#FFF2CC"}),
            ):
                wrap = {"text_wrap": True} if kind == "text" else {"num_format": number}
                self.cells[kind, style] = file.add_format(base | {"border": 1} | wrap | extra)
        self.day = file.add_format(base | {"border": 1, "num_format": "dd/mm/yyyy"})
        self.good = file.add_format({"bg_color": _GREEN})
        self.bad = file.add_format({"bg_color": _RED})


def _write_table(file: Any, formats: _Formats, table: Table) -> None:
    sheet = file.add_worksheet(table.name)
    width = len(table.columns)
    sheet.merge_range(0, 0, 0, width - 1, f"{table.name}. {table.title}", formats.title)
    sheet.set_row(0, 40)
    grouped = any(c.group for c in table.columns)
    head_rows = 2 if grouped else 1
    _write_heads(sheet, formats, table, grouped)
    first = 1 + head_rows
    tall = any(c.kind == "text" and c.width > 39 for c in table.columns)
    for at, row in enumerate(table.rows, start=first):
        if tall:
            sheet.set_row(at, 32)
        for column, value in enumerate(row.cells):
            # the block's numeral stands in a column of counts
            kind = "text" if isinstance(value, str) else table.columns[column].kind
            _write_cell(sheet, at, column, value, formats.cells[kind, row.style], kind)
    last = first + len(table.rows) - 1
    for at in range(1, first):
        sheet.set_row(at, 48)
    sheet.freeze_panes(first, 2)
    sheet.repeat_rows(1, first - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for column, spec in enumerate(table.columns):
        sheet.set_column(column, column, spec.width)
        if table.rows:
            _colour(sheet, formats, spec.kind, spec.title, first, last, column)


def _write_heads(sheet: Any, formats: _Formats, table: Table, grouped: bool) -> None:
    if not grouped:
        for column, spec in enumerate(table.columns):
            sheet.write_string(1, column, spec.title, formats.head)
        return
    column = 0
    while column < len(table.columns):
        group = table.columns[column].group
        if not group:
            sheet.merge_range(1, column, 2, column, table.columns[column].title, formats.head)
            column += 1
            continue
        end = column
        while end + 1 < len(table.columns) and table.columns[end + 1].group == group:
            end += 1
        if end > column:
            sheet.merge_range(1, column, 1, end, group, formats.head)
        else:
            sheet.write_string(1, column, group, formats.head)
        for at in range(column, end + 1):
            sheet.write_string(2, at, table.columns[at].title, formats.head)
        column = end + 1


def _write_cell(sheet: Any, row: int, column: int, value: Value, cell_format: Any, kind: str) -> None:
    if value is None:
        sheet.write_blank(row, column, None, cell_format)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, cell_format)
    elif isinstance(value, Fraction):
        # a change of rates is shown in percentage points
        sheet.write_number(row, column, float(value * 100 if kind == "delta" else value), cell_format)
    else:
        sheet.write_number(row, column, float(value) if isinstance(value, Decimal) else value, cell_format)


def _colour(sheet: Any, formats: _Formats, kind: str, title: str, first: int, last: int, column: int) -> None:
    area = (first, column, last, column)
    if kind == "delta":
        sheet.conditional_format(*area, {"type": "cell", "criteria": ">", "value": 0, "format": formats.good})
        sheet.conditional_format(*area, {"type": "cell", "criteria": "<", "value": 0, "format": formats.bad})
    elif title == "Kết quả":
        sheet.conditional_format(*area, {"type": "cell", "criteria": "==", "value": '"Đạt"', "format": formats.good})
        sheet.conditional_format(
            *area, {"type": "cell", "criteria": "==", "value": '"Chưa đạt"', "format": formats.bad}
        )
    elif kind == "percent":
        scale = {"type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num"}
        values = {"min_value": 0, "mid_value": 0.8, "max_value": 1}
        colours = {"min_color": _RED, "mid_color": "#FFEB9C", "max_color": _GREEN}
        sheet.conditional_format(*area, scale | values | colours)


def _write_dossiers(file: Any, formats: _Formats, book: Book) -> None:
    """Each failing dossier once, an x under each check it fails: filter a column to see those behind a figure."""
    sheet = file.add_worksheet("Hồ sơ")
    heads = ["Mã hồ sơ", "Đơn vị", "Mã TTHC", "Tên TTHC", "Ngày tiếp nhận", "Hạn trả", "Trạng thái", *CHECK_CODES]
    for column, title in enumerate([*heads, "Việc cần làm"]):
        sheet.write_string(0, column, title, formats.head)
    text = formats.cells["text", "line"]
    for at, line in enumerate(book.dossiers, start=1):
        plain: Sequence[str | None] = (line.code, line.unit_name, line.procedure, line.procedure_name)
        for column, value in enumerate(plain):
            sheet.write_string(at, column, value or "", text)
        for column, day in ((4, line.received_on), (5, line.due_on)):
            if day is None:
                sheet.write_blank(at, column, None, formats.day)
            else:
                sheet.write_datetime(at, column, day, formats.day)
        sheet.write_string(at, 6, words.STATUS.get(line.status, str(line.status)), text)
        wrong = {todo.code for todo in line.todo}
        for column, code in enumerate(CHECK_CODES, start=7):
            sheet.write_string(at, column, "x" if code in wrong else "", text)
        sheet.write_string(at, len(heads), " ".join(todo.vi for todo in line.todo), text)
    last = len(book.dossiers)
    if not book.all_dossiers:
        note = f"Chỉ liệt kê {words.number(last)} hồ sơ đầu; hãy xuất theo từng đơn vị để có đủ."
        sheet.write_string(last + 1, 0, note, formats.note)
    sheet.autofilter(0, 0, max(1, last), len(heads))
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 26)
    sheet.set_column(2, 2, 11)
    sheet.set_column(3, 3, 40)
    sheet.set_column(4, 5, 12)
    sheet.set_column(6, 6, 18)
    sheet.set_column(7, 6 + len(CHECK_CODES), 5)
    sheet.set_column(len(heads), len(heads), 70)
