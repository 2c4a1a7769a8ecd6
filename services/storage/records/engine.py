"""The record store: one engine, one way to begin a transaction, for SQLite and for PostgreSQL.

SQLite runs in WAL mode with every commit flushed to the disk, and takes its write lock when a transaction begins
(BEGIN IMMEDIATE), so that two writers queue instead of failing half-way.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    Executable,
    create_engine,
    event,
    literal_column,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from services.storage.errors import RecordsDown
from services.storage.records import audit
from services.storage.records.tables import Base

_BUSY_S = 30.0  # given to SQLite as its own waiting, too
_ASK_AGAIN_S = 0.01
_SNAPSHOT = "sohoa_snapshot"
_ALEMBIC = threading.Lock()  # Alembic's context is the process's
_MIGRATIONS = Path(__file__).parent / "migrations"


def open_engine(url: str) -> Engine:
    """An engine on the records at ``url``; SQLite's folder is made. Its errors, which end in the log, quote no values:
    they are people's names and what their papers say.
    """
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        if where.database:
            Path(where.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(where, connect_args={"timeout": _BUSY_S}, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
        return engine
    if where.drivername == "postgresql":
        where = where.set(drivername="postgresql+psycopg")
    return create_engine(
        where, pool_size=16, max_overflow=16, pool_pre_ping=True, pool_recycle=1800, hide_parameters=True
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    _write_ahead(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _write_ahead(connection: sqlite3.Connection) -> None:
    """WAL mode, which the file then keeps. SQLite's own waiting does not cover the switch: of two first starts at once
    one is told "locked" straight away, so it asks again.
    """
    until = time.monotonic() + _BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(_ASK_AGAIN_S)
        else:
            return


def _begin_immediate(connection: Connection) -> None:
    # A long look (verification, backup) reads a snapshot and must not keep writers out.
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(_SNAPSHOT) else "BEGIN IMMEDIATE")


@contextlib.contextmanager
def begin(engine: Engine) -> Iterator[Session]:
    """One transaction. What was noted for the log is chained last, so that the chain's lock is held for the commit
    alone. Raises RecordsDown where the database is away.
    """
    try:
        with Session(engine, expire_on_commit=False) as tx, tx.begin():
            yield tx
            audit.chain(tx)
    except (OperationalError, InterfaceError) as error:
        raise RecordsDown(type(error.orig).__name__) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise RecordsDown(type(error.orig).__name__) from error
        raise


@contextlib.contextmanager
def snapshot(engine: Engine) -> Iterator[Session]:
    """The records as of one moment, to read for as long as it takes. Raises RecordsDown."""
    if engine.dialect.name == "postgresql":
        seen = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    else:
        seen = engine.execution_options(**{_SNAPSHOT: True})
    try:
        with Session(seen) as tx, tx.begin():
            yield tx
    except (OperationalError, InterfaceError) as error:
        raise RecordsDown(type(error.orig).__name__) from error


def migrate(engine: Engine, to: str = "head") -> None:
    """Brings the records to the newest schema. One at a time: others wait for the lock and find it done."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_lock(7460001)"))
            connection.commit()
        config.attributes["connection"] = connection
        try:
            with _ALEMBIC:
                command.upgrade(config, to)
        finally:
            if connection.dialect.name == "postgresql":
                connection.rollback()
                connection.execute(text("SELECT pg_advisory_unlock(7460001)"))
            connection.commit()


def schema(engine: Engine) -> tuple[str | None, str]:
    """The schema the records have (None: none yet), and the newest there is. Raises RecordsDown."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    newest = ScriptDirectory.from_config(config).get_current_head() or ""
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision(), newest
    except (OperationalError, InterfaceError) as error:
        raise RecordsDown(type(error.orig).__name__) from error


def now(tx: Session) -> dt.datetime:
    """The record store's clock: leases of machines whose own clocks differ are measured by it."""
    if tx.get_bind().dialect.name == "postgresql":
        moment: dt.datetime = tx.execute(text("SELECT clock_timestamp()")).scalar_one()
        return moment.astimezone(dt.UTC)
    return dt.datetime.now(dt.UTC)


def one_at_a_time(tx: Session, name: str) -> None:
    """Waits till no other transaction holds this name (hexadecimal), and holds it to the end of this one. SQLite has
    one writer anyway.
    """
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": int(name[:15], 16)})


def insert_once(tx: Session, table: type[Base], values: dict[str, Any], key: list[str]) -> bool:
    """Inserts the row unless one with the same unique ``key`` stands there; whether it did. Waits for a rival."""
    return tx.execute(_insert_once(tx.get_bind().dialect.name, table, tuple(key)), values).first() is not None


@cache
def _insert_once(dialect: str, table: type[Base], key: tuple[str, ...]) -> Executable:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    new = insert(Base.metadata.tables[table.__tablename__]).on_conflict_do_nothing(index_elements=key)
    return new.returning(literal_column("1"))


def count(done: object) -> int:
    """Rows a statement touched."""
    return cast("CursorResult[tuple[()]]", done).rowcount
