"""Puts the units and procedures of the rule files into the records. Safe to repeat; what changed is judged again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.coverage import counting
from services.coverage.config import ProcedureSpec, Rules, load
from services.coverage.tables import ProcedureAcceptsRow
from services.storage.records.tables import DossierRow, ProcedureComponentRow, ProcedureRow, UnitRow
from services.vietnamese import fold, nfc


def seed(tx: Session, rules: Rules | None = None) -> None:
    """Units and procedures as the rule files have them. Rows that the files do not name stay as they are; dossiers of a
    procedure that changed are judged again.
    """
    rules = rules or load()
    present = {row.code: row for row in tx.scalars(select(UnitRow))}
    for values in _units(rules):
        _put(tx, UnitRow, present.get(values["code"]), values)
    tx.flush()
    changed = [spec.code for spec in rules.procedures.procedures if _put_procedure(tx, spec)]
    tx.flush()
    if changed:
        concerned = select(DossierRow.id).where(DossierRow.procedure.in_(changed))
        counting.recount(tx, counting.chosen_by(concerned), rules)


def _units(rules: Rules) -> Iterator[dict[str, Any]]:
    u = rules.units

    def row(code: str, name: str, level: str, identifier: str | None, parent: str | None, successor: str | None) -> Any:
        return {
            "code": code,
            "name": nfc(name),
            "level": level,
            "identifier": identifier,
            "parent": parent,
            "successor": successor,
            "name_folded": fold(name),
        }

    yield row(u.province.code, u.province.name, "TINH", u.province.identifier, None, None)
    for level, specs in (
        ("SO_BAN_NGANH", u.departments),
        ("XA_PHUONG", u.communes),
        ("DONVI_TRUCTHUOC", u.subordinates),
    ):
        for spec in specs:
            yield row(spec.code, spec.name, level, spec.identifier, spec.parent or u.province.code, None)
    for gone in u.merged:
        yield row(gone.code, gone.name, gone.level, gone.identifier, u.province.code, gone.successor)


def _put(tx: Session, kind: type[Any], row: Any | None, values: dict[str, Any]) -> bool:
    """Adds or updates one row; True when anything changed."""
    if row is None:
        tx.add(kind(**values))
        return True
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


def _put_procedure(tx: Session, spec: ProcedureSpec) -> bool:
    values = spec.model_dump(exclude={"components"}) | {"name": nfc(spec.name)}
    changed = _put(tx, ProcedureRow, tx.get(ProcedureRow, spec.code), values)
    wanted = [
        {
            "procedure": spec.code,
            "code": part.code,
            "position": position,
            "name": nfc(part.name),
            "accepts": list(part.accepts),
            "required": part.required,
            "of_relation": part.of_relation,
        }
        for position, part in enumerate(spec.components)
    ]
    query = select(ProcedureComponentRow).where(ProcedureComponentRow.procedure == spec.code)
    kept = [
        {name: getattr(row, name) for name in wanted[0]} if wanted else {"code": row.code}
        for row in tx.scalars(query.order_by(ProcedureComponentRow.position))
    ]
    if kept == wanted:
        return changed
    tx.flush()
    tx.execute(delete(ProcedureComponentRow).where(ProcedureComponentRow.procedure == spec.code))
    tx.execute(delete(ProcedureAcceptsRow).where(ProcedureAcceptsRow.procedure == spec.code))
    tx.expire_all()
    for part in wanted:
        tx.add(ProcedureComponentRow(**part))
    for spec_part in spec.components:
        for type_code in dict.fromkeys(spec_part.accepts):
            tx.add(
                ProcedureAcceptsRow(
                    procedure=spec.code,
                    component=spec_part.code,
                    type_code=type_code,
                    required=spec_part.required,
                    own=spec_part.of_relation is None,
                )
            )
    return True
