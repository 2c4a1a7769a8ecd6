"""The report as a document ready to be signed, in the form of NĐ 30/2020/NĐ-CP: letterhead, number and day left
blank, body, signature block, and the tables as a landscape annex.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from services.coverage.reports import prose, words
from services.coverage.reports.book import Book
from services.coverage.reports.tables import Column, Table, Value, all_tables

_FONT = "Times New Roman"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who issues the report. ``symbol`` follows the blank number: "Số:      /BC-VP"."""

    parent: str = "ỦY BAN NHÂN DÂN\nTỈNH ĐỒNG NAI"
    agency: str = "VĂN PHÒNG"
    symbol: str = "BC-VP"
    place: str = "Đồng Nai"
    addressee: str = "Chủ tịch Ủy ban nhân dân tỉnh"
    signer: str = "CHÁNH VĂN PHÒNG"
    receivers: tuple[str, ...] = (
        "Như trên;",
        "Sở Khoa học và Công nghệ (phối hợp);",
        "Sở Nội vụ (khen thưởng);",
        "Các sở, ban, ngành; UBND các xã, phường;",
        "Lưu: VT, HCC.",
    )


def write_docx(book: Book, letterhead: Letterhead | None = None) -> bytes:
    """A .docx file."""
    head = letterhead or Letterhead()
    file = docx.Document()
    file.core_properties.title = f"Báo cáo kết quả số hóa – {book.report.period.title}"
    file.core_properties.author = "Số hoá"
    _page(file.sections[0])
    _default_font(file)
    _letterhead(file, head, book)
    _paragraph(file, "BÁO CÁO", bold=True, size=14, centre=True, before=18)
    _paragraph(file, "Kết quả số hóa hồ sơ, kết quả giải quyết thủ tục hành chính", bold=True, size=14, centre=True)
    _paragraph(file, book.report.period.title, bold=True, size=14, centre=True)
    _rule(_paragraph(file, "", centre=True), indent_cm=5.5)
    _paragraph(file, f"Kính gửi: {head.addressee}.", size=14, centre=True, before=6, after=12)
    for style, text in prose.body(book):
        if style == "heading":
            _paragraph(file, text, bold=True, size=14, first_line=1.0, before=6).paragraph_format.keep_with_next = True
        else:
            _paragraph(file, text, size=14, first_line=1.0)
    _signature(file, head)
    for number, table in enumerate(all_tables(book)):
        _annex(file, table, new_section=number == 0)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _page(section: Any, *, landscape: bool = False) -> None:
    section.page_width, section.page_height = (Cm(29.7), Cm(21)) if landscape else (Cm(21), Cm(29.7))
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.top_margin = section.bottom_margin = Cm(2)
    section.left_margin, section.right_margin = (Cm(1.5), Cm(1.5)) if landscape else (Cm(3), Cm(1.5))
    section.different_first_page_header_footer = True
    section.header.is_linked_to_previous = False
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if not paragraph.runs:
        _page_number(paragraph)


def _page_number(paragraph: Any) -> None:
    for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
        run = paragraph.add_run()
        run.font.size = Pt(13)
        if kind:
            field = OxmlElement("w:fldChar")
            field.set(qn("w:fldCharType"), kind)
        else:
            field = OxmlElement("w:instrText")
            field.set(qn("xml:space"), "preserve")
            field.text = text
        run._r.append(field)


def _default_font(file: Any) -> None:
    style = file.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)


def _letterhead(file: Any, head: Letterhead, book: Book) -> None:
    table = file.add_table(rows=2, cols=2)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    _columns(table, 6.5, 10.2)
    left, right = table.rows[0].cells
    for line in head.parent.split("\n"):
        _paragraph(left, line, size=13, centre=True)
    _paragraph(left, head.agency, bold=True, size=13, centre=True)
    _rule(_paragraph(left, "", size=4, centre=True), indent_cm=2.2)
    _paragraph(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True, size=13, centre=True)
    _paragraph(right, "Độc lập - Tự do - Hạnh phúc", bold=True, size=14, centre=True)
    _rule(_paragraph(right, "", size=4, centre=True), indent_cm=1.7)
    left, right = table.rows[1].cells
    _paragraph(left, f"Số:          /{head.symbol}", size=13, centre=True, before=6)
    month = f"{book.made_on.month:02}" if book.made_on.month < 3 else f"{book.made_on.month}"
    written = f"{head.place}, ngày       tháng {month} năm {book.made_on.year}"
    _paragraph(right, written, size=14, italic=True, centre=True, before=6)
    for cell in (c for row in table.rows for c in row.cells):
        cell._tc.remove(cell.paragraphs[0]._p)  # a new cell opens with an empty paragraph


def _columns(table: Any, *widths_cm: float) -> None:
    for column, width in zip(table.columns, widths_cm, strict=True):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)


