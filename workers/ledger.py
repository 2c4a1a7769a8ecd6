"""What a backlog push has already handed over, so that the same command goes on where it stopped.

The ledger only saves work: were it lost, the kho would recognise every file by its bytes. So it may be a moment
behind after a power cut, and is never consulted about what is in the kho.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from workers.files import Look

_SCHEMA = """
create table if not exists entry (
    path text not null, unit text not null, dossier text not null,
    size integer not null, mtime_ns integer not null,
    intake_id text, state text not null, error_code text, error_message text,
    primary key (path, unit, dossier)
) without rowid
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file's line. ``state`` is an intake state, or ``refused`` with no intake when it was never accepted."""

    path: str
    unit: str
    dossier: str
    size: int
    mtime_ns: int
    intake_id: str | None
    state: str
    error_code: str | None = None
    error_message: str | None = None

    def is_of(self, seen: Look) -> bool:
        """Whether the file still is the one this line tells of."""
        return (self.size, self.mtime_ns) == (seen.size, seen.mtime_ns)


class Ledger:
    """The ledger file; usable by several runs at once, each from one thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=30, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=normal")
        self._db.execute(_SCHEMA)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._db.close()

    def find(self, path: Path, unit: str, dossier: str | None) -> Entry | None:
        """The line of a file handed over for this unit and dossier."""
        row = self._db.execute(
            "select * from entry where path=? and unit=? and dossier=?", (str(path), unit, dossier or "")
        ).fetchone()
        return Entry(*row) if row else None

    def write(self, entry: Entry) -> None:
        """Write or replace a file's line."""
        self._db.execute(
            "insert or replace into entry values (?,?,?,?,?,?,?,?,?)",
            (
                entry.path,
                entry.unit,
                entry.dossier,
                entry.size,
                entry.mtime_ns,
                entry.intake_id,
                entry.state,
                entry.error_code,
                entry.error_message,
            ),
        )

    def counts(self) -> dict[str, int]:
        """How many files stand in each state."""
        return dict(self._db.execute("select state, count(*) from entry group by state"))

    def __iter__(self) -> Iterator[Entry]:
        for row in self._db.execute("select * from entry order by path"):
            yield Entry(*row)
