"""The counts, always up to date: subtract what a dossier counted for, judge it again, add what it counts for now.

The same statements serve one dossier at the desk, a chunk of an import and, from nothing, ``rebuild``. All of it
happens in the caller's transaction. On PostgreSQL the dossier rows are locked first, so that two transactions that
touch one dossier take turns, and a shared advisory lock keeps every change out while ``rebuild`` counts.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.coverage import law
from services.coverage.config import Rules, load
from services.coverage.tables import BIT, FLAGS, DossierCheckRow, day_count, procedure_day, procedure_use
from services.storage.records import DossierRow

REBUILD_LOCK = 766_2022
_CHUNK = 500  # ids bound into one statement

Insert = sqlite.Insert | postgresql.Insert


def dialect_of(tx: Session) -> str:
    return tx.get_bind().dialect.name


def insert_for(dialect: str, table: Any) -> Insert:
    """An INSERT that knows ON CONFLICT on this database."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def some(ids: Sequence[int]) -> law.Scope:
    """These very dossiers."""
    return lambda column: column.in_(ids)


def chosen_by(query: Select[Any]) -> law.Scope:
    """The dossiers a query of one id column gives."""
    return lambda column: column.in_(query)


def recount(
    tx: Session, scope: law.Scope, rules: Rules | None = None, *, locked: bool = False, fresh: bool = False
) -> None:
    """Judges the dossiers in ``scope`` again and moves the counts by the difference.

    ``locked`` says the caller's transaction already holds these rows, ``fresh`` that none was ever counted.
    """
    dialect, papers = dialect_of(tx), (rules or load()).checks.stop_papers
    tx.flush()
    if dialect == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock_shared(REBUILD_LOCK)))
        if not locked:
            tx.execute(select(DossierRow.id).where(scope(DossierRow.id)).order_by(DossierRow.id).with_for_update())
    if not fresh:
        for statement in _add_counts(dialect, scope, sign=-1):
            tx.execute(statement)
    tx.execute(_write_checks(dialect, scope, papers))
    for statement in _add_counts(dialect, scope, sign=1):
        tx.execute(statement)
    tx.execute(_note_procedures(dialect, scope))


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where a dossier stands in the counts: nowhere without a day."""

    unit: str
    day: dt.date | None
    procedure: str | None
    flags: int


def recount_ids(tx: Session, ids: Sequence[int], rules: Rules | None = None) -> None:
    """As ``recount``, for a list of dossier ids: reads how each stood, judges it, and writes only the differences."""
    dialect, papers = dialect_of(tx), (rules or load()).checks.stop_papers
    tx.flush()
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), _CHUNK):
        some_ids = {"ids": ordered[start : start + _CHUNK]}
        if dialect == "postgresql":
            tx.execute(_lock_ids(), some_ids)
        before = {id_: _Standing(*rest) for id_, *rest in tx.execute(_standing(), some_ids)}
        after = {id_: _Standing(*rest) for id_, *rest in tx.execute(_judge_ids(dialect, papers), some_ids)}
        changed = {id_ for id_ in after if after[id_] != before.get(id_)}
        _move(tx, dialect, [(before.get(id_), after[id_]) for id_ in sorted(changed)])


@lru_cache(maxsize=1)
def _lock_ids() -> Any:
    """Locks the dossiers, and takes the shared lock that ``rebuild`` waits for."""
    ids: Any = bindparam("ids", expanding=True)
    shared = func.pg_advisory_xact_lock_shared(literal_column(str(REBUILD_LOCK)))
    rows = select(DossierRow.id, shared).where(DossierRow.id.in_(ids))
    return rows.order_by(DossierRow.id).with_for_update()


@lru_cache(maxsize=1)
def _standing() -> Any:
    row = DossierCheckRow
    return select(row.dossier_id, row.unit, row.day, row.procedure, row.flags).where(
        row.dossier_id.in_(bindparam("ids", expanding=True))
    )


@lru_cache(maxsize=8)
def _judge_ids(dialect: str, papers: law.StopPapers) -> Any:
    """The statement for a bound list of ids, built once: building costs more than running it for one dossier."""
    written: Any = _write_checks(dialect, lambda column: column.in_(bindparam("ids", expanding=True)), papers)
    c = DossierCheckRow.__table__.c
    return written.returning(c.dossier_id, c.unit, c.day, c.procedure, c.flags)


def _move(tx: Session, dialect: str, moves: Sequence[tuple[_Standing | None, _Standing]]) -> None:
    """Moves the counts by what changed. Rows in key order, so that two transactions lock them in the same order."""
    days: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    procedures: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for old, new in moves:
        for standing, sign in ((old, -1), (new, 1)):
            if standing is None or standing.day is None:
                continue
            count = days[standing.day, standing.unit]
            count["received"] += sign
            for name in names_in(standing.flags):
                count[name] += sign
            if standing.procedure is not None:
                count = procedures[standing.unit, standing.procedure, standing.day]
                count["received"] += sign
                count["connected"] += sign * bool(standing.flags & BIT["i45b"])
                count["online"] += sign * bool(standing.flags & BIT["online"])
    for table, found in ((day_count, days), (procedure_day, procedures)):
        names = [c.name for c in table.primary_key]
        counters = [c.name for c in table.columns if not c.primary_key]
        rows = [
            dict(zip(names, key, strict=True)) | {name: found[key][name] for name in counters}
            for key in sorted(found)
            if any(found[key].values())
        ]
        if rows:
            tx.execute(_add_rows(dialect, table), rows)
    pairs = {(new.unit, new.procedure) for old, new in moves if old is None or _pair(old) != _pair(new)}
    rows = [{"unit": unit, "procedure": procedure} for unit, procedure in sorted(pairs, key=str) if procedure]
    if rows:
        tx.execute(insert_for(dialect, procedure_use).on_conflict_do_nothing(), rows)


def _pair(standing: _Standing) -> tuple[str, str | None]:
    return standing.unit, standing.procedure


@lru_cache(maxsize=8)
def _add_rows(dialect: str, table: Table) -> Any:
    keys = [c.name for c in table.primary_key]
    insert: Any = insert_for(dialect, table)
    sums = {c.name: c + insert.excluded[c.name] for c in table.columns if not c.primary_key}
    return insert.on_conflict_do_update(index_elements=keys, set_=sums)


def names_in(flags: int) -> list[str]:
    """The names of the flags set in a bit set."""
    return [name for name in FLAGS if flags & BIT[name]]


def forget(tx: Session, ids: Sequence[int]) -> None:
    """Takes dossiers out of the counts; call before deleting them."""
    for statement in _add_counts(dialect_of(tx), some(ids), sign=-1):
        tx.execute(statement)
    tx.execute(delete(DossierCheckRow).where(DossierCheckRow.dossier_id.in_(ids)))


def rebuild(tx: Session, rules: Rules | None = None) -> int:
    """Counts everything again from nothing; returns the number of dossiers. Changes wait until the transaction ends."""
    dialect, papers = dialect_of(tx), (rules or load()).checks.stop_papers
    tables = (day_count, procedure_day, procedure_use, DossierCheckRow.__table__)
    if dialect == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(REBUILD_LOCK)))
        tx.execute(text("SET LOCAL work_mem = '256MB'"))
        tx.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        tx.execute(text("TRUNCATE " + ", ".join(str(t) for t in tables)))
    else:
        for table in tables:
            tx.execute(delete(table))  # type: ignore[arg-type]
    by_day = next(iter(DossierCheckRow.__table__.indexes))  # type: ignore[attr-defined]
    by_day.drop(tx.connection())  # filling it row by row would take longer than all the rest
    tx.execute(_write_checks(dialect, law.everything, papers, fresh=True))
    by_day.create(tx.connection())
    for statement in _add_counts(dialect, law.everything, sign=1, fresh=True):
        tx.execute(statement)
    tx.execute(_note_procedures(dialect, law.everything))
    return tx.scalar(select(func.count()).select_from(DossierCheckRow)) or 0


def drift(tx: Session, rules: Rules | None = None) -> list[str]:
    """Where the kept counts differ from what the law gives now, one line each; empty when all agree."""
    dialect, papers = dialect_of(tx), (rules or load()).checks.stop_papers
    now = law.checked(law.everything, papers, dialect).subquery("now")
    found = []
    for table, keys, sums in (
        (day_count, ("day", "unit"), _day_sums(now)),
        (procedure_day, ("unit", "procedure", "day"), _procedure_sums(now)),
    ):
        grouped = select(*(now.c[k] for k in keys), *(s.label(name) for name, s in sums.items()))
        grouped = grouped.where(
            now.c.day.is_not(None), *([now.c.procedure.is_not(None)] if "procedure" in keys else [])
        )
        expected = {tuple(r[: len(keys)]): tuple(r) for r in tx.execute(grouped.group_by(*(now.c[k] for k in keys)))}
        kept_rows = tx.execute(select(*(table.c[k] for k in keys), *(table.c[n] for n in sums)))
        kept = {tuple(r[: len(keys)]): tuple(r) for r in kept_rows if any(r[len(keys) :])}
        for key in sorted(expected.keys() | kept.keys(), key=str):
            if expected.get(key) != kept.get(key):
                found.append(f"{table.name} {key}: kept {kept.get(key)}, should be {expected.get(key)}")
    return found


def _with(source: Any, flag: str) -> ColumnElement[int]:
    """How many of the rows have the flag."""
    flags = source.flags if source is DossierCheckRow else source.c.flags
    return func.count().filter(flags.op("&")(literal_column(str(BIT[flag]), BigInteger)) != literal_column("0"))


def _day_sums(source: Any) -> dict[str, ColumnElement[Any]]:
    return {"received": func.count()} | {name: _with(source, name) for name in FLAGS}


def _procedure_sums(source: Any) -> dict[str, ColumnElement[Any]]:
    return {"received": func.count(), "connected": _with(source, "i45b"), "online": _with(source, "online")}


def _add_counts(dialect: str, scope: law.Scope, *, sign: int, fresh: bool = False) -> tuple[Insert, Insert]:
    """Adds (or takes away) what ``dossier_check`` says of the dossiers in ``scope``. Rows in key order, so that two
    transactions lock them in the same order. ``fresh``: the tables are empty, no row can be there.
    """
    row = DossierCheckRow

    def upsert(table: Table, keys: dict[str, Any], sums: dict[str, ColumnElement[Any]], *where: Any) -> Insert:
        picked = select(*keys.values(), *(sign * s if sign < 0 else s for s in sums.values()))
        picked = picked.where(scope(row.dossier_id), row.day.is_not(None), *where)
        picked = picked.group_by(*keys.values()).order_by(*keys.values())
        insert: Any = insert_for(dialect, table).from_select([*keys, *sums], picked)
        if fresh:
            return insert  # type: ignore[no-any-return]
        return insert.on_conflict_do_update(  # type: ignore[no-any-return]
            index_elements=list(keys), set_={name: table.c[name] + insert.excluded[name] for name in sums}
        )

    return (
        upsert(day_count, {"day": row.day, "unit": row.unit}, _day_sums(row)),
        upsert(
            procedure_day,
            {"unit": row.unit, "procedure": row.procedure, "day": row.day},
            _procedure_sums(row),
            row.procedure.is_not(None),
        ),
    )


def _write_checks(dialect: str, scope: law.Scope, papers: law.StopPapers, *, fresh: bool = False) -> Insert:
    names = ["dossier_id", "unit", "day", "procedure", "flags"]
    insert: Any = insert_for(dialect, DossierCheckRow.__table__).from_select(names, law.checked(scope, papers, dialect))
    if fresh:
        return insert  # type: ignore[no-any-return]
    return insert.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=["dossier_id"], set_={name: insert.excluded[name] for name in names[1:]}
    )


def _note_procedures(dialect: str, scope: law.Scope) -> Insert:
    row = DossierCheckRow
    pairs = select(row.unit, row.procedure).where(scope(row.dossier_id), row.procedure.is_not(None)).distinct()
    insert: Any = insert_for(dialect, procedure_use).from_select(["unit", "procedure"], pairs)
    return insert.on_conflict_do_nothing()  # type: ignore[no-any-return]
