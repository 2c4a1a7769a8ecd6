"""Tables to lines of JSON and back, the same lines from SQLite and from PostgreSQL.

The tables are what the database has, not what this room knows: other rooms' come along.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any, BinaryIO, cast

from sqlalchemy import Connection, LargeBinary, MetaData, Table, insert, select, text, update
from sqlalchemy.sql import sqltypes

_BATCH = 1000


def tables(connection: Connection) -> list[Table]:
    """Every table of records, of whichever room, parents first. The words' index is made again from the texts."""
    metadata = MetaData()
    # SQLite keeps an FTS index in tables of its own, paper_index_data and the like.
    metadata.reflect(connection, only=lambda name, _: not name.startswith(("paper_index", "alembic_", "sqlite_")))
    return metadata.sorted_tables


def write_table(connection: Connection, table: Table, folder: Path) -> dict[str, Any]:
    rows = 0
    order = list(table.primary_key.columns)
    with table_file(folder, table.name).open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as out:
        found = connection.execute(select(table).order_by(*order).execution_options(yield_per=_BATCH))
        for row in found.mappings():
            values = {name: _to_json(value) for name, value in row.items()}
            out.write(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            rows += 1
    return {"rows": rows, "sha256": file_hash(table_file(folder, table.name))}


def read_table(connection: Connection, table: Table, folder: Path) -> None:
    # A paper may name a later one as its successor: such links are set when all rows stand.
    links = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    later: list[dict[str, Any]] = []
    batch: list[dict[str, Any]] = []
    with gzip.open(table_file(folder, table.name), "rb") as lines:
        for line in cast(BinaryIO, lines):
            values = {name: _from_json(table, name, value) for name, value in json.loads(line).items()}
            if any(values[name] is not None for name in links):
                later.append({"key": values["id"], **{f"to_{name}": values[name] for name in links}})
                values.update(dict.fromkeys(links))
            batch.append(values)
            if len(batch) == _BATCH:
                connection.execute(insert(table), batch)
                batch = []
    if batch:
        connection.execute(insert(table), batch)
    for link in later:
        row = update(table).where(table.c.id == link["key"])
        connection.execute(row.values({name: link[f"to_{name}"] for name in links}))
    if connection.dialect.name == "postgresql" and isinstance(
        getattr(table.c.get("id"), "type", None), sqltypes.Integer
    ):
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "  # noqa: S608
                f'(SELECT max(id) FROM "{table.name}"))'
            )
        )


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime):
        moment = value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
        return moment.isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value


def _from_json(table: Table, name: str, value: Any) -> Any:
    kind = table.c[name].type
    if value is None:
        return None
    if isinstance(kind, LargeBinary | sqltypes._Binary):
        return base64.b64decode(value)
    if isinstance(kind, sqltypes.DateTime):
        moment = dt.datetime.fromisoformat(value)
        return moment if kind.timezone else moment.replace(tzinfo=None)
    return dt.date.fromisoformat(value) if isinstance(kind, sqltypes.Date) else value


def table_file(folder: Path, table: str) -> Path:
    return folder / "records" / f"{table}.jsonl.gz"


def file_hash(file: Path) -> str:
    """The file's SHA-256."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
