from __future__ import annotations

import csv
import datetime as dt
import io
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from services.coverage import drift, import_register
from services.coverage.config import load
from services.coverage.dossier_codes import parse_code
from services.coverage.register.cells import to_date
from services.coverage.register.columns import find_layout
from services.coverage.register.problems import Bad, Fault, NotARegister, UnreadableSheet
from services.coverage.tables import day_count
from services.storage.errors import UnknownUnit
from services.storage.model import Actor
from services.storage.records.tables import DossierRow, ProcedureRow
from tests.coverage.making import COMMUNE, PROVINCE, Records, sheet

HEAD = ["STT", "Mã hồ sơ", "Đơn vị", "Mã TTHC", "Ngày tiếp nhận", "Trạng thái", "Hình thức nộp", "Số tệp thành phần"]
GOOD = [1, "H19.1-250804-0001", "Phường Biên Hòa", "1.001193", "04/08/2025", "Đã trả kết quả", "Trực tiếp", 2]


def row(**changes: Any) -> list[Any]:
    return [changes.get(name, value) for name, value in zip(HEAD, GOOD, strict=True)]


def one(records: Records, code: str = "H19.1-250804-0001") -> DossierRow:
    with records.begin() as tx:
        return tx.scalars(select(DossierRow).where(DossierRow.code == code)).one()


def test_a_register_goes_in_and_is_counted(records: Records, tmp_path: Path) -> None:
    file = sheet(tmp_path / "r.xlsx", [["BẢNG KÊ HỒ SƠ"], [], HEAD, GOOD])
    result = import_register(records, file, actor=PROVINCE)
    assert (result.rows, result.inserted, result.bad_rows, result.report_xlsx) == (1, 1, (), None)
    assert result.unused_columns == ("STT",)
    found = one(records)
    assert (found.unit, found.status, found.channel, found.received_on) == ("26068", 10, 1, dt.date(2025, 8, 4))
    with records.begin() as tx:
        assert tx.scalar(select(day_count.c.c1)) == 1
        assert drift(tx) == []


def test_importing_again_changes_nothing_and_a_changed_row_is_updated(records: Records, tmp_path: Path) -> None:
    file = sheet(tmp_path / "r.xlsx", [HEAD, GOOD])
    import_register(records, file, actor=PROVINCE)
    again = import_register(records, file, actor=PROVINCE)
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 1)
    moved = sheet(tmp_path / "r2.xlsx", [HEAD, row(**{"Ngày tiếp nhận": "05/08/2025", "Đơn vị": "26041"})])
    changed = import_register(records, moved, actor=PROVINCE)
    assert (changed.inserted, changed.updated, changed.unchanged) == (0, 1, 0)
    with records.begin() as tx:
        assert tx.execute(select(day_count.c.day, day_count.c.unit).where(day_count.c.received > 0)).all() == [
            (dt.date(2025, 8, 5), "26041")
        ]
        assert drift(tx) == []


def test_a_column_the_file_does_not_have_keeps_what_is_known(records: Records, tmp_path: Path) -> None:
    full = sheet(tmp_path / "r.xlsx", [[*HEAD, "Đồng bộ"], [*GOOD, "Có"]])
    import_register(records, full, actor=PROVINCE)
    import_register(records, sheet(tmp_path / "s.xlsx", [HEAD, row(**{"Trạng thái": 9})]), actor=PROVINCE)
    assert (one(records).synced, one(records).status) == (True, 9)


def test_a_dry_run_says_what_would_change_and_changes_nothing(records: Records, tmp_path: Path) -> None:
    file = sheet(tmp_path / "r.xlsx", [HEAD, GOOD, row(**{"Mã hồ sơ": "x", "Mã TTHC": "1.999999"})])
    result = import_register(records, file, actor=PROVINCE, dry_run=True)
    assert (result.inserted, len(result.bad_rows), result.dry_run) == (1, 1, True)
    with records.begin() as tx:
        assert tx.scalar(select(func.count()).select_from(DossierRow)) == 0
        assert tx.get(ProcedureRow, "1.999999") is None


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("Mã hồ sơ", "", "missing-code"),
        ("Mã hồ sơ", "HS-001", "bad-dossier-code"),
        ("Đơn vị", "Xã Không Có", "unknown-unit"),
        ("Đơn vị", None, "missing-unit"),
        ("Mã TTHC", "TTHC 12", "bad-procedure-code"),
        ("Ngày tiếp nhận", "31/02/2025", "impossible-date"),
        ("Ngày tiếp nhận", "04/08/1925", "impossible-date"),
        ("Ngày tiếp nhận", "hôm qua", "bad-date"),
        ("Trạng thái", "Chả biết", "unknown-status"),
        ("Trạng thái", 11, "unknown-status"),
        ("Trạng thái", None, "missing-status"),
        ("Hình thức nộp", "Bồ câu", "unknown-channel"),
        ("Số tệp thành phần", -1, "bad-number"),
    ],
)
def test_a_bad_row_stays_out_with_row_column_and_reason(
    records: Records, tmp_path: Path, header: str, value: Any, code: str
) -> None:
    file = sheet(tmp_path / "r.xlsx", [HEAD, row(**{header: value}), row(**{"Mã hồ sơ": "H19.1-250804-0002"})])
    result = import_register(records, file, actor=PROVINCE)
    assert (result.inserted, result.refused) == (1, 1)
    assert [(p.row, p.column, p.code) for p in result.bad_rows] == [(2, header, code)]
    assert result.bad_rows[0].vi
    assert result.bad_rows[0].en


