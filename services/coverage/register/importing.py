"""The import of a register: read → find the columns → convert → load chunk by chunk → report the rows that stayed out.

Each chunk is one transaction, so an import that is cut off has loaded whole chunks, and running it again does the rest.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.coverage import periods
from services.coverage.config import Rules, load
from services.coverage.register import bad_rows, owners
from services.coverage.register.cells import converters
from services.coverage.register.columns import SEARCHED_ROWS, Layout, find_layout
from services.coverage.register.loading import CHUNK, load_chunk
from services.coverage.register.problems import Fault, RowProblem, problem
from services.coverage.register.rows import STAGED, Chunk, RowReader
from services.coverage.register.sheets import read_rows
from services.coverage.report import Records
from services.coverage.units import Units
from services.storage.model import Actor
from services.storage.people.identity import Keyring
from services.storage.records import audit
from services.storage.records.tables import ProcedureRow

KEPT_PROBLEMS = 100_000
_Numbered = tuple[int, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, or with ``dry_run`` would do. ``report_xlsx`` lists the bad rows whole, with the reasons in
    columns of their own, ready to be corrected and imported again; ``None`` when every row went in without a doubt.
    """

    rows: int
    inserted: int
    updated: int
    unchanged: int
    bad_rows: tuple[RowProblem, ...]
    warnings: tuple[RowProblem, ...]
    dry_run: bool
    columns: Mapping[str, str]
    unused_columns: tuple[str, ...]
    report_xlsx: bytes | None

    @property
    def refused(self) -> int:
        """Rows that stayed out."""
        return self.rows - self.inserted - self.updated - self.unchanged


def import_register(
    kho: Records,
    file: Path,
    *,
    actor: Actor,
    dry_run: bool = False,
    mapping: Mapping[str, str] | None = None,
    rules: Rules | None = None,
) -> ImportResult:
    """Brings the dossiers of a CSV or spreadsheet file into the records. Rows of units that ``actor`` may not see are
    bad rows.

    ``mapping`` (field → header) overrides the guessed columns. Raises ``UnreadableSheet``, ``SheetTooLarge``,
    ``NotARegister``.
    """
    rules = rules or load()
    numbered = enumerate(read_rows(file), start=1)
    first = list(itertools.islice(numbered, SEARCHED_ROWS))
    layout = find_layout([row for _, row in first], rules.register_, mapping)
    body = ((n, row) for n, row in itertools.chain(first, numbered) if n > layout.header_row and _filled(row))
    with kho.begin() as tx:
        reader, allowed = _reader(tx, layout, actor, rules)
    result = _Import(kho, reader, layout, allowed, rules, dry_run).run(body)
    if not dry_run:
        with kho.begin() as tx:
            done = f"+{result.inserted} ~{result.updated} !{result.refused}"
            audit.note(tx, actor, "import-register", file.name, result=done)
    return result


