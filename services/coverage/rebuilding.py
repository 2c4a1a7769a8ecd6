"""The counts from nothing, and whether the kept ones agree with them.

PostgreSQL: new tables are made beside the kept ones while filing goes on. Only then are changes kept out, for as long
as it takes to find the dossiers that were judged meanwhile, put the new tables in the place of the old, and judge those
dossiers again. So the counts are exact to the last dossier at the end, however much was filed meanwhile. SQLite has one
writer, and is counted in place.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, MetaData, Select, Table, cast, delete, func, literal_column, select, text
from sqlalchemy.orm import Session

from services.coverage import counting, law
from services.coverage.config import Rules, load
from services.coverage.counting import COUNTS, REBUILD_LOCK, counted, counters_of, dialect_of, keys_of
from services.coverage.tables import DossierCheckRow, day_count, month_count, procedure_day, procedure_month

_checks: Table = DossierCheckRow.__table__  # type: ignore[assignment]
_DAYS_OF = {month_count.name: day_count, procedure_month.name: procedure_day}


def rebuild(tx: Session, rules: Rules | None = None) -> int:
    """Counts everything again from nothing; returns the number of dossiers. Make it the transaction's last word: from
    its end until the commit, changes (and, on PostgreSQL, reports) wait.
    """
    papers = (rules or load()).checks.stop_papers
    tx.flush()
    if dialect_of(tx) == "postgresql":
        _beside(tx, papers, rules)
    else:
        _in_place(tx, papers)
    return tx.scalar(select(func.count()).select_from(_checks)) or 0


def drift(tx: Session, rules: Rules | None = None) -> list[str]:
    """Where the kept counts differ from what the law gives now, one line each; empty when all agree."""
    dialect, papers = dialect_of(tx), (rules or load()).checks.stop_papers
    now = law.checked(law.everything, papers, dialect).subquery("now")
    source = _counting_source(now)
    found = []
    for table in COUNTS:
        width = len(keys_of(table))
        expected = {tuple(r[:width]): tuple(r) for r in tx.execute(counted(dialect, table, source))}
        kept = {tuple(r[:width]): tuple(r) for r in tx.execute(select(*table.columns)) if any(r[width:])}
        for key in sorted(expected.keys() | kept.keys(), key=str):
            if expected.get(key) != kept.get(key):
                found.append(f"{table.name} {key}: kept {kept.get(key)}, should be {expected.get(key)}")
    return found


def _counting_source(checks: Any) -> Any:
    c = checks.c
    once = literal_column("1", Integer).label("n")
    return select(c.unit, c.day, c.procedure, c.flags, once).where(c.day.is_not(None)).subquery("found")


def _from_nothing(dialect: str, table: Table, checks: Table, days: dict[str, Table]) -> Select[Any]:
    """The rows of a table of counts; a month's are the sums of its days'."""
    of = days.get(table.name)
    if of is None:
        return counted(dialect, table, _counting_source(checks))
    keys = [counting.month_of(dialect, of.c.day), *(of.c[name] for name in keys_of(table)[1:])]
    sums = [func.sum(of.c[name]) for name in counters_of(table)]
    return select(*keys, *sums).group_by(*keys).order_by(*keys)


def _in_place(tx: Session, papers: law.StopPapers) -> None:
    for table in (*COUNTS, _checks):
        tx.execute(delete(table))
    by_day = next(iter(_checks.indexes))
    by_day.drop(tx.connection())  # filling it row by row would take longer than all the rest
    tx.execute(_checks.insert().from_select(list(_checks.c.keys()), law.checked(law.everything, papers, "sqlite")))
    by_day.create(tx.connection())
    for table in COUNTS:
        rows = _from_nothing("sqlite", table, _checks, _DAYS_OF)
        tx.execute(table.insert().from_select(list(table.c.keys()), rows))


def _beside(tx: Session, papers: law.StopPapers, rules: Rules | None) -> None:
    tx.execute(select(func.pg_advisory_xact_lock(counting.FORGET_LOCK)))
    tx.execute(text("SET LOCAL work_mem = '256MB'"))
    tx.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    # Whatever commits from here on bears this transaction number or a later one.
    since = tx.execute(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")).scalar_one()
    checks, days = _next(_checks), {month: _next(table) for month, table in _DAYS_OF.items()}
    _make(tx, _checks, law.checked(law.everything, papers, "postgresql"))
    for table in COUNTS:
        _make(tx, table, _from_nothing("postgresql", table, checks, days))

    tx.execute(select(func.pg_advisory_xact_lock(REBUILD_LOCK)))
    # Judging writes a dossier's row anew, changed or not. (The number has 64 bits, a row's 32: ages compare.)
    tx.execute(
        text(
            "CREATE TEMPORARY TABLE judged_meanwhile ON COMMIT DROP AS "
            "SELECT dossier_id FROM dossier_check WHERE age(xmin) <= age(CAST(:since AS xid8)::xid)"
        ).bindparams(since=since)
    )
    for table in (_checks, *COUNTS):
        _put_in_place(tx, table)
    meanwhile: Select[Any] = select(literal_column("dossier_id")).select_from(text("judged_meanwhile"))
    # To lock dossiers here could be to wait for one whose holder waits for us; with everyone kept out there is no need.
    counting.recount(tx, counting.chosen_by(meanwhile), rules, locked=True)
    tx.execute(text("DROP TABLE judged_meanwhile"))


def _next(table: Table) -> Table:
    return table.to_metadata(MetaData(), name=f"{table.name}_next")


def _make(tx: Session, table: Table, rows: Select[Any]) -> None:
    """The table's successor, filled. CREATE TABLE AS works on all cores, which INSERT does not."""
    name = f"{table.name}_next"
    found = rows.subquery("rows")
    typed = select(*(cast(a, b.type).label(b.name) for a, b in zip(found.columns, table.columns, strict=True)))
    made = counting.as_text(typed).replace("%", "%%")
    tx.connection().exec_driver_sql(f"CREATE TABLE {name} AS {made}")
    needed = ", ".join(f"ALTER {column.name} SET NOT NULL" for column in table.columns if not column.nullable)
    tx.execute(
        text(f"ALTER TABLE {name} {needed}, ADD CONSTRAINT {name}_pkey PRIMARY KEY ({', '.join(keys_of(table))})")
    )
    for index in table.indexes:
        columns = ", ".join(column.name for column in index.columns)
        tx.execute(text(f"CREATE INDEX {index.name}_next ON {name} ({columns})"))
    tx.execute(text(f"ANALYZE {name}"))


def _put_in_place(tx: Session, table: Table) -> None:
    tx.execute(text(f"DROP TABLE {table.name}"))
    tx.execute(text(f"ALTER TABLE {table.name}_next RENAME TO {table.name}"))
    for name in (f"{table.name}_pkey", *(index.name for index in table.indexes)):
        made = f"{table.name}_next_pkey" if name == f"{table.name}_pkey" else f"{name}_next"
        tx.execute(text(f"ALTER INDEX {made} RENAME TO {name}"))