def _signature(file: Any, head: Letterhead) -> None:
    _paragraph(file, "", size=8)
    table = file.add_table(rows=1, cols=2)
    table.autofit = False
    _columns(table, 8.5, 8)
    left, right = table.rows[0].cells
    _paragraph(left, "Nơi nhận:", size=12, bold=True, italic=True)
    for receiver in head.receivers:
        _paragraph(left, f"- {receiver}", size=11)
    _paragraph(right, head.signer, size=14, bold=True, centre=True)
    for _ in range(5):
        _paragraph(right, "", size=14)
    for cell in (left, right):
        cell._tc.remove(cell.paragraphs[0]._p)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _annex(file: Any, table: Table, *, new_section: bool) -> None:
    if new_section:
        _page(file.add_section(WD_SECTION.NEW_PAGE), landscape=True)
        _paragraph(file, "PHỤ LỤC", bold=True, size=14, centre=True)
    for line in f"{table.name}. {table.title}".split("\n"):
        _paragraph(file, line, bold=True, size=12, centre=True, before=6, after=3)
    grouped = any(c.group for c in table.columns)
    heads = 2 if grouped else 1
    grid = file.add_table(rows=heads + len(table.rows), cols=len(table.columns))
    grid.style, grid.autofit = "Table Grid", False
    widths = _widths(table.columns)
    for grid_column, width in zip(grid._tbl.tblGrid.gridCol_lst, widths, strict=True):
        grid_column.set(qn("w:w"), str(width))
    # one pass over the XML: python-docx's cell() walks the table each time
    rows = list(grid._tbl.tr_lst)
    cells = [list(r.tc_lst) for r in rows]
    for column, spec in enumerate(table.columns):
        for at in range(len(rows)):
            _set_width(cells[at][column], widths[column])
        _write(cells[heads - 1][column], spec.title, bold=True, align="center")
    if grouped:
        _write_groups(cells, table.columns)
    for at, row in enumerate(table.rows, start=heads):
        for column, value in enumerate(row.cells):
            kind = table.columns[column].kind
            align = "left" if isinstance(value, str) and column else "center" if column == 0 else "right"
            _write(cells[at][column], _shown(value, kind), bold=row.style != "line", align=align)
        _no_split(rows[at])
    for at in range(heads):
        _repeat(rows[at])
    _paragraph(file, "", size=8)


def _write_groups(cells: Sequence[Sequence[Any]], columns: Sequence[Column]) -> None:
    """The upper head row: a group over its columns; a column without group reaches over both rows."""
    column = 0
    while column < len(columns):
        group, end = columns[column].group, column
        while group and end + 1 < len(columns) and columns[end + 1].group == group:
            end += 1
        if group:
            _write(cells[0][column], group, bold=True, align="center")
            if end > column:
                cells[0][column].get_or_add_tcPr().get_or_add_gridSpan().val = end - column + 1
                for extra in cells[0][column + 1 : end + 1]:
                    extra.getparent().remove(extra)
        else:
            _write(cells[0][column], columns[column].title, bold=True, align="center")
            _write(cells[1][column], "", align="center")
            _merge_down(cells[0][column], cells[1][column])
        column = end + 1


def _merge_down(upper: Any, lower: Any) -> None:
    for cell, value in ((upper, "restart"), (lower, "continue")):
        merge = OxmlElement("w:vMerge")
        merge.set(qn("w:val"), value)
        cell.get_or_add_tcPr().append(merge)


def _write(cell: Any, text: str, *, bold: bool = False, align: str = "left") -> None:
    paragraph = cell.p_lst[0]
    for run in list(paragraph.r_lst):
        paragraph.remove(run)
    properties = paragraph.get_or_add_pPr()
    for old in properties.findall(qn("w:jc")):
        properties.remove(old)
    alignment = OxmlElement("w:jc")
    alignment.set(qn("w:val"), align)
    properties.append(alignment)
    run = OxmlElement("w:r")
    style = OxmlElement("w:rPr")
    if bold:
        style.append(OxmlElement("w:b"))
    for tag in ("w:sz", "w:szCs"):
        size = OxmlElement(tag)
        size.set(qn("w:val"), "18")
        style.append(size)
    run.append(style)
    body = OxmlElement("w:t")
    body.text = text
    body.set(qn("xml:space"), "preserve")
    run.append(body)
    paragraph.append(run)


def _shown(value: Value, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Fraction):
        if kind == "percent":
            return words.percent(value)
        return words.number(value * 100, signed=True) if kind == "delta" else words.number(value)
    if kind == "target":
        return f"{value}%"
    return words.number(value if isinstance(value, Decimal) else int(value))


def _widths(columns: Sequence[Column]) -> list[int]:
    """Twips, the whole filling the landscape page (26,7 cm)."""
    total = sum(c.width for c in columns)
    return [round(c.width / total * 26.7 / 2.54 * 1440) for c in columns]


def _set_width(cell: Any, twips: int) -> None:
    properties = cell.get_or_add_tcPr()
    for old in properties.findall(qn("w:tcW")):
        properties.remove(old)
    width = OxmlElement("w:tcW")
    width.set(qn("w:w"), str(twips))
    width.set(qn("w:type"), "dxa")
    properties.insert(0, width)


def _repeat(row: Any) -> None:
    row.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _no_split(row: Any) -> None:
    row.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _rule(paragraph: Any, *, indent_cm: float) -> None:
    """A thin line above the paragraph, shorter than the column by ``indent_cm`` on both sides."""
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Cm(indent_cm)
    border = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "auto")):
        top.set(qn(f"w:{name}"), value)
    border.append(top)
    properties = paragraph._p.get_or_add_pPr()
    following = properties.findall(qn("w:ind")) + properties.findall(qn("w:spacing")) + properties.findall(qn("w:jc"))
    first = min((properties.index(e) for e in following), default=len(properties))
    properties.insert(first, border)


def _paragraph(
    into: Any,
    text: str,
    *,
    size: float = 14,
    bold: bool = False,
    italic: bool = False,
    centre: bool = False,
    first_line: float = 0,
    before: float = 0,
    after: float = 0,
) -> Any:
    paragraph = into.add_paragraph()
    form = paragraph.paragraph_format
    form.space_before = Pt(before)
    form.space_after = Pt(after or (6 if first_line else 0))
    form.line_spacing_rule = WD_LINE_SPACING.SINGLE
    if first_line:
        form.first_line_indent = Cm(first_line)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size, run.font.name = bold, italic, Pt(size), _FONT
    return paragraph
