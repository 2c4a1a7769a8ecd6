"""Makes dossiers and papers for tests."""

from __future__ import annotations

import datetime as dt
import itertools
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.storage.model import Actor
from services.storage.records import engine as engines
from services.storage.records.tables import ComponentRow, DossierRow, IntakeRow, OwnerRow, PaperOwnerRow, PaperRow

PROVINCE = Actor("thu-nghiem", "75", "admin")
COMMUNE = Actor("can-bo", "26068", "clerk")
DAY = dt.date(2025, 8, 4)
KS = "1.001193"  # Đăng ký khai sinh: result KS, asks for TKHT, GCS (a parent's), KH (a parent's)
ATTP = "1.002600"  # asks for DON, DKDN or HKD, GKSK
CHUNG_THUC = "2.000815"  # no result paper
_number = itertools.count(1)


class Records:
    """What coverage needs of the kho."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def begin(self) -> AbstractContextManager[Session]:
        return engines.begin(self.engine)


def moment(day: dt.date, hour: int = 3) -> dt.datetime:
    """``hour`` o'clock UTC of a day; 3 is ten in the morning in Việt Nam."""
    return dt.datetime.combine(day, dt.time(hour), dt.UTC)


def dossier(tx: Session, **facts: Any) -> DossierRow:
    """A dossier with nothing wrong but what ``facts`` say: resolved, complete, synced, identity checked."""
    number = next(_number)
    values: dict[str, Any] = {
        "code": f"H19.1-250804-{number:04}",
        "unit": "26068",
        "procedure": KS,
        "owner_kind": "CA_NHAN",
        "channel": 1,
        "received_on": DAY,
        "status": 9,
        "vneid_verified": True,
        "synced": True,
        "declared_components": 2,
        "declared_results": 1,
        "declared_complete": True,
        "declared_result_signed": True,
        "changed_at": moment(DAY),
    }
    row = DossierRow(**(values | facts))
    tx.add(row)
    tx.flush()
    return row


def owner(tx: Session, **facts: Any) -> OwnerRow:
    number = next(_number)
    values: dict[str, Any] = {
        "kind": "CA_NHAN",
        "identifier_index": f"{number:064x}",
        "name": f"Người {number}",
        "name_folded": f"nguoi {number}",
    }
    row = OwnerRow(**(values | facts))
    tx.add(row)
    tx.flush()
    return row


def paper(tx: Session, of: OwnerRow | None = None, **facts: Any) -> PaperRow:
    """A paper in the kho: an original, signed, in force, filed a month before ``DAY``."""
    number = next(_number)
    intake = IntakeRow(
        id=f"{number:032x}",
        sha256=f"{number:064x}",
        size=1,
        file_name="a.pdf",
        unit="26068",
        dossier_code=f"{number}",
        priority=0,
        state="filed",
        created_by="thu-nghiem",
        created_at=moment(DAY),
    )
    tx.add(intake)
    values: dict[str, Any] = {
        "code": f"p{number}",
        "ordinal": 1,
        "type_code": "DKDN",
        "type_name": "Giấy tờ",
        "copy_kind": "CHINH",
        "unit": "26068",
        "intake_id": intake.id,
        "first_page": 1,
        "last_page": 1,
        "object_sha256": intake.sha256,
        "details_sealed": b"",
        "validity": "CON",
        "signature": "valid",
        "confidence": 1.0,
        "decided_by": "rules",
        "filed_at": moment(DAY - dt.timedelta(days=30)),
    }
    row = PaperRow(**(values | facts))
    tx.add(row)
    tx.flush()
    if of is not None:
        tx.add(PaperOwnerRow(owner_id=of.id, type_code=row.type_code, paper_id=row.id))
        tx.flush()
    return row


def attach(tx: Session, to: DossierRow, a_paper: PaperRow, role: str = "THANH_PHAN", **facts: Any) -> ComponentRow:
    values = {"dossier_id": to.id, "paper_id": a_paper.id, "role": role, "type_code": a_paper.type_code}
    row = ComponentRow(**(values | {"added_at": moment(DAY)} | facts))
    tx.add(row)
    tx.flush()
    return row


def sheet(path: Path, rows: list[list[Any]]) -> Path:
    """An XLSX file of these rows."""
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    book.save(path)
    return path
