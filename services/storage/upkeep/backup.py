"""A backup that another machine can be restored from, whichever database either of them runs.

    records/TABLE.jsonl.gz   each table, one row a line, all as of one moment
    objects/3f7/3f7ac…       each object, as in the folder store (a second backup there copies only new ones)
    objects.txt              hash and size of each object the backup needs
    manifest.json            written last: without it there is no backup

Identity keys are not in it: a backup beside its keys protects nothing. The manifest names them, and a restore without
them is refused.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import Engine, func, select

from services.errors import ConflictError
from services.storage.errors import BadBackup, WrongKeys
from services.storage.objects.contract import ObjectStore
from services.storage.objects.folder import FolderStore
from services.storage.people.identity import Keyring
from services.storage.records import audit
from services.storage.records.engine import begin, migrate, snapshot
from services.storage.search import index as search_index
from services.storage.upkeep.dump import file_hash, read_table, table_file, write_table
from services.storage.upkeep.dump import tables as all_tables
from services.storage.upkeep.verify import references

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


def backup(engine: Engine, objects: ObjectStore, keys: Keyring, folder: Path) -> Manifest:
    """Writes a backup into ``folder``. Records first: objects are never removed, so all they name is there after."""
    (folder / "records").mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").unlink(missing_ok=True)
    with snapshot(engine) as tx:
        connection = tx.connection()
        revision = MigrationContext.configure(connection).get_current_revision()
        tables = {table.name: write_table(connection, table, folder) for table in all_tables(connection)}
        chain = audit.last_hash(tx)
    count, size = 0, 0
    target = FolderStore(folder)
    with (folder / "objects.txt").open("w", encoding="ascii") as listed:
        for sha256 in references(engine):
            known = target.size(sha256)
            if known is None:
                with objects.fetch(sha256) as path, path.open("rb") as file:
                    stored = target.put(file, limit_bytes=1 << 62)
                if stored.sha256 != sha256:
                    raise BadBackup(f"{sha256} is rotten: verify the kho first")
                known = stored.size
            listed.write(f"{sha256} {known}\n")
            count, size = count + 1, size + known
    manifest = Manifest(
        format=_FORMAT,
        made_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        revision=str(revision),
        tables=tables,
        objects=count,
        objects_sha256=file_hash(folder / "objects.txt"),
        bytes=size,
        keys=keys.fingerprints,
        chain=chain,
    )
    _write_last(folder / "manifest.json", json.dumps(asdict(manifest), indent=1).encode())
    return manifest


def restore(folder: Path, engine: Engine, objects: ObjectStore, keys: Keyring) -> Manifest:
    """Fills an empty kho from a backup, after checking all of it. Raises BadBackup, WrongKeys, KhoNotEmpty."""
    manifest = _checked(folder)
    missing = set(manifest.keys[:1]) - set(keys.fingerprints)
    if missing:
        raise WrongKeys(f"the backup was made with key {', '.join(missing)}")
    migrate(engine, manifest.revision)
    source = FolderStore(folder)
    for sha256, size in _listed(folder):
        with source.fetch(sha256) as path, path.open("rb") as file:
            stored = objects.put(file, limit_bytes=size)
        if stored.sha256 != sha256:
            raise BadBackup(f"object {sha256} is rotten")
    with begin(engine) as tx:
        connection = tx.connection()
        tables = all_tables(connection)
        if any(connection.execute(select(func.count()).select_from(table)).scalar() for table in tables):
            raise KhoNotEmpty
        for table in tables:
            if table.name in manifest.tables:
                read_table(connection, table, folder)
        search_index.rebuild(tx)
        if audit.last_hash(tx) != manifest.chain:
            raise BadBackup("the log does not end as the manifest says")
    migrate(engine)
    return manifest


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


def _write_last(file: Path, data: bytes) -> None:
    aside = file.with_suffix(".part")
    with aside.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    aside.replace(file)
