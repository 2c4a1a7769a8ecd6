"""Dossiers opened at our own desk, and facts that the desk learns about a dossier."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.coverage.checks import Checks, UnknownDossier, recheck
from services.coverage.config import Rules
from services.coverage.dossier_codes import BadDossierCode, parse_code
from services.errors import ConflictError, UsageError
from services.storage.errors import UnknownUnit
from services.storage.records.tables import DossierRow, ProcedureRow, UnitRow

_MAY_CHANGE = frozenset(
    {
        "procedure",
        "owner_id",
        "owner_kind",
        "channel",
        "submitted_on",
        "received_on",
        "due_on",
        "finished_on",
        "status",
        "vneid_verified",
        "population_checked",
        "synced",
        "paid_online",
        "declared_components",
        "declared_results",
        "declared_complete",
        "declared_refusal",
        "declared_reused",
        "declared_from_store",
        "declared_result_signed",
    }
)


class DossierExists(ConflictError):
    code = "dossier-exists"
    vi = "Mã hồ sơ này đã có; hãy mở hồ sơ đã có thay vì tạo mới."
    en = "A dossier with this code is already there; open that one."


class UnknownProcedure(UsageError):
    code = "unknown-procedure"
    http_status = 422
    vi = "Không có thủ tục này trong danh mục thủ tục; hãy kiểm tra mã TTHC."
    en = "No such procedure in the list of procedures; check its code."


def open_dossier(
    tx: Session,
    code: str,
    *,
    unit: str,
    procedure: str | None = None,
    owner_id: int | None = None,
    owner_kind: str | None = None,
    channel: int = 1,
    received_on: dt.date | None = None,
    due_on: dt.date | None = None,
    status: int = 2,
    rules: Rules | None = None,
) -> Checks:
    """Opens a dossier received at the desk and judges it. Raises ``BadDossierCode``, ``UnknownUnit``,
    ``UnknownProcedure``, ``DossierExists``.
    """
    parsed = parse_code(code)
    if parsed is None:
        raise BadDossierCode(code)
    if tx.get(UnitRow, unit) is None:
        raise UnknownUnit(unit)
    _known_procedure(tx, procedure)
    if tx.scalar(select(DossierRow.id).where(DossierRow.code == parsed.code)) is not None:
        raise DossierExists(parsed.code)
    tx.add(
        DossierRow(
            code=parsed.code,
            unit=unit,
            procedure=procedure,
            owner_id=owner_id,
            owner_kind=owner_kind,
            channel=channel,
            submitted_on=received_on,
            received_on=received_on,
            due_on=due_on,
            status=status,
            opened_here=True,
            changed_at=dt.datetime.now(dt.UTC),
        )
    )
    return _judged(tx, parsed.code, rules)


def change_dossier(tx: Session, code: str, *, rules: Rules | None = None, **facts: Any) -> Checks:
    """Sets facts of a dossier (status, received_on, vneid_verified, synced, …) and judges it again. Raises
    ``UnknownDossier``, ``UnknownProcedure``; ``UsageError`` for a fact that cannot be set.
    """
    row = tx.scalar(select(DossierRow).where(DossierRow.code == code).with_for_update())
    if row is None:
        raise UnknownDossier(code)
    if wrong := facts.keys() - _MAY_CHANGE:
        raise UsageError(f"not a fact of a dossier: {', '.join(sorted(wrong))}")
    _known_procedure(tx, facts.get("procedure"))
    for name, value in facts.items():
        setattr(row, name, value)
    row.changed_at = dt.datetime.now(dt.UTC)
    return _judged(tx, code, rules)


def _judged(tx: Session, code: str, rules: Rules | None) -> Checks:
    checks = recheck(tx, code, rules)
    if checks is None:
        raise UnknownDossier(code)
    return checks


def _known_procedure(tx: Session, procedure: str | None) -> None:
    if procedure is not None and tx.get(ProcedureRow, procedure) is None:
        raise UnknownProcedure(procedure)