def test_the_workbook_of_bad_rows_can_be_corrected_and_imported(records: Records, tmp_path: Path) -> None:
    file = sheet(tmp_path / "r.xlsx", [HEAD, GOOD, row(**{"Mã hồ sơ": "H19.1-250804-0002", "Trạng thái": "??"})])
    first = import_register(records, file, actor=PROVINCE)
    assert first.report_xlsx is not None
    book = load_workbook(io.BytesIO(first.report_xlsx))
    page = book["Dòng lỗi"]
    assert [c.value for c in page[2]][:2] == [1, "H19.1-250804-0002"]
    assert [c.value for c in page[2]][8:11] == [3, "Trạng thái", "unknown-status"]
    page["F2"] = "Đang xử lý"
    book.save(tmp_path / "fixed.xlsx")
    second = import_register(records, tmp_path / "fixed.xlsx", actor=PROVINCE)
    assert (second.inserted, second.bad_rows) == (1, ())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Ngày tiếp nhận": "05/08/2025"}, "date-mismatch"),
        ({"Mã hồ sơ": "H19.1-250231-0001"}, "no-such-day-in-code"),
        ({"Ngày tiếp nhận": None}, "no-received-date"),
        ({"Mã TTHC": "1.999999"}, "new-procedure"),
    ],
)
def test_a_doubtful_row_goes_in_with_a_warning(
    records: Records, tmp_path: Path, changes: dict[str, Any], code: str
) -> None:
    result = import_register(records, sheet(tmp_path / "r.xlsx", [HEAD, row(**changes)]), actor=PROVINCE)
    assert result.inserted == 1
    assert [w.code for w in result.warnings] == [code]


def test_a_code_twice_in_a_file_counts_once_and_the_last_row_wins(records: Records, tmp_path: Path) -> None:
    file = sheet(tmp_path / "r.xlsx", [HEAD, GOOD, row(**{"Trạng thái": 4})])
    result = import_register(records, file, actor=PROVINCE)
    assert (result.inserted, [w.code for w in result.warnings]) == (1, ["twice-in-file"])
    assert one(records).status == 4


def test_a_unit_imports_its_own_dossiers_only(records: Records, tmp_path: Path) -> None:
    other = row(**{"Mã hồ sơ": "H19.1-250804-0002", "Đơn vị": "Phường Trấn Biên"})
    result = import_register(records, sheet(tmp_path / "r.xlsx", [HEAD, GOOD, other]), actor=COMMUNE)
    assert (result.inserted, [p.code for p in result.bad_rows]) == (1, ["other-unit"])


def test_a_unit_cannot_take_another_units_dossier_by_its_code(records: Records, tmp_path: Path) -> None:
    theirs = sheet(tmp_path / "r.xlsx", [HEAD, row(**{"Đơn vị": "Phường Trấn Biên"})])
    import_register(records, theirs, actor=PROVINCE)
    result = import_register(records, sheet(tmp_path / "s.xlsx", [HEAD, GOOD]), actor=COMMUNE)
    assert (result.updated, [p.code for p in result.bad_rows]) == (0, ["other-unit"])
    assert one(records).unit == "26041"


def test_an_importer_of_no_known_unit_is_refused(records: Records, tmp_path: Path) -> None:
    with pytest.raises(UnknownUnit):
        import_register(records, sheet(tmp_path / "r.xlsx", [HEAD, GOOD]), actor=Actor("ai đó", "99999", "clerk"))


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t")])
def test_csv_in_the_forms_offices_use(records: Records, tmp_path: Path, encoding: str, delimiter: str) -> None:
    file = tmp_path / "r.csv"
    with file.open("w", encoding=encoding, newline="") as out:
        csv.writer(out, delimiter=delimiter).writerows([HEAD, GOOD])
    assert import_register(records, file, actor=PROVINCE).inserted == 1


