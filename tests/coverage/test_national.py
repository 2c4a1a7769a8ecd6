from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select

from services.coverage import coverage, drift, import_acknowledgements, import_published, import_register, recheck
from services.coverage.tables import day_count
from services.coverage.units import OtherUnit
from services.storage.records.tables import DossierRow
from tests.coverage.making import COMMUNE, PROVINCE, Records, dossier, sheet


def test_an_acknowledgement_makes_a_dossier_synced(records: Records, tmp_path: Path) -> None:
    with records.begin() as tx:
        row = dossier(tx, synced=False)
        recheck(tx, row.code)
    file = sheet(tmp_path / "a.xlsx", [["Mã hồ sơ", "Ngày đồng bộ"], [row.code, "05/08/2025"], ["không phải mã", ""]])
    result = import_acknowledgements(records, file, actor=PROVINCE)
    assert (result.rows, result.known, result.changed, [p.code for p in result.bad_rows]) == (
        2,
        1,
        1,
        ["bad-dossier-code"],
    )
    with records.begin() as tx:
        assert tx.scalar(select(day_count.c.c6)) == 0
        assert drift(tx) == []


def test_an_acknowledgement_waits_for_the_dossier_a_register_brings_later(records: Records, tmp_path: Path) -> None:
    code = "H19.1-250804-0001"
    import_acknowledgements(records, sheet(tmp_path / "a.xlsx", [["Mã hồ sơ"], [code]]), actor=PROVINCE)
    head = ["Mã hồ sơ", "Đơn vị", "Trạng thái", "Ngày tiếp nhận", "Đồng bộ"]
    register = sheet(tmp_path / "r.xlsx", [head, [code, "26068", 2, "04/08/2025", "Không"]])
    import_register(records, register, actor=PROVINCE)
    with records.begin() as tx:
        assert tx.scalar(select(DossierRow.synced)) is True
    assert import_register(records, register, actor=PROVINCE).unchanged == 1


def test_published_scores_stand_beside_ours_from_their_day_on(records: Records, tmp_path: Path) -> None:
    file = sheet(tmp_path / "p.xlsx", [["Đơn vị", "Xếp hạng", "Điểm"], ["Phường Biên Hòa", 87, "83,62"]])
    assert import_published(records, file, as_of=dt.date(2025, 9, 4), actor=PROVINCE).changed == 1
    assert import_published(records, file, as_of=dt.date(2025, 9, 4), actor=PROVINCE).changed == 0
    september = {u.code: u for u in coverage(records, period="2025-09").units}["26068"]
    august = {u.code: u for u in coverage(records, period="2025-08").units}["26068"]
    assert september.published is not None
    assert (str(september.published.points), september.published.rank) == ("83.62", 87)
    assert august.published is None


def test_only_the_province_imports_published_scores(records: Records, tmp_path: Path) -> None:
    file = sheet(tmp_path / "p.xlsx", [["Đơn vị", "Điểm"], ["26068", 90]])
    with pytest.raises(OtherUnit):
        import_published(records, file, as_of=dt.date(2025, 9, 4), actor=COMMUNE)
