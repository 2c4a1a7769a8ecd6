"""The counts, always up to date: subtract what a dossier counted for, judge it again, add what it counts for now.

``recount_ids`` serves one dossier at the desk, ``recount`` a chunk of an import; ``rebuilding`` counts from nothing.
All of it happens in the caller's transaction. On PostgreSQL the dossier rows are locked first, so that two transactions
that touch one dossier take turns, and a shared advisory lock keeps every change out while ``rebuild`` puts its tables
in place. Count rows are written last, in the order of ``COUNTS`` and by key, so that two transactions wait for each
other briefly and never in a ring.
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
    Column,
    ColumnElement,
    Date,
    MetaData,
    Select,
    SmallInteger,
    String,
    Table,
    any_,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal_column,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable

from services.coverage import law
from services.coverage.config import Rules, load
from services.coverage.tables import (
    BIT,
    FLAGS,
    DossierCheckRow,
    day_count,
    month_count,
    procedure_day,
    procedure_month,
)
from services.storage.records.tables import DossierRow

REBUILD_LOCK = 766_2022  # held by who moves counts (shared) and by a rebuild that puts its tables in place
FORGET_LOCK = 766_2023  # held by who takes dossiers out (shared) and by a rebuild from its start
COUNTS = (day_count, month_count, procedure_day, procedure_month)
_CHUNK = 500  # ids bound into one statement
_IDS = "the_ids"
# How dossiers stood before (sign -1) and stand now (+1), while ``recount`` works
_moves = Table(
    "recount_move",
    MetaData(),
    Column("unit", String(40)),
    Column("day", Date),
    Column("procedure", String(40)),
    Column("flags", BigInteger),
    Column("sign", SmallInteger),
    prefixes=["TEMPORARY"],
)

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
    if fresh:
        tx.execute(write_checks(dialect, scope, papers))
        found = _weighed(scope, 1)
    else:
        tx.execute(CreateTable(_moves, if_not_exists=True))
        tx.execute(text("TRUNCATE recount_move") if dialect == "postgresql" else delete(_moves))
        tx.execute(_note_moves(scope, -1))
        tx.execute(write_checks(dialect, scope, papers))
        tx.execute(_note_moves(scope, 1))
        found = _net_moves()
    for table in COUNTS:
        tx.execute(_add_counts(dialect, table, found))


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
        judge = _judge_ids(dialect, papers)
        judged = (
            tx.connection().exec_driver_sql(judge, some_ids) if isinstance(judge, str) else tx.execute(judge, some_ids)
        )
        after = {id_: _Standing(*rest) for id_, *rest in judged}
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
    here = dialect == "postgresql"
    ids: Any = any_(literal_column(_IDS)) if here else bindparam("ids", expanding=True)
    written: Any = write_checks(dialect, lambda column: column == ids if here else column.in_(ids), papers)
    c = DossierCheckRow.__table__.c
    written = written.returning(c.dossier_id, c.unit, c.day, c.procedure, c.flags)
    if not here:
        return written
    # As text with one parameter: with the law's hundred constants as parameters, the driver would spend as long on
    # finding them in so long a statement as the server on judging.
    return as_text(written).replace("%", "%%").replace(_IDS, "%(ids)s::BIGINT[]")


def as_text(statement: Any) -> str:
    """PostgreSQL's text of a statement, constants written out."""
    named = PGDialect(paramstyle="named")  # type: ignore[no-untyped-call]
    return str(statement.compile(dialect=named, compile_kwargs={"literal_binds": True}))


def _move(tx: Session, dialect: str, moves: Sequence[tuple[_Standing | None, _Standing]]) -> None:
    """Moves the counts by what changed. Rows in key order, so that two transactions lock them in the same order."""
    found: dict[str, dict[tuple[Any, ...], Counter[str]]] = {table.name: defaultdict(Counter) for table in COUNTS}
    for old, new in moves:
        for standing, sign in ((old, -1), (new, 1)):
            if standing is None or standing.day is None:
                continue
            unit, day, procedure = standing.unit, standing.day, standing.procedure
            month = day.replace(day=1)
            for key in ((day_count.name, (day, unit)), (month_count.name, (month, unit))):
                count = found[key[0]][key[1]]
                count["received"] += sign
                for name in names_in(standing.flags):
                    count[name] += sign
            if procedure is not None:
                for table, start in ((procedure_day, day), (procedure_month, month)):
                    count = found[table.name][start, unit, procedure]
                    count["received"] += sign
                    count["connected"] += sign * bool(standing.flags & BIT["i45b"])
                    count["online"] += sign * bool(standing.flags & BIT["online"])
    for table in COUNTS:
        keys, counters = keys_of(table), counters_of(table)
        counts = found[table.name]
        rows = [
            dict(zip(keys, key, strict=True)) | {name: counts[key][name] for name in counters}
            for key in sorted(counts)
            if any(counts[key].values())
        ]
        if rows:
            tx.execute(_add_rows(dialect, table), rows)


