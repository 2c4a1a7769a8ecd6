"""A backup that another machine can be restored from, whichever database either of them runs.

    records/TABLE.jsonl.gz   each table, one row a line, all as of one moment
    objects/3f7/3f7ac…       each object, as in the folder store (a second backup there copies only new ones)
    objects.txt              hash and size of each object the backup needs
    manifest.json            written last: without it there is no backup
    next/                    records and list of a backup that is being made: till it is whole, the one before stands

An object that is gone or rotten does not keep the others from being saved: the manifest names it, and a restored kho
does not offer its papers.

Identity keys are not in it: a backup beside its keys protects nothing. The manifest names them, and a restore without
them is refused.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from alembic.migration import MigrationContext
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, Table, select

from services.errors import ConflictError
from services.storage.errors import BadBackup, EmptyUpload, ObjectMissing, ObjectRotten, WrongKeys
from services.storage.objects.contract import ObjectStore
from services.storage.objects.folder import FolderStore
from services.storage.people.identity import Keyring
from services.storage.records import audit
from services.storage.records.engine import begin, migrate, snapshot
from services.storage.search import index as search_index
from services.storage.upkeep.dump import file_hash, read_table, table_file, write_table
from services.storage.upkeep.dump import tables as all_tables
from services.storage.upkeep.verify import note_fault, references

_FORMAT = 1


class KhoNotEmpty(ConflictError):
    code = "kho-not-empty"
    vi = "Kho đích đã có dữ liệu; chỉ khôi phục vào kho trống."
    en = "The kho already holds data; restore only into an empty one."


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. ``tables``: name → {rows, sha256}; ``chain``: the log's last hash."""

    format: int
    made_at: str
    revision: str
    tables: dict[str, dict[str, Any]]
    objects: int
    objects_sha256: str
    bytes: int
    keys: list[str]
    chain: str
    missing: list[str] = field(default_factory=list)  # objects the records name that were gone or rotten


def backup(engine: Engine, objects: ObjectStore, keys: Keyring, folder: Path) -> Manifest:
    """Writes a backup into ``folder``. Records first: objects are never removed, so all they name is there after."""
    fresh = folder / "next"
    shutil.rmtree(fresh, ignore_errors=True)  # what a broken-off backup left
    (fresh / "records").mkdir(parents=True)
    with snapshot(engine) as tx:
        connection = tx.connection()
        revision = MigrationContext.configure(connection).get_current_revision()
        tables = {table.name: write_table(connection, table, fresh) for table in all_tables(connection)}
        chain = audit.last_hash(tx)
    count, size, missing = 0, 0, list[str]()
    target = FolderStore(folder)
    with (fresh / "objects.txt").open("w", encoding="ascii") as listed:
        for sha256 in references(engine):
            known = target.size(sha256)
            if known is None:
                known = _copied(objects, sha256, target)
            if known is None:
                missing.append(sha256)
                continue
            listed.write(f"{sha256} {known}\n")
            count, size = count + 1, size + known
    manifest = Manifest(
        format=_FORMAT,
        made_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        revision=str(revision),
        tables=tables,
        objects=count,
        objects_sha256=file_hash(fresh / "objects.txt"),
        bytes=size,
        keys=keys.fingerprints,
        chain=chain,
        missing=missing,
    )
    _flush(fresh)
    (folder / "manifest.json").unlink(missing_ok=True)
    shutil.rmtree(folder / "records", ignore_errors=True)
    for part in ("records", "objects.txt"):
        (fresh / part).replace(folder / part)
    fresh.rmdir()
    _write_last(folder / "manifest.json", json.dumps(asdict(manifest), indent=1).encode())
    return manifest


def _copied(objects: ObjectStore, sha256: str, target: FolderStore) -> int | None:
    """The object's size, once the backup has it; None where the kho no longer has its bytes."""
    try:
        stored = target.put(cast(BinaryIO, _Pieces(objects.chunks(sha256))), limit_bytes=1 << 62)
    except (EmptyUpload, ObjectMissing, ObjectRotten):
        return None
    return stored.size if stored.sha256 == sha256 else None


class _Pieces:
    """An object's pieces, read as a file is."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, _size: int) -> bytes:
        return next(self._pieces, b"")


def restore(folder: Path, engine: Engine, objects: ObjectStore, keys: Keyring) -> Manifest:
    """Fills an empty kho from a backup, after checking all of it. Raises BadBackup, WrongKeys, KhoNotEmpty."""
    manifest = _checked(folder)
    missing = set(manifest.keys[:1]) - set(keys.fingerprints)
    if missing:
        raise WrongKeys(f"the backup was made with key {', '.join(missing)}")
    try:
        migrate(engine, manifest.revision)
    except CommandError as error:
        raise BadBackup(f"a newer version of the product made it: {error}") from error
    with begin(engine) as tx:
        _need_empty(tx.connection())
    source = FolderStore(folder)
    for sha256, size in _listed(folder):
        with source.fetch(sha256) as path, path.open("rb") as file:
            stored = objects.put(file, limit_bytes=size)
        if stored.sha256 != sha256:
            raise BadBackup(f"object {sha256} is rotten")
    with begin(engine) as tx:
        connection = tx.connection()
        for table in _need_empty(connection):
            if table.name in manifest.tables:
                read_table(connection, table, folder)
        search_index.rebuild(tx)
        for sha256 in manifest.missing:
            note_fault(tx, sha256, "missing")
        if audit.last_hash(tx) != manifest.chain:
            raise BadBackup("the log does not end as the manifest says")
    migrate(engine)
    return manifest


def _need_empty(connection: Connection) -> list[Table]:
    """The tables, parents first. Raises KhoNotEmpty where one has a row."""
    tables = all_tables(connection)
    if any(connection.execute(select(table).limit(1)).first() is not None for table in tables):
        raise KhoNotEmpty
    return tables


def _checked(folder: Path) -> Manifest:
    try:
        manifest = Manifest(**json.loads((folder / "manifest.json").read_text("utf-8")))
        if manifest.format != _FORMAT:
            raise BadBackup(f"format {manifest.format}")
        for name, said in manifest.tables.items():
            if file_hash(table_file(folder, name)) != said["sha256"]:
                raise BadBackup(f"records of {name} changed")
        if file_hash(folder / "objects.txt") != manifest.objects_sha256:
            raise BadBackup("the list of objects changed")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadBackup(str(error)) from error
    source = FolderStore(folder)
    for sha256, size in _listed(folder):
        if source.size(sha256) != size:
            raise BadBackup(f"object {sha256} is not whole")
    return manifest


def _listed(folder: Path) -> Iterator[tuple[str, int]]:
    with (folder / "objects.txt").open(encoding="ascii") as lines:
        for line in lines:
            sha256, size = line.split()
            yield sha256, int(size)


def _flush(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _write_last(file: Path, data: bytes) -> None:
    aside = file.with_suffix(".part")
    with aside.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    aside.replace(file)
