"""A chunk of spreadsheet rows to dossier values: column by column, then each row judged."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.coverage.dossier_codes import DossierCode, parse_code
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
_NEVER_NULL = ("declared_components", "declared_results")


@dataclass(slots=True)
class Chunk:
    """``rows``: values in the order of ``STAGED``. ``owners``: row position → (kind, name, identifier)."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
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
        chunk, cells = Chunk(), _Cells(self.layout, [row for _number, row in numbered])
        columns = {
            name: list(map(convert.__getitem__, cells[name]))
            for name, convert in self.converters.items()
            if name in self.layout.fields
        }
        codes = [parse_code(str(cell)) if cell not in (None, "") else None for cell in cells["code"]]
        units: list[Any] = list(map(self._units.__getitem__, cells["unit"]))
        statuses = columns.get("status") or [None] * len(numbered)
        faulty: set[int] = set()

        def fault(at: int, name: str, value: Any, what: Fault) -> None:
            faulty.add(at)
            number = numbered[at][0]
            chunk.bad_numbers.add(number)
            chunk.problems.append(problem(number, name, self.layout.header_of(name), value, what))

        for name, values in columns.items():
            if self.converters[name].bad:
                for at, value in enumerate(values):
                    if isinstance(value, Bad):
                        fault(at, name, cells[name][at], value.fault)
        for at, (code, unit, status) in enumerate(zip(codes, units, statuses, strict=True)):
            if code is None:
                cell = cells["code"][at]
                fault(at, "code", cell, Fault.MISSING_CODE if cell in (None, "") else Fault.BAD_CODE)
            elif unit is None:
                unit = units[at] = self._units_by_identifier.get(code.unit, Bad(Fault.MISSING_UNIT))
            if isinstance(unit, Bad):
                fault(at, "unit", cells["unit"][at], unit.fault)
            if status is None:
                fault(at, "status", None, Fault.MISSING_STATUS)
        self._take(chunk, numbered, cells, columns, codes, units, faulty)
        return chunk

    def _take(
        self,
        chunk: Chunk,
        numbered: Sequence[tuple[int, Sequence[Any]]],
        cells: _Cells,
        columns: Mapping[str, list[Any]],
        codes: Sequence[DossierCode | None],
        units: Sequence[Any],
        faulty: set[int],
    ) -> None:
        """Puts the rows without a fault into the chunk, with what a person should look at all the same."""
        kept = [at not in faulty for at in range(len(numbered))]

        def good(values: Iterable[Any]) -> list[Any]:
            return list(itertools.compress(values, kept)) if faulty else list(values)

        chunk.numbers = good(number for number, _row in numbered)
        good_codes, good_units = good(codes), good(units)
        count = len(chunk.numbers)
        ready = {}
        for name in STAGED[2:]:
            values = good(columns[name]) if name in columns else [None] * count
            ready[name] = [value or 0 for value in values] if name in _NEVER_NULL else values
        chunk.rows = list(zip([code.code for code in good_codes], good_units, *ready.values(), strict=True))
        names = good(columns["procedure_name"]) if "procedure_name" in columns else [None] * count
        for procedure in dict.fromkeys(ready["procedure"]):
            if procedure is not None:
                chunk.procedure_names[procedure] = names[ready["procedure"].index(procedure)]
        if "owner_identifier" in self.layout.fields:
            identifiers, owner_names = good(cells["owner_identifier"]), good(cells["owner_name"])
            _owners(chunk, ready["owner_kind"], owner_names, identifiers)
        for number, code, unit, received, finished in zip(
            chunk.numbers, good_codes, good_units, ready["received_on"], ready["finished_on"], strict=True
        ):
            if (
                received is None
                or received != code.day
                or received > self.today
                or (finished is not None and finished < received)
                or self._identifiers.get(unit, code.unit) != code.unit
            ):
                self._doubts(chunk, number, code.day, code.unit, unit, received, finished)

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

    @staticmethod
    def _unit(cell: Any, unit_of: Mapping[str, str], allowed: frozenset[str] | None) -> Any:
        text = f"{cell:.0f}" if isinstance(cell, float) else str(cell)
        code = unit_of.get(fold_unit(text))
        if code is None:
            return Bad(Fault.UNKNOWN_UNIT)
        return code if allowed is None or code in allowed else Bad(Fault.OTHER_UNIT)


class _Cells:
    """The cells of a chunk by field; ``None`` where the file has no such column, or the row is too short for it."""

    def __init__(self, layout: Layout, rows: Sequence[Sequence[Any]]) -> None:
        self._fields, self._columns = layout.fields, list(itertools.zip_longest(*rows))
        self._blank = (None,) * len(rows)

    def __getitem__(self, field: str) -> Sequence[Any]:
        at = self._fields.get(field)
        return self._blank if at is None or at >= len(self._columns) else self._columns[at]


def _owners(chunk: Chunk, kinds: Sequence[Any], names: Sequence[Any], identifiers: Sequence[Any]) -> None:
    for place, (kind, name, identifier) in enumerate(zip(kinds, names, identifiers, strict=True)):
        if identifier not in (None, ""):
            number = f"{identifier:.0f}" if isinstance(identifier, float) else str(identifier).strip()
            chunk.owners[place] = (kind, str(name or "").strip(), number)
