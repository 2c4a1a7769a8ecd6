"""Re-hashing everything: which objects rotted, which are gone, which came back.

The store's names and the records' references are both walked in order, side by side, so memory stays flat. Objects
go by at a set pace, for a night beside a working day. A rotten one is moved aside and its papers are not offered until
the same bytes are put again (a backup's, or another scan of the file).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import heapq
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.storage.errors import ObjectMissing, ObjectRotten
from services.storage.objects.contract import ObjectStore
from services.storage.records.engine import begin, snapshot
from services.storage.records.tables import IntakeRow, ObjectFaultRow, PaperRow

_PAGE = 2000


@dataclass
class VerifyReport:
    """What a walk found. ``unreferenced`` objects are harmless: a crash between an object and its row leaves one."""

    objects: int = 0
    bytes: int = 0
    seconds: float = 0.0
    rotten: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    healed: list[str] = field(default_factory=list)
    unreferenced: int = 0

    @property
    def sound(self) -> bool:
        return not self.rotten and not self.missing


def verify(
    engine: Engine,
    objects: ObjectStore,
    *,
    pace_mb_s: float | None = None,
    on_progress: Callable[[VerifyReport], None] | None = None,
) -> VerifyReport:
    """Walks the whole store, ``pace_mb_s`` megabytes a second at most; ``on_progress`` is told after each object."""
    report, began = VerifyReport(), time.monotonic()
    faulty = _open_faults(engine)
    both = heapq.merge(((name, True) for name in objects.names()), ((name, False) for name in references(engine)))
    for sha256, seen in groupby(both, key=lambda pair: pair[0]):
        sides = {stored for _, stored in seen}
        if True not in sides:
            # Put since the store was listed, or gone.
            if objects.size(sha256) is None:
                report.missing.append(sha256)
                _fault(engine, sha256, "missing", None)
            continue
        if False not in sides:
            report.unreferenced += 1
        _one(engine, objects, sha256, report, faulty)
        report.seconds = time.monotonic() - began
        if pace_mb_s is not None:
            time.sleep(max(0.0, report.bytes / (pace_mb_s * 1e6) - report.seconds))
        if on_progress is not None:
            on_progress(report)
    report.seconds = time.monotonic() - began
    return report


def _one(engine: Engine, objects: ObjectStore, sha256: str, report: VerifyReport, faulty: set[str]) -> None:
    digest, found = hashlib.sha256(), ""
    try:
        for chunk in objects.chunks(sha256):
            digest.update(chunk)
            report.bytes += len(chunk)
        found = digest.hexdigest()
    except ObjectMissing:  # another verification moved it aside this moment
        return
    except ObjectRotten:  # the disk does not even give bytes
        pass
    report.objects += 1
    if found != sha256:
        report.rotten.append(sha256)
        _fault(engine, sha256, "rotten", objects.quarantine(sha256))
    elif sha256 in faulty:
        report.healed.append(sha256)
        with begin(engine) as tx:
            open_ones = (ObjectFaultRow.sha256 == sha256) & ObjectFaultRow.healed_at.is_(None)
            tx.execute(update(ObjectFaultRow).where(open_ones).values(healed_at=dt.datetime.now(dt.UTC)))


def _fault(engine: Engine, sha256: str, fault: str, aside: str | None) -> None:
    with begin(engine) as tx:
        note_fault(tx, sha256, fault, aside)


def note_fault(tx: Session, sha256: str, fault: str, aside: str | None = None) -> None:
    """Its papers are not offered from now on, unless that was known."""
    standing = select(ObjectFaultRow).where(ObjectFaultRow.sha256 == sha256, ObjectFaultRow.healed_at.is_(None))
    if tx.execute(standing).first() is None:
        tx.add(ObjectFaultRow(sha256=sha256, fault=fault, aside=aside, found_at=dt.datetime.now(dt.UTC)))


def _open_faults(engine: Engine) -> set[str]:
    with snapshot(engine) as tx:
        return set(tx.execute(select(ObjectFaultRow.sha256).where(ObjectFaultRow.healed_at.is_(None))).scalars())


def references(engine: Engine) -> Iterator[str]:
    """Hashes the records name, each once, in order, a page at a time: no transaction stays open for a night."""
    columns = (IntakeRow.sha256, IntakeRow.reading_sha256, PaperRow.archive_sha256)
    for sha256, _ in groupby(heapq.merge(*(_column(engine, column) for column in columns))):
        yield sha256


def _column(engine: Engine, column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]) -> Iterator[str]:
    last = ""
    while True:
        with snapshot(engine) as tx:
            page = select(column).distinct().where(column > last).order_by(column).limit(_PAGE)
            found = [sha256 for sha256 in tx.execute(page).scalars() if sha256 is not None]
        yield from found
        if len(found) < _PAGE:
            return
        last = found[-1]
