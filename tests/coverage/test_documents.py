from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy.orm import Session

from services.coverage import recheck, report_json, reports
from services.coverage.reports import Book
from services.coverage.reports.tables import all_tables
from tests.coverage.making import DAY, Records, dossier, owner

NAME, NUMBER = "Nguyễn Thị Bí Mật", "075190001234"
needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")


def fill(tx: Session) -> None:
    me = owner(tx, name=NAME, name_folded="nguyen thi bi mat", identifier_masked="075*****1234")
    for n in range(12):
        row = dossier(
            tx,
            owner_id=me.id,
            unit=("26068", "26041", "SKHCN")[n % 3],
            declared_results=n % 2,
            status=(9, 7, 4, 10)[n % 4],
            synced=n % 5 > 0,
        )
        recheck(tx, row.code)


@pytest.fixture
def book(records: Records) -> Book:
    with records.begin() as tx:
        fill(tx)
    return reports.gather(records, campaign="30-ngay/3" if DAY.day > 7 else "30-ngay/2")


def test_parts_make_the_whole_in_table_1(book: Book) -> None:
    table = all_tables(book)[0]
    lines = [row.cells for row in table.rows if row.style == "line"]
    total = next(row.cells for row in table.rows if row.style == "total")
    for cells in (*lines, total):
        assert cells[3] + cells[4] == cells[2]  # type: ignore[operator]
        assert cells[8] + cells[9] == cells[7]  # type: ignore[operator]
    for column in (2, 3, 4, 5, 6, 7, 8, 9, 10):
        assert sum(cells[column] for cells in lines) == total[column]  # type: ignore[misc]


def test_the_workbook_has_four_tables_and_the_dossiers(book: Book) -> None:
    file = load_workbook(io.BytesIO(reports.write_xlsx(book)))
    assert file.sheetnames == ["Bảng 1", "Bảng 2", "Bảng 3", "Bảng 4", "Hồ sơ"]
    for name in file.sheetnames:
        assert file[name].freeze_panes
    first = file["Bảng 1"]
    whole = [c.value for c in list(first.rows)[-1]]
    assert whole[1:3] == ["Toàn tỉnh", 12]
    assert isinstance(whole[11], float)
    assert first.conditional_formatting
    failing = [r[0].value for r in file["Hồ sơ"].iter_rows(min_row=2) if r[0].value]
    assert len(failing) == book.report.province.figures["failing"]


def test_no_document_holds_a_name_or_an_identity_number(book: Book) -> None:
    document = docx.Document(io.BytesIO(reports.write_docx(book)))
    texts = [p.text for p in document.paragraphs]
    texts += [c.text for t in document.tables for r in t.rows for c in r.cells]
    for sheet in load_workbook(io.BytesIO(reports.write_xlsx(book))):
        texts += [str(c.value) for row in sheet.rows for c in row]
    texts.append(reports.write_csv(book.report).decode())
    texts += [str(report_json(book.report))]
    assert not [t for t in texts if NAME in t or NUMBER in t or "075*****1234" in t]


def test_the_document_leaves_number_and_day_blank_for_the_signer(book: Book) -> None:
    document = docx.Document(io.BytesIO(reports.write_docx(book)))
    head = [c.text for r in document.tables[0].rows for c in r.cells]
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in head[1]
    assert head[2].startswith("Số:          /BC-VP")
    assert head[3].startswith("Đồng Nai, ngày       tháng ")
    assert "CHÁNH VĂN PHÒNG" in document.tables[1].rows[0].cells[1].text
    assert "Lưu: VT, HCC." in document.tables[1].rows[0].cells[0].text


def test_only_the_last_week_of_a_campaign_praises(records: Records) -> None:
    with records.begin() as tx:
        fill(tx)
    for period, praised in (("30-ngay/3", False), ("30-ngay/4", True), ("30-ngay", True)):
        document = docx.Document(io.BytesIO(reports.write_docx(reports.gather(records, campaign=period))))
        assert ("V. BIỂU DƯƠNG" in [p.text for p in document.paragraphs]) is praised


def test_week_3_is_compared_with_weeks_1_and_2(records: Records) -> None:
    compared = reports.gather(records, campaign="30-ngay/3").compared
    assert [c.period.campaign for c in compared] == ["30-ngay/1", "30-ngay/2", "30-ngay/3"]


def test_the_csv_has_a_line_a_unit_and_one_for_the_province(book: Book) -> None:
    lines = list(csv.DictReader(io.StringIO(reports.write_csv(book.report).decode("utf-8-sig"))))
    assert len(lines) == 111
    assert (lines[-1]["name"], lines[-1]["received"]) == ("Tỉnh Đồng Nai", "12")


def test_charts_are_drawn_alike_as_svg_and_png(book: Book) -> None:
    drawings = reports.weeks_chart(book), reports.causes_chart(book.report), reports.ranking_chart(book.report)
    for drawing in drawings:
        svg = reports.to_svg(drawing)
        assert svg.count("<text") == sum(type(s).__name__ == "Words" for s in drawing.shapes)
        image = Image.open(io.BytesIO(reports.to_png(drawing)))
        assert image.size == (2 * drawing.width, 2 * drawing.height)
        assert len(image.getcolors(1 << 24) or []) > 3


@needs_office
def test_libreoffice_opens_both_documents(book: Book, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(reports.write_xlsx(book))
    (tmp_path / "b.docx").write_bytes(reports.write_docx(book))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(tmp_path), "a.xlsx", "b.docx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=240)
    for name in ("a.pdf", "b.pdf"):
        assert (tmp_path / name).stat().st_size > 20_000
