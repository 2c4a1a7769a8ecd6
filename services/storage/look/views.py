"""Rows as others see them: a few queries for a page of papers, whatever their number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.storage.filing.paper import code_parts
from services.storage.filing.rules import Rules
from services.storage.model import OwnerView, PaperView
from services.storage.people import owners as owner_rows
from services.storage.people.identity import Keyring
from services.storage.records.tables import OwnerRow, PaperOwnerRow, PaperRow

_VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")


def today() -> dt.date:
    """The day in Việt Nam: papers end by it."""
    return dt.datetime.now(_VIET_NAM).date()


def validity(row: PaperRow, on: dt.date) -> str:
    """CON, HET_HAN, BI_THAY_THE, BI_THU_HOI or KHONG_RO on that day. The last day still counts."""
    if row.validity in ("CON", "KHONG_RO") and row.valid_to is not None and row.valid_to < on:
        return "HET_HAN"
    return row.validity


def views(tx: Session, rows: Sequence[PaperRow], on: dt.date) -> list[PaperView]:
    """The papers in the order given, for lists: numbers masked."""
    owners = owners_of(tx, [row.id for row in rows])
    return [view(row, tuple(owner_rows.view(owner) for owner in owners.get(row.id, ())), on) for row in rows]


def whole(tx: Session, keys: Keyring, rules: Rules, row: PaperRow, on: dt.date) -> PaperView:
    """The paper itself, with what was sealed."""
    owners = owners_of(tx, [row.id]).get(row.id, [])
    details = keys.open_json(row.details_sealed)
    number = keys.open(owners[0].identifier_sealed) if owners and owners[0].identifier_sealed else ""
    return replace(
        view(row, tuple(owner_rows.view(owner) for owner in owners), on),
        official_code=rules.code.official.format(**code_parts(row, owners), owner_id=number),
        more=details["more"],
        places=details["places"],
    )


def owners_of(tx: Session, paper_ids: Sequence[int]) -> dict[int, list[OwnerRow]]:
    """The owners of each paper, in the order of their rows."""
    found: dict[int, list[OwnerRow]] = {}
    if paper_ids:
        owned = (
            select(PaperOwnerRow.paper_id, OwnerRow)
            .join(OwnerRow, OwnerRow.id == PaperOwnerRow.owner_id)
            .where(PaperOwnerRow.paper_id.in_(paper_ids))
            .order_by(OwnerRow.id)
        )
        for paper_id, owner in tx.execute(owned):
            found.setdefault(paper_id, []).append(owner)
    return found


def view(row: PaperRow, owners: tuple[OwnerView, ...], on: dt.date) -> PaperView:
    """One paper and its owners, for lists: numbers masked."""
    return PaperView(
        id=row.id,
        code=row.code,
        type_code=row.type_code,
        type_name=row.type_name,
        copy_kind=row.copy_kind,
        unit=row.unit,
        dossier_code=row.dossier_code or None,
        owners=owners,
        so_ky_hieu=row.so_ky_hieu,
        ngay_cap=row.ngay_cap,
        co_quan_cap=row.co_quan_cap,
        trich_yeu=row.trich_yeu,
        nguoi_ky=row.nguoi_ky,
        scope=row.scope,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        validity=validity(row, on),
        superseded_by=row.superseded_by,
        same_as=row.same_as,
        signature=row.signature,
        confidence=row.confidence,
        decided_by=row.decided_by,
        intake_id=row.intake_id,
        first_page=row.first_page,
        last_page=row.last_page,
        sha256=row.object_sha256,
        archive_sha256=row.archive_sha256,
        filed_at=row.filed_at,
    )
