"""Who reports: departments and communes, with the units that count for them (subordinate, merged, renamed)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.coverage.config import Rules, UnitSpec
from services.storage.errors import OtherUnit, UnknownUnit
from services.storage.model import Actor
from services.storage.records.tables import UnitRow
from services.vietnamese import fold, fold_tone_placement

REPORTING_LEVELS = ("SO_BAN_NGANH", "XA_PHUONG")


@dataclass(frozen=True, slots=True)
class Unit:
    code: str
    name: str
    level: str
    identifier: str | None
    parent: str | None
    successor: str | None


class Units:
    """All units as they are now. A dossier counts for ``home(unit)``: the successor of a merged unit, the parent of a
    subordinate one.
    """

    def __init__(self, units: Iterable[Unit], rules: Rules) -> None:
        self._by_code = {u.code: u for u in units}
        self._rules = rules
        self._home = {code: self._find_home(code) for code in self._by_code}

    @classmethod
    def read(cls, tx: Session, rules: Rules) -> Units:
        rows = tx.scalars(select(UnitRow).order_by(UnitRow.code))
        return cls(
            (Unit(r.code, r.name, r.level, r.identifier, r.parent, r.successor) for r in rows),
            rules,
        )

    def __getitem__(self, code: str) -> Unit:
        try:
            return self._by_code[code]
        except KeyError:
            raise UnknownUnit(code) from None

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def codes(self) -> list[str]:
        return list(self._by_code)

    @property
    def province(self) -> Unit:
        return next(u for u in self._by_code.values() if u.level == "TINH")

    def home(self, code: str) -> str:
        """The unit in whose row this unit's dossiers are counted."""
        return self._home[self[code].code]

    def reporting(self) -> list[Unit]:
        """The rows of a province table: departments, then communes, by code."""
        homes = [u for u in self._by_code.values() if u.level in REPORTING_LEVELS and self._home[u.code] == u.code]
        return sorted(homes, key=lambda u: (REPORTING_LEVELS.index(u.level), u.code))

    def counted_in(self, code: str) -> list[str]:
        """Codes of the units whose dossiers count for ``code``; for the province, all of them."""
        if self[code].level == "TINH":
            return self.codes()
        return [c for c, home in self._home.items() if home == code] or [code]

    def name_on(self, code: str, day: dt.date) -> str:
        """The unit's name on a day: the 2026 name from the configured day on."""
        since = self._rules.units.names_2026_from
        if since is not None and day >= since:
            later = self._specs().get(code)
            if later is not None and later.name_2026:
                return later.name_2026
        return self[code].name

    def allowed(self, actor: Actor) -> frozenset[str]:
        """Codes of the units whose dossiers ``actor`` may see: their own, or all for the province. Raises
        ``UnknownUnit``.
        """
        return frozenset(self.counted_in(actor.unit)) | {actor.unit}

    def require(self, actor: Actor | None, code: str) -> None:
        """Raises ``OtherUnit`` unless ``actor`` may see the dossiers of ``code`` (``None``: the service itself)."""
        if actor is not None and code not in self.allowed(actor):
            raise OtherUnit(f"{actor.name} of {actor.unit} asked for {code}")

    def spellings(self) -> dict[str, str]:
        """Every folded way to name a unit → its code. A spelling two units share names neither."""
        specs = self._specs()
        found: dict[str, set[str]] = {}
        for unit in self._by_code.values():
            spec = specs.get(unit.code)
            names = [unit.code, unit.name]
            names += [unit.identifier] if unit.identifier else []
            names += [n for n in (spec.name_2026, *spec.aliases) if n] if spec else []
            for name in names:
                for spelling in _ways_to_write(name, unit.level):
                    found.setdefault(spelling, set()).add(unit.code)
        return {spelling: codes.pop() for spelling, codes in found.items() if len(codes) == 1}

    def identifiers(self) -> dict[str, str]:
        """Unit code → identifier (H19.x.y), where one is configured."""
        return {u.code: u.identifier for u in self._by_code.values() if u.identifier and u.level != "TINH"}

    def _specs(self) -> dict[str, UnitSpec]:
        u = self._rules.units
        return {s.code: s for s in (u.province, *u.departments, *u.communes, *u.subordinates)}

    def _find_home(self, code: str) -> str:
        seen = {code}
        unit = self._by_code[code]
        while True:
            above = unit.successor or (unit.parent if unit.level == "DONVI_TRUCTHUOC" else None)
            if above is None or above in seen or above not in self._by_code:
                return unit.code
            seen.add(above)
            unit = self._by_code[above]


def fold_unit(name: str) -> str:
    """What two spellings of one unit's name share: no marks, no case, no punctuation, no "UBND"."""
    words = fold(fold_tone_placement(name).replace("&", " va ")).replace("uy ban nhan dan", "ubnd")
    kept = "".join(c if c.isalnum() or c == "." else " " for c in words).split()
    return " ".join(w.strip(".") for w in kept if w not in ("ubnd",))


def _ways_to_write(name: str, level: str) -> set[str]:
    """Xã Long Thành is also X. Long Thành and, where no other unit is called so, Long Thành."""
    folded = fold_unit(name)
    ways = {folded}
    if level == "XA_PHUONG":
        kind, _, rest = folded.partition(" ")
        if kind in ("xa", "phuong") and rest:
            ways |= {rest, f"{kind[0]} {rest}" if kind == "xa" else f"p {rest}"}
    return ways
