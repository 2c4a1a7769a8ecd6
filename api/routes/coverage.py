"""The figures per unit and the register behind them: ``/v1/coverage``, ``/v1/register``."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, Response, UploadFile
from pydantic import BaseModel

from api.problems import BadRequest
from api.security import Caller, KhoDep
from services.coverage import CoverageReport, ImportResult, coverage, failing, import_register, report_json, to_reach
from services.coverage.reports import gather, write_csv, write_docx, write_xlsx

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
    return report_json(report)


class TodoOut(BaseModel):
    """One failing check of a dossier and what to do about it."""

    code: str
    title: str
    vi: str
    en: str


class DossierLineOut(BaseModel):
    """A dossier in a list: no name, no identity number."""

    code: str
    unit: str
    unit_name: str
    procedure_name: str | None
    received_on: dt.date | None
    due_on: dt.date | None
    todo: list[TodoOut]


class DossierPageOut(BaseModel):
    items: list[DossierLineOut]
    next: str | None


class PlanOut(BaseModel):
    """How many more dossiers reach the target, and the cheapest of them first; ``now`` can be mended today."""

    percent: int | None
    missing: int
    now: int
    items: list[DossierLineOut]


@router.get("/coverage/dossiers")
def behind_a_figure(
    kho: KhoDep,
    caller: Caller,
    what: AskedDep,
    figure: Annotated[str, Query(description="C1…C7, C2b, failing, digitized, not-digitized, received")] = "failing",
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> DossierPageOut:
    """The dossiers behind a figure, page by page."""
    found = failing(kho, figure=figure, after=after, limit=limit, actor=caller, **what.model_dump(exclude={"profile"}))
    return DossierPageOut(
        items=[DossierLineOut.model_validate(line, from_attributes=True) for line in found.lines], next=found.next
    )


@router.get("/coverage/plan")
def plan(
    kho: KhoDep,
    caller: Caller,
    what: AskedDep,
    percent: Annotated[int | None, Query(ge=1, le=100)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> PlanOut:
    """What is missing to the target (DOMAIN §6.7): "37 more dossiers; the cheapest 37 are these"."""
    asked = what.model_dump(exclude={"profile", "unit"})
    found = to_reach(kho, what.unit or caller.unit, percent=percent, limit=limit, actor=caller, **asked)
    return PlanOut(
        percent=found.percent,
        missing=found.missing,
        now=found.now,
        items=[DossierLineOut.model_validate(line, from_attributes=True) for line in found.lines],
    )


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/coverage.xlsx", response_class=Response)
def as_xlsx(kho: KhoDep, caller: Caller, what: AskedDep) -> Response:
    """The four tables and the dossiers behind each figure."""
    return _file(write_xlsx(gather(kho, actor=caller, **what.model_dump())), _EXCEL, "ty-le-so-hoa.xlsx")


@router.get("/coverage.docx", response_class=Response)
def as_docx(kho: KhoDep, caller: Caller, what: AskedDep) -> Response:
    """The report in the form of Nghị định 30/2020, ready to be signed."""
    return _file(write_docx(gather(kho, actor=caller, **what.model_dump())), _WORD, "bao-cao-so-hoa.docx")


@router.get("/coverage.csv", response_class=Response)
def as_csv(report: Figures) -> Response:
    """One row a unit."""
    return _file(write_csv(report), "text/csv; charset=utf-8", "ty-le-so-hoa.csv")


def _file(body: bytes, media_type: str, name: str) -> Response:
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


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
