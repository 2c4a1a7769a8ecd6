"""The figures per unit and the register behind them: ``/v1/coverage``, ``/v1/register``."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, UploadFile
from pydantic import BaseModel

from api.problems import BadRequest
from api.security import Caller, KhoDep
from services.coverage import CoverageReport, ImportResult, coverage, import_register

router = APIRouter(prefix="/v1", tags=["tỷ lệ số hoá"])


class Asked(BaseModel):
    """Which figures: a unit or all, a period by name or by days, and how points are reckoned."""

    unit: str | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    campaign: str | None = None
    period: str | None = None
    profile: str = "default"


def asked(
    unit: str | None = None,
    start: Annotated[dt.date | None, Query(alias="from")] = None,
    end: Annotated[dt.date | None, Query(alias="to")] = None,
    campaign: Annotated[str | None, Query(description="30-ngay, 30-ngay/3")] = None,
    period: Annotated[str | None, Query(description="2025-08, 2025-Q3, 2025-W32, 2025")] = None,
    profile: Annotated[str, Query(description="default, docx2025, portal_compat")] = "default",
) -> Asked:
    """The query of every address below."""
    return Asked(unit=unit, start=start, end=end, campaign=campaign or None, period=period or None, profile=profile)


AskedDep = Annotated[Asked, Depends(asked)]


def figures(kho: KhoDep, caller: Caller, what: AskedDep) -> CoverageReport:
    """The report asked for; a unit below the province sees its own."""
    return coverage(kho, **what.model_dump(), actor=caller)


Figures = Annotated[CoverageReport, Depends(figures)]


@router.get("/coverage")
def show_coverage(report: Figures) -> dict[str, Any]:
    """Received, digitized, rate, target and causes, per unit and for the province."""
    return report.to_json()


class RowProblemOut(BaseModel):
    row: int
    column: str | None
    value: str | None
    code: str
    vi: str
    en: str


class ImportOut(BaseModel):
    """What an import did, or (``dry_run``) would do. Good rows went in; each bad one is named."""

    rows: int
    inserted: int
    updated: int
    unchanged: int
    refused: int
    dry_run: bool
    bad_rows: list[RowProblemOut]
    warnings: list[RowProblemOut]

    @classmethod
    def of(cls, done: ImportResult) -> ImportOut:
        return cls(
            rows=done.rows,
            inserted=done.inserted,
            updated=done.updated,
            unchanged=done.unchanged,
            refused=done.refused,
            dry_run=done.dry_run,
            bad_rows=[RowProblemOut.model_validate(bad, from_attributes=True) for bad in done.bad_rows],
            warnings=[RowProblemOut.model_validate(bad, from_attributes=True) for bad in done.warnings],
        )


@router.post("/register")
def take_register(
    kho: KhoDep,
    caller: Caller,
    file: Annotated[UploadFile, File(description="XLSX or CSV export of the case system")],
    dry_run: bool = False,
) -> ImportOut:
    """Brings dossiers in from the case system's export; the same file again changes nothing."""
    suffix = Path(file.filename or "").suffix.lower()
    if suffix not in (".xlsx", ".csv"):
        raise BadRequest("file")
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        path = Path(folder) / f"register{suffix}"
        with path.open("wb") as copy:
            shutil.copyfileobj(file.file, copy)
        return ImportOut.of(import_register(kho, path, actor=caller, dry_run=dry_run))
