"""A chunk of spreadsheet rows to dossier values: column by column, then each row judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.coverage.dossier_codes import parse_code
from services.coverage.register.cells import Converter
from services.coverage.register.columns import Layout
from services.coverage.register.problems import Bad, Fault, RowProblem, problem
from services.coverage.units import fold_unit

# The dossier columns a register fills, in the order they are staged.
STAGED = (
    "code",
    "unit",
    "procedure",
    "status",
    "channel",
    "submitted_on",
    "received_on",
    "due_on",
    "finished_on",
    "owner_kind",
    "owner_id",
    "vneid_verified",
    "population_checked",
    "synced",
    "paid_online",
    "declared_components",
    "declared_results",
    "declared_complete",
    "declared_refusal",
    "declared_reused",
    "declared_from_store",
    "declared_result_signed",
)
_DEFAULTS = {"declared_components": 0, "declared_results": 0}


@dataclass(slots=True)
class Chunk:
    """``rows``: values in the order of ``STAGED``. ``owners``: row position → (kind, name, identifier)."""

    rows: list[list[Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    bad_numbers: set[int] = field(default_factory=set)
    owners: dict[int, tuple[str | None, str, str]] = field(default_factory=dict)
    procedure_names: dict[str, str | None] = field(default_factory=dict)


class RowReader:
    """Converts chunks of rows of one file. ``unit_of``: folded spelling → unit code; ``identifiers``: unit code →
    H19.x; ``allowed``: unit codes the importer may write, ``None`` for all.
    """

    def __init__(
        self,
        layout: Layout,
        converters: Mapping[str, Converter],
        unit_of: Mapping[str, str],
        identifiers: Mapping[str, str],
        allowed: frozenset[str] | None,
        today: dt.date,
    ) -> None:
        self.layout, self.converters, self.today = layout, converters, today
        self._units = Converter(lambda cell: self._unit(cell, unit_of, allowed))
        self._units_by_identifier = {i: u for u, i in identifiers.items() if allowed is None or u in allowed}
        self._identifiers = identifiers

    def read(self, numbered: Sequence[tuple[int, Sequence[Any]]]) -> Chunk:
        chunk = Chunk()
        columns = {name: self._column(name, numbered) for name in self.converters if name in self.layout.fields}
        units = self._unit_column(numbered)
        codes = self._cells("code", numbered)
        faulty: set[int] = set()
        for name, values in columns.items():
            if self.converters[name].bad:
                cells = self._cells(name, numbered)
                for i, value in enumerate(values):
                    if isinstance(value, Bad):
                        self._fault(chunk, faulty, i, numbered[i][0], name, cells[i], value.fault)
        names = columns.get("procedure_name")
        blank: list[Any] = [None] * len(numbered)
        ready = [
            columns.get(name, [_DEFAULTS[name]] * len(numbered) if name in _DEFAULTS else blank) for name in STAGED[2:]
        ]
        statuses, received, finished = (ready[STAGED.index(n) - 2] for n in ("status", "received_on", "finished_on"))
        for i, (number, _row) in enumerate(numbered):
            code = parse_code(str(codes[i])) if codes[i] not in (None, "") else None
            if code is None:
                fault = Fault.MISSING_CODE if codes[i] in (None, "") else Fault.BAD_CODE
                self._fault(chunk, faulty, i, number, "code", codes[i], fault)
            unit = units[i]
            if unit is None and code is not None:
                unit = self._units_by_identifier.get(code.unit, Bad(Fault.MISSING_UNIT))
            if isinstance(unit, Bad):
                self._fault(chunk, faulty, i, number, "unit", self._cell("unit", numbered[i][1]), unit.fault)
            if statuses[i] is None:
                self._fault(chunk, faulty, i, number, "status", None, Fault.MISSING_STATUS)
            if i in faulty or code is None:
                continue
            values = [code.code, unit, *(column[i] for column in ready)]
            for name in _DEFAULTS:
                position = STAGED.index(name)
                values[position] = values[position] or 0
            self._doubts(chunk, number, code.day, code.unit, unit, received[i], finished[i])
            procedure = values[2]
            if procedure is not None and procedure not in chunk.procedure_names:
                chunk.procedure_names[procedure] = names[i] if names is not None else None
            chunk.rows.append(values)
            chunk.numbers.append(number)
        self._owners(chunk, numbered, faulty)
        return chunk

    def _doubts(
        self,
        chunk: Chunk,
        number: int,
        code_day: dt.date | None,
        code_unit: str,
        unit: str,
        received: dt.date | None,
        finished: dt.date | None,
    ) -> None:
        """What does not keep the row out, but a person should look at."""

        def warn(name: str, value: Any, fault: Fault) -> None:
            chunk.warnings.append(problem(number, name, self.layout.header_of(name), value, fault))

        if code_day is None:
            warn("code", None, Fault.NOT_A_DAY_IN_CODE)
        elif received is not None and received != code_day:
            warn("received_on", received, Fault.DATE_MISMATCH)
        if received is None:
            warn("received_on", None, Fault.NOT_COUNTED)
        elif received > self.today:
            warn("received_on", received, Fault.FUTURE)
        if finished is not None and received is not None and finished < received:
            warn("finished_on", finished, Fault.DATES_OUT_OF_ORDER)
        known = self._identifiers.get(unit)
        if known is not None and code_unit != known and code_unit in self._units_by_identifier:
            warn("code", code_unit, Fault.UNIT_NOT_IN_CODE)

    def _owners(self, chunk: Chunk, numbered: Sequence[tuple[int, Sequence[Any]]], faulty: set[int]) -> None:
        if "owner_identifier" not in self.layout.fields:
            return
        kept = [row for i, (_number, row) in enumerate(numbered) if i not in faulty]
        kind = STAGED.index("owner_kind")
        for position, row in enumerate(kept):
            identifier = self._cell("owner_identifier", row)
            if isinstance(identifier, float):
                identifier = f"{identifier:.0f}"
            if identifier not in (None, ""):
                name = self._cell("owner_name", row) or ""
                chunk.owners[position] = (chunk.rows[position][kind], str(name).strip(), str(identifier).strip())

    def _fault(
        self, chunk: Chunk, faulty: set[int], position: int, number: int, name: str, value: Any, fault: Fault
    ) -> None:
        faulty.add(position)
        chunk.bad_numbers.add(number)
        chunk.problems.append(problem(number, name, self.layout.header_of(name), value, fault))

    def _column(self, name: str, numbered: Sequence[tuple[int, Sequence[Any]]]) -> list[Any]:
        convert = self.converters[name]
        return [convert[cell] for cell in self._cells(name, numbered)]

    def _unit_column(self, numbered: Sequence[tuple[int, Sequence[Any]]]) -> list[Any]:
        if "unit" not in self.layout.fields:
            return [None] * len(numbered)
        return [self._units[cell] for cell in self._cells("unit", numbered)]

    def _cells(self, name: str, numbered: Sequence[tuple[int, Sequence[Any]]]) -> list[Any]:
        position = self.layout.fields[name]
        return [row[position] if position < len(row) else None for _number, row in numbered]

    def _cell(self, name: str, row: Sequence[Any]) -> Any:
        position = self.layout.fields.get(name)
        return None if position is None or position >= len(row) else row[position]

    @staticmethod
    def _unit(cell: Any, unit_of: Mapping[str, str], allowed: frozenset[str] | None) -> Any:
        text = f"{cell:.0f}" if isinstance(cell, float) else str(cell)
        code = unit_of.get(fold_unit(text))
        if code is None:
            return Bad(Fault.UNKNOWN_UNIT)
        return code if allowed is None or code in allowed else Bad(Fault.OTHER_UNIT)