def keys_of(table: Table) -> tuple[str, ...]:
    return tuple(c.name for c in table.primary_key)


def counters_of(table: Table) -> tuple[str, ...]:
    return tuple(c.name for c in table.columns if not c.primary_key)


@lru_cache(maxsize=8)
def _add_rows(dialect: str, table: Table) -> Any:
    insert: Any = insert_for(dialect, table)
    sums = {name: table.c[name] + insert.excluded[name] for name in counters_of(table)}
    return insert.on_conflict_do_update(index_elements=list(keys_of(table)), set_=sums)


def names_in(flags: int) -> list[str]:
    """The names of the flags set in a bit set."""
    return [name for name in FLAGS if flags & BIT[name]]


def forget(tx: Session, ids: Sequence[int]) -> None:
    """Takes dossiers out of the counts; call before deleting them. Waits while a rebuild runs, which could not tell a
    dossier taken out meanwhile from one never judged.
    """
    if dialect_of(tx) == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock_shared(FORGET_LOCK)))
        tx.execute(select(func.pg_advisory_xact_lock_shared(REBUILD_LOCK)))
    for table in COUNTS:
        tx.execute(_add_counts(dialect_of(tx), table, _weighed(some(ids), -1)))
    tx.execute(delete(DossierCheckRow).where(DossierCheckRow.dossier_id.in_(ids)))


def counted(dialect: str, table: Table, found: Any) -> Select[Any]:
    """The rows of ``table`` that ``found`` adds up to: columns unit, day, procedure, flags and, as weight, ``n``."""
    c = found.c
    keys = {name: month_of(dialect, c.day) if name == "month" else c[name] for name in keys_of(table)}
    picked: Select[Any] = select(*(key.label(name) for name, key in keys.items()), *_sums(table, found))
    if "procedure" in keys:
        picked = picked.where(c.procedure.is_not(None))
    return picked.group_by(*keys.values()).order_by(*keys.values())


def month_of(dialect: str, day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first day of the month of ``day``."""
    if dialect == "sqlite":
        return type_coerce(func.date(day, "start of month"), Date)
    return cast(func.date_trunc("month", day), Date)


def write_checks(dialect: str, scope: law.Scope, papers: law.StopPapers) -> Insert:
    """Judges the dossiers in ``scope`` and keeps the answers."""
    names = ["dossier_id", "unit", "day", "procedure", "flags"]
    insert: Any = insert_for(dialect, DossierCheckRow.__table__).from_select(names, law.checked(scope, papers, dialect))
    return insert.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=["dossier_id"], set_={name: insert.excluded[name] for name in names[1:]}
    )


_FLAG_OF = {"connected": "i45b"}  # counters that are not called as their flag


def _sums(table: Table, found: Any) -> list[ColumnElement[Any]]:
    n, zero = found.c.n, literal_column("0", BigInteger)

    def having(flag: str) -> ColumnElement[Any]:
        has = found.c.flags.op("&")(literal_column(str(BIT[flag]), BigInteger)) != zero
        return func.sum(case((has, n), else_=zero))

    return [
        (func.sum(n) if name == "received" else having(_FLAG_OF.get(name, name))).label(name)
        for name in counters_of(table)
    ]


def _weighed(scope: law.Scope, weight: int) -> Any:
    row = DossierCheckRow
    return (
        select(row.unit, row.day, row.procedure, row.flags, literal_column(str(weight), BigInteger).label("n"))
        .where(scope(row.dossier_id), row.day.is_not(None))
        .subquery("found")
    )


def _note_moves(scope: law.Scope, sign: int) -> Any:
    row = DossierCheckRow
    weight: ColumnElement[int] = literal_column(str(sign))
    picked = select(row.unit, row.day, row.procedure, row.flags, weight)
    return _moves.insert().from_select(
        ["unit", "day", "procedure", "flags", "sign"], picked.where(scope(row.dossier_id), row.day.is_not(None))
    )


def _net_moves() -> Any:
    """What is left of the moves where a dossier that did not change cancels itself out."""
    c, net = _moves.c, func.sum(_moves.c.sign)
    keys = (c.unit, c.day, c.procedure, c.flags)
    return select(*keys, net.label("n")).group_by(*keys).having(net != 0).subquery("found")


def _add_counts(dialect: str, table: Table, found: Any) -> Insert:
    keys = keys_of(table)
    counters = counters_of(table)
    insert: Any = insert_for(dialect, table).from_select([*keys, *counters], counted(dialect, table, found))
    return insert.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=list(keys), set_={name: table.c[name] + insert.excluded[name] for name in counters}
    )
