"""Puts a chunk of dossier values into the records in a handful of statements: stage, compare, update, insert, count.

The staging table is temporary and belongs to the connection. Loading the same chunk again changes nothing. A column
that the file does not have is left as it is in dossiers already there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    MetaData,
    Select,
    Table,
    and_,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable

from services.coverage import counting
from services.coverage.config import Rules
from services.coverage.register.rows import STAGED
from services.coverage.tables import AcknowledgementRow
from services.storage.records.tables import DossierRow, UtcDateTime

CHUNK = 20_000
_dossier = DossierRow.__table__
_stage = Table(
    "register_stage",
    MetaData(),
    Column("place", Integer, primary_key=True),
    *(Column(name, _dossier.c[name].type) for name in STAGED),
    Column("dossier_id", _dossier.c.id.type, index=False),
    Column("holder", _dossier.c.unit.type),  # the unit that has the dossier now
    Column("changed", Boolean),
    prefixes=["TEMPORARY"],
)


# PostgreSQL tells the ids of what it adds; SQLite only to us, row by row, and looks them up instead.
_touched = Table("register_touched", MetaData(), Column("id", BigInteger), prefixes=["TEMPORARY"])


@dataclass(frozen=True, slots=True)
class Loaded:
    """``refused``: places of rows whose dossier is another unit's."""

    inserted: int
    updated: int
    unchanged: int
    refused: tuple[int, ...]


def load_chunk(
    tx: Session,
    rows: Sequence[Sequence[Any]],
    present: Collection[str],
    rules: Rules,
    *,
    allowed: frozenset[str] | None = None,
    dry_run: bool = False,
) -> Loaded:
    """Loads rows of ``STAGED`` values with distinct codes. ``present``: the columns the file has. ``allowed``: units
    whose dossiers may be changed. ``dry_run`` compares only.
    """
    _stage_rows(tx, rows)
    fields = [name for name in STAGED[1:] if name in present]
    _compare(tx, fields)
    refused: tuple[int, ...] = ()
    if allowed is not None:
        foreign = and_(_stage.c.holder.is_not(None), _stage.c.holder.not_in(allowed))
        refused = tuple(tx.scalars(select(_stage.c.place).where(foreign).order_by(_stage.c.place)))
        tx.execute(delete(_stage).where(foreign))
    new, changed, total = tx.execute(
        select(
            func.count().filter(_stage.c.dossier_id.is_(None)),
            func.count().filter(_stage.c.changed.is_(True)),
            func.count(),
        )
    ).one()
    if not dry_run and (new or changed):
        touched = _write(tx, fields)
        counting.recount(tx, counting.chosen_by(touched), rules, locked=True, fresh=not changed)
    return Loaded(new, changed, total - new - changed, refused)


def _stage_rows(tx: Session, rows: Sequence[Sequence[Any]]) -> None:
    dialect = counting.dialect_of(tx)
    create = CreateTable(_stage, if_not_exists=True)
    names = ("place", *STAGED)
    if dialect == "postgresql":
        tx.execute(text("DROP TABLE IF EXISTS pg_temp.register_stage"))
        tx.execute(create)
        connection: Any = tx.connection().connection.driver_connection
        with connection.cursor() as cursor, cursor.copy(f"COPY register_stage ({', '.join(names)}) FROM STDIN") as copy:
            for place, row in enumerate(rows):
                copy.write_row((place, *row))
        tx.execute(text("ANALYZE register_stage (place, code)"))
        return
    tx.execute(create)
    tx.execute(delete(_stage))
    # The driver itself, in the form SQLAlchemy keeps dates: converting each value singly would take most of the time.
    marks = ", ".join("?" * len(names))
    days = [at for at, name in enumerate(STAGED) if isinstance(_dossier.c[name].type, Date)]
    first, after = days[0], days[-1] + 1  # they stand together
    text_of = _DAYS.__getitem__
    plain = ((place, *row[:first], *map(text_of, row[first:after]), *row[after:]) for place, row in enumerate(rows))
    driver: Any = tx.connection().connection.driver_connection
    driver.executemany(f"INSERT INTO register_stage ({', '.join(names)}) VALUES ({marks})", plain)  # noqa: S608


class _DayTexts(dict[dt.date | None, str | None]):
    """Day → its ISO text, each written once."""

    def __missing__(self, day: dt.date | None) -> str | None:
        self[day] = text_ = None if day is None else day.isoformat()
        return text_


_DAYS = _DayTexts()


def _compare(tx: Session, fields: Sequence[str]) -> None:
    """Finds the dossiers that are there already, and which of them differ."""
    acknowledged = select(AcknowledgementRow.code).where(AcknowledgementRow.code == _stage.c.code).exists()
    tx.execute(update(_stage).where(acknowledged).values(synced=true()))
    differs = or_(*(_stage.c[name].is_distinct_from(_dossier.c[name]) for name in fields if name != "owner_id"))
    if "owner_id" in fields:  # a row that names no owner does not take the known one away
        differs = or_(
            differs, and_(_stage.c.owner_id.is_not(None), _stage.c.owner_id.is_distinct_from(_dossier.c.owner_id))
        )
    tx.execute(
        update(_stage)
        .where(_stage.c.code == _dossier.c.code)
        .values(
            dossier_id=_dossier.c.id,
            holder=_dossier.c.unit,
            changed=case((differs, literal(True)), else_=literal(False)),
        )
    )


def _write(tx: Session, fields: Sequence[str]) -> Select[tuple[int]]:
    """Changes and adds the dossiers; gives the query of their ids."""
    now = literal(dt.datetime.now(dt.UTC), UtcDateTime())
    changes: dict[str, Any] = {name: _stage.c[name] for name in fields}
    if "owner_id" in changes:
        changes["owner_id"] = func.coalesce(_stage.c.owner_id, _dossier.c.owner_id)
    tx.execute(
        update(DossierRow.__table__)  # type: ignore[arg-type]
        .where(_stage.c.dossier_id == _dossier.c.id, _stage.c.changed.is_(True))
        .values(**changes, changed_at=now)
    )
    added: Any = counting.insert_for(counting.dialect_of(tx), _dossier).from_select(
        [*STAGED, "opened_here", "changed_at"],
        select(*(_stage.c[name] for name in STAGED), literal(False), now).where(_stage.c.dossier_id.is_(None)),
    )
    # Another transaction may have brought the same dossier a moment ago: then ours is the newer word.
    added = added.on_conflict_do_update(
        index_elements=["code"], set_={name: added.excluded[name] for name in (*fields, "changed_at")}
    )
    changed = select(_stage.c.dossier_id).where(_stage.c.changed.is_(True))
    if counting.dialect_of(tx) == "postgresql":
        tx.execute(CreateTable(_touched, if_not_exists=True))
        tx.execute(text("TRUNCATE register_touched"))
        new = added.returning(_dossier.c.id).cte("added")
        tx.execute(_touched.insert().from_select(["id"], changed.union_all(select(new.c.id))).add_cte(new))
        tx.execute(text("ANALYZE register_touched"))  # else the planner takes the thousands for a few hundred
        return select(_touched.c.id)
    tx.execute(added)
    tx.execute(
        update(_stage)
        .where(_stage.c.dossier_id.is_(None), _stage.c.code == _dossier.c.code)
        .values(dossier_id=_dossier.c.id, changed=literal(True))
    )
    return changed
