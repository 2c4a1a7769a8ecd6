"""Which column is which: guesses Vietnamese headers, accents or not, and finds the header row under a title."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.coverage.config import RegisterSpec
from services.coverage.register.problems import NotARegister
from services.vietnamese import fold, fold_tone_placement

SEARCHED_ROWS = 30
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_OTHER = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Layout:
    """``fields``: field → column position from 0. ``headers``: the header cells as the file has them."""

    header_row: int
    headers: tuple[str, ...]
    fields: Mapping[str, int]

    @property
    def unused(self) -> tuple[str, ...]:
        used = set(self.fields.values())
        return tuple(h for i, h in enumerate(self.headers) if h and i not in used)

    def header_of(self, field: str) -> str:
        return self.headers[self.fields[field]] if field in self.fields else field


def fold_header(text: object) -> str:
    """``Mã  Số Hồ-Sơ (*)`` and ``ma so ho so`` and ``MaSoHoSo`` compare equal."""
    plain = fold(fold_tone_placement(str(text)))
    return _OTHER.sub("", _BRACKETS.sub(" ", plain))


def find_layout(
    first_rows: Sequence[Sequence[Any]],
    spec: RegisterSpec,
    mapping: Mapping[str, str] | None = None,
    *,
    least: int = 2,
) -> Layout:
    """The layout of a register from its first rows: the row with the most known headers, ``least`` at least, the
    dossier code among them. ``mapping`` (field → header) overrides the guesses.

    Raises ``NotARegister`` when no row has a dossier-code column.
    """
    names: dict[str, str] = {}
    for field, spellings in spec.columns.items():
        for spelling in (field, *spellings):
            names.setdefault(fold_header(spelling), field)
    for field, header in (mapping or {}).items():
        names[fold_header(header)] = field
    best: Layout | None = None
    for number, row in enumerate(first_rows[:SEARCHED_ROWS], start=1):
        fields: dict[str, int] = {}
        for position, cell in enumerate(row):
            found = names.get(fold_header(cell)) if isinstance(cell, str) and cell.strip() else None
            if found is not None:
                fields.setdefault(found, position)
        if "code" in fields and (best is None or len(fields) > len(best.fields)):
            best = Layout(number, tuple(str(cell).strip() for cell in row), fields)
    if best is None or len(best.fields) < least:
        raise NotARegister("no header row")
    return best
