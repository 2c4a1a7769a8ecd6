"""The golden workbook: 251 dossiers worked out case by case over seven units, their figures computed by spreadsheet
formulas in LibreOffice (``golden/build.py``), against what the product makes of the same rows.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from services.coverage import counting, coverage, drift, explain, import_register, metrics
from services.coverage.report import UnitReport
from services.storage.records.tables import DossierRow
from tests.coverage.golden.build import FILE, INPUTS, cases
from tests.coverage.making import PROVINCE, Records, owner, paper

CHECKS = ("C1", "C2", "C2b", "C3", "C4", "C5", "C6", "C7")
COUNTERS = {
    "component": "has_component",
    "file": "has_result",
    "resolved_needs": "resolved_needs",
    "resolved_has": "resolved_has",
    "reused": "reused",
    "store": "from_store",
    "needs": "needs_result",
    "i41": "i41",
    "i42": "i42",
    "i44": "i44",
    "i45b": "i45b",
    "sync": "synced",
    "paid": "fee_paid",
    "fee_online": "fee_online",
    "failing": "failing",
    **{code: code.lower() for code in CHECKS},
}


def sheet_rows(file: Path, name: str) -> Iterator[dict[str, Any]]:
    rows = load_workbook(file, data_only=True)[name].iter_rows(values_only=True)
    heads = [str(cell) for cell in next(rows)]
    for row in rows:
        yield dict(zip(heads, row, strict=False))


EXPECTED = {row["unit"]: row for row in sheet_rows(FILE, "KetQua")}


@pytest.fixture
def golden(records: Records) -> Records:
    """The workbook imported, and the papers that the kho held."""
    result = import_register(records, FILE, actor=PROVINCE)
    assert (result.inserted, result.bad_rows) == (len(cases()), ())
    with records.begin() as tx:
        for case in cases():
            if case["Kho có giấy tờ"]:
                row = tx.scalars(select(DossierRow).where(DossierRow.code == case["Mã hồ sơ"])).one()
                me = owner(tx, kind="TO_CHUC")
                row.owner_id = me.id
                paper(tx, me, type_code="DKDN")
                counting.recount_ids(tx, [row.id])
    return records


def test_the_golden_workbook_has_enough_cases() -> None:
    assert len(cases()) >= 200
    assert len({case["Mã đơn vị"] for case in cases()}) >= 6
    assert next(sheet_rows(FILE, "HoSo")).keys() >= set(INPUTS)


def test_every_golden_figure_is_the_spreadsheets(golden: Records) -> None:
    with golden.begin() as tx:
        assert drift(tx) == []
    of, docx, portal = (
        coverage(golden, campaign="30-ngay/3", profile=p) for p in ("default", "docx2025", "portal_compat")
    )
    ours = {u.code: u for u in (*of.units, of.province)}
    for code, expected in EXPECTED.items():
        u = ours[code]
        assert u.figures["received"] == expected["received"]
        assert u.before["received"] == expected["before_received"]
        found = {name: u.figures[flag] for name, flag in COUNTERS.items()}
        assert found == {name: expected[name] for name in COUNTERS}, code
        assert (len(u.figures.citizen), len(u.figures.connected)) == (
            expected["citizen_procedures"],
            expected["connected_procedures"],
        )
        assert (len(u.figures.can_online), len(u.figures.online)) == (
            expected["online_procedures"],
            expected["online_used"],
        )
        near(metrics.digitization(u.figures).value, expected["rate"])
        near(u.trend, expected["trend"])
        for score, name in zip(u.scores, ("p41", "p42", "p43", "p44", "p45a", "p45b"), strict=True):
            near(score.points, expected[name])
        near(u.points, expected["points"])
        for cause in u.causes:
            near(cause.points, expected[f"gain_{cause.code}"])
        near(points(docx.units, docx.province, code, "4.2"), expected["docx_p42"])
        near(points(portal.units, portal.province, code, "4.3"), expected["portal_p43"])
        if code != "75":
            assert u.rank == expected["rank"]
            goal = u.digitization
            assert goal.met == (None if expected["met"] is None else bool(expected["met"]))
            assert goal.missing == expected["missing"]
            assert (u.level, goal.target.percent if goal.target else None) == (expected["level"], expected["target"])


def test_every_golden_dossier_fails_what_the_spreadsheet_says(golden: Records) -> None:
    wrong = []
    with golden.begin() as tx:
        for row in sheet_rows(FILE, "HoSo"):
            found = [c.code for c in explain(tx, row["Mã hồ sơ"]).failing]
            expected = [code for code in CHECKS if row[code]]
            if found != expected:
                wrong.append((row["Mã hồ sơ"], row["Trường hợp"], found, expected))
    assert wrong == []


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_libreoffice_still_computes_the_committed_figures(tmp_path: Path) -> None:
    from tests.coverage.golden.build import build

    build().save(tmp_path / "golden.xlsx")
    out = tmp_path / "out"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", "--headless", profile, "--convert-to", "xlsx", "--outdir", str(out), "golden.xlsx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=240)
    assert list(sheet_rows(out / "golden.xlsx", "KetQua")) == list(EXPECTED.values())


def points(units: tuple[UnitReport, ...], province: UnitReport, code: str, indicator: str) -> Any:
    u = next(u for u in (*units, province) if u.code == code)
    return next(s.points for s in u.scores if s.id == indicator)


def near(ours: Any, theirs: Any) -> None:
    """Equal, to the precision a spreadsheet keeps; an empty cell is N/A."""
    if theirs is None or theirs == "":
        assert ours is None
    else:
        assert ours is not None
        assert float(ours) == pytest.approx(float(theirs), abs=1e-9)