def test_a_damaged_workbook_is_refused_whole(records: Records, tmp_path: Path) -> None:
    file = tmp_path / "r.xlsx"
    file.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(UnreadableSheet):
        import_register(records, file, actor=PROVINCE)


def test_a_sheet_without_a_code_column_is_no_register(records: Records, tmp_path: Path) -> None:
    with pytest.raises(NotARegister):
        import_register(records, sheet(tmp_path / "r.xlsx", [["Họ tên", "Đơn vị"], ["A", "B"]]), actor=PROVINCE)


def test_a_column_can_be_named_by_hand(records: Records, tmp_path: Path) -> None:
    head = [h if h != "Trạng thái" else "Cột lạ" for h in HEAD]
    file = sheet(tmp_path / "r.xlsx", [head, GOOD])
    assert import_register(records, file, actor=PROVINCE, mapping={"status": "Cột lạ"}).inserted == 1


@pytest.mark.parametrize(
    "header",
    ["Mã hồ sơ", "MÃ HỒ SƠ (*)", "ma ho so", "MaHoSo", "Mã  số hồ-sơ", unicodedata.normalize("NFD", "Mã hồ sơ")],
)
def test_a_header_is_known_however_it_is_spelled(header: str) -> None:
    layout = find_layout([[header, "Đơn vị"]], load().register_)
    assert layout.fields == {"code": 0, "unit": 1}


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("25/07/2025", (2025, 7, 25)),
        ("5/7/2025", (2025, 7, 5)),
        ("25-07-2025 14:30", (2025, 7, 25)),
        ("14:30:05 25/07/2025", (2025, 7, 25)),
        ("2025-07-25", (2025, 7, 25)),
        ("2025-07-24T18:00:00Z", (2025, 7, 25)),
        ("2025-07-25T08:00:00+07:00", (2025, 7, 25)),
        (45863, (2025, 7, 25)),
        (45863.75, (2025, 7, 25)),
        ("45863", (2025, 7, 25)),
        (dt.datetime(2025, 7, 25, 9), (2025, 7, 25)),
        (dt.date(2025, 7, 25), (2025, 7, 25)),
    ],
)
def test_a_date_in_every_form_a_register_has(cell: Any, day: tuple[int, int, int]) -> None:
    assert to_date(cell) == dt.date(*day)


@pytest.mark.parametrize("cell", ["29/02/2025", "31/04/2025", "00/01/2025", "2025-13-01", "01/01/1900", 99999])
def test_a_day_that_never_was_is_impossible(cell: Any) -> None:
    found = to_date(cell)
    assert isinstance(found, Bad)
    assert found.fault is Fault.IMPOSSIBLE_DATE


@pytest.mark.parametrize(
    ("text", "unit", "day"),
    [
        ("000.00.00.H19-250725-0001", "000.00.00.H19", dt.date(2025, 7, 25)),
        ("H19.12-250725-0001", "H19.12", dt.date(2025, 7, 25)),
        ("h19.150.4 – 250825 – 0042", "H19.150.4", dt.date(2025, 8, 25)),
        ("G09.20-20260609-0092637", "G09.20", dt.date(2026, 6, 9)),
        ("H19.12-250732-0001", "H19.12", None),
    ],
)
def test_a_dossier_code_in_its_three_forms(text: str, unit: str, day: dt.date | None) -> None:
    code = parse_code(text)
    assert code is not None
    assert (code.unit, code.day) == (unit, day)


@pytest.mark.parametrize("text", ["H19.12-250725-1", "19.12-250725-0001", "H19.12/250725/0001", "H19.12-2507-0001"])
def test_other_numbers_are_no_dossier_codes(text: str) -> None:
    assert parse_code(text) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Phường Biên Hòa", "26068"),
        ("Phường Biên Hoà", "26068"),
        ("UBND phường Biên Hòa", "26068"),
        ("Ủy ban nhân dân P. Biên Hòa", "26068"),
        ("BIEN HOA", "26068"),
        ("Phường Long Thành", "26368"),
        ("Xã Long Thành", "26368"),
        ("Sở KH&CN", "SKHCN"),
        ("Sở Nông nghiệp & Môi trường", "SNNMT"),
        (26068.0, "26068"),
    ],
)
def test_a_unit_is_known_by_code_and_old_and_new_name(records: Records, tmp_path: Path, name: Any, code: str) -> None:
    import_register(records, sheet(tmp_path / "r.xlsx", [HEAD, row(**{"Đơn vị": name})]), actor=PROVINCE)
    assert one(records).unit == code