class _Import:
    def __init__(
        self,
        kho: Records,
        reader: RowReader,
        layout: Layout,
        allowed: frozenset[str] | None,
        rules: Rules,
        dry_run: bool,
    ) -> None:
        self.kho, self.reader, self.layout, self.allowed = kho, reader, layout, allowed
        self.rules, self.dry_run = rules, dry_run
        # the keys that seal identity numbers; without them owners are not linked
        self.keys: Keyring | None = getattr(kho, "keys", None)
        self.present = {name for name in STAGED if name in layout.fields} | {"unit"}
        if "owner_identifier" in layout.fields:
            self.present.add("owner_id")
        self.rows = self.inserted = self.updated = self.unchanged = 0
        self.problems: list[RowProblem] = []
        self.warnings: list[RowProblem] = []
        self.bad: list[tuple[int, Sequence[Any]]] = []
        self.known_procedures: set[str] | None = None

    def run(self, body: Iterator[tuple[int, Sequence[Any]]]) -> ImportResult:
        for numbered, chunk in self._read_ahead(body):
            self.rows += len(numbered)
            self._drop_repeats(chunk)
            with self.kho.begin() as tx:
                self._load(tx, chunk)
            self._keep_problems(chunk, numbered)
        report = None
        if self.problems or self.warnings:
            report = bad_rows.write(self.layout.headers, self.bad, self.problems, self.warnings)
        return ImportResult(
            rows=self.rows,
            inserted=self.inserted,
            updated=self.updated,
            unchanged=self.unchanged,
            bad_rows=tuple(self.problems),
            warnings=tuple(self.warnings),
            dry_run=self.dry_run,
            columns={field: self.layout.headers[at] for field, at in self.layout.fields.items()},
            unused_columns=self.layout.unused,
            report_xlsx=report,
        )

    def _read_ahead(self, body: Iterator[_Numbered]) -> Iterator[tuple[list[_Numbered], Chunk]]:
        """Chunks in order; the next one is read while the records take in this one."""

        def read() -> tuple[list[_Numbered], Chunk]:
            with _no_garbage():
                numbered = list(itertools.islice(body, CHUNK))
                return numbered, self.reader.read(numbered)

        with ThreadPoolExecutor(1, "register") as pool:
            coming = pool.submit(read)
            while (ready := coming.result())[0]:
                coming = pool.submit(read)
                yield ready

    def _load(self, tx: Session, chunk: Chunk) -> None:
        if not self.dry_run:
            self._add_procedures(tx, chunk)
            self._link_owners(tx, chunk)
        else:
            self._forget_new_procedures(tx, chunk)
        loaded = load_chunk(tx, chunk.rows, self.present, self.rules, allowed=self.allowed, dry_run=self.dry_run)
        self.inserted += loaded.inserted
        self.updated += loaded.updated
        self.unchanged += loaded.unchanged
        for place in loaded.refused:
            number = chunk.numbers[place]
            chunk.bad_numbers.add(number)
            header = self.layout.header_of("code")
            chunk.problems.append(problem(number, "code", header, chunk.rows[place][0], Fault.OTHER_UNIT))

    def _link_owners(self, tx: Session, chunk: Chunk) -> None:
        if self.keys is not None and chunk.owners:
            at = STAGED.index("owner_id")
            for place, owner_id in owners.link(tx, self.keys, chunk.owners).items():
                row = chunk.rows[place]
                chunk.rows[place] = (*row[:at], owner_id, *row[at + 1 :])

    def _add_procedures(self, tx: Session, chunk: Chunk) -> None:
        """A procedure the list does not have is added with defaults, so that its dossiers are not lost."""
        for code in self._new_procedures(tx, chunk):
            tx.add(
                ProcedureRow(
                    code=code,
                    name=chunk.procedure_names[code] or code,
                    needs_result_paper=True,
                    for_citizens=True,
                    has_fee=False,
                    online=False,
                )
            )
            self._warn_new(chunk, code)
        tx.flush()

    def _forget_new_procedures(self, tx: Session, chunk: Chunk) -> None:
        for code in self._new_procedures(tx, chunk):
            self._warn_new(chunk, code)

    def _new_procedures(self, tx: Session, chunk: Chunk) -> list[str]:
        if self.known_procedures is None:
            self.known_procedures = set(tx.scalars(select(ProcedureRow.code)))
        new = [code for code in chunk.procedure_names if code not in self.known_procedures]
        self.known_procedures.update(new)
        return new

    def _warn_new(self, chunk: Chunk, code: str) -> None:
        at = STAGED.index("procedure")
        number = next(n for n, row in zip(chunk.numbers, chunk.rows, strict=True) if row[at] == code)
        header = self.layout.header_of("procedure")
        chunk.warnings.append(problem(number, "procedure", header, code, Fault.NEW_PROCEDURE))

    def _drop_repeats(self, chunk: Chunk) -> None:
        """Of rows with one code within a chunk the last counts (across chunks the later load does so by itself)."""
        last = {row[0]: place for place, row in enumerate(chunk.rows)}
        if len(last) == len(chunk.rows):
            return
        kept = set(last.values())
        for place, (number, row) in enumerate(zip(chunk.numbers, chunk.rows, strict=True)):
            if place not in kept:
                self.unchanged += 1
                header = self.layout.header_of("code")
                chunk.warnings.append(problem(number, "code", header, row[0], Fault.TWICE))
        places = sorted(kept)
        chunk.owners = {new: chunk.owners[old] for new, old in enumerate(places) if old in chunk.owners}
        chunk.rows = [chunk.rows[p] for p in places]
        chunk.numbers = [chunk.numbers[p] for p in places]

    def _keep_problems(self, chunk: Chunk, numbered: Iterable[tuple[int, Sequence[Any]]]) -> None:
        if chunk.bad_numbers:
            self.bad += [(n, row) for n, row in numbered if n in chunk.bad_numbers]
        room = KEPT_PROBLEMS - len(self.problems)
        self.problems += sorted(chunk.problems, key=lambda p: p.row)[: max(0, room)]
        self.warnings += chunk.warnings[: max(0, KEPT_PROBLEMS - len(self.warnings))]


def _reader(tx: Session, layout: Layout, actor: Actor, rules: Rules) -> tuple[RowReader, frozenset[str] | None]:
    units = Units.read(tx, rules)
    everything = units[actor.unit].level == "TINH"
    allowed = None if everything else units.allowed(actor)
    makers = converters(rules.register_)
    reader = RowReader(
        layout,
        {field: make() for field, make in makers.items()},
        units.spellings(),
        units.identifiers(),
        allowed,
        periods.vietnam_today(dt.datetime.now(dt.UTC)),
    )
    return reader, allowed


@contextlib.contextmanager
def _no_garbage() -> Iterator[None]:
    """A chunk's hundred thousands of cells all live until it is loaded: to look for garbage among them, again and again
    while they grow, would take half of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _filled(row: Sequence[Any]) -> bool:
    return any(row) or any(cell not in (None, "") for cell in row)  # a nought fills a cell, too
