"""The arithmetic: counts in, rates, points, ranks and what is missing out. Pure, exact, no rounding before display.

Rates and points are fractions; a rate whose denominator is zero is ``None`` (N/A), never zero. DOMAIN §6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TypeVar

from services.coverage.config import Profile, Profiles

SYNC_MAX = 6  # indicator 1.4 of group 1: hồ sơ đồng bộ

# Which counter grows which indicator's numerator when every dossier that fails the check is mended.
# "4.3p" is 4.3 under a profile that looks at the digitized flag.
GAINS: Mapping[str, Mapping[str, str]] = {
    "C1": {"4.1": "c1", "4.2": "c1_42"},
    "C2": {"4.2": "c2_42", "4.3p": "c2"},
    "C2b": {"4.2": "c2b_42", "4.3": "c2b_43", "4.3p": "c2b_43p"},
    "C3": {"4.5b": "c3_45b"},
    "C4": {"4.1": "c4_41", "4.2": "c4_42"},
    "C5": {"4.3": "c5", "4.3p": "c5_43p", "4.4": "c5_44"},
    "C6": {"1.4": "c6"},
    "C7": {"4.4": "c7_44"},
}
CHECK_CODES = tuple(GAINS)
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted for a unit (or a sum of units) in a period.

    ``counts``: "received" and the flags of ``tables.FLAGS``. The sets hold codes of procedures that had dossiers:
    those whose subject is người dân, of them those connected to population data, those that may be filed online, of
    them those that were.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    citizen: frozenset[str] = _NONE
    connected: frozenset[str] = _NONE
    can_online: frozenset[str] = _NONE
    online: frozenset[str] = _NONE

    def __getitem__(self, name: str) -> int:
        return self.counts.get(name, 0)

    def __add__(self, other: Figures) -> Figures:
        names = self.counts.keys() | other.counts.keys()
        return Figures(
            {name: self[name] + other[name] for name in names},
            self.citizen | other.citizen,
            self.connected | other.connected,
            self.can_online | other.can_online,
            self.online | other.online,
        )


def summed(of: Collection[Figures]) -> Figures:
    """All of them together."""
    counts: Counter[str] = Counter()
    for f in of:
        counts.update(f.counts)
    sets = (_NONE.union(*(getattr(f, name) for f in of)) for name in ("citizen", "connected", "can_online", "online"))
    return Figures(counts, *sets)


@dataclass(frozen=True, slots=True)
class Rate:
    """``num`` of ``den``."""

    num: int
    den: int

    @property
    def value(self) -> Fraction | None:
        return Fraction(self.num, self.den) if self.den else None

    def reaches(self, percent: int) -> bool | None:
        """Whether it is at least ``percent``, by whole numbers; ``None`` for N/A."""
        return self.num * 100 >= percent * self.den if self.den else None

    def missing(self, percent: int) -> int:
        """How many more of the denominator must be added to the numerator to reach ``percent``."""
        return max(0, -(-percent * self.den // 100) - self.num)

    @property
    def percent(self) -> Decimal | None:
        return as_percent(self.value)


@dataclass(frozen=True, slots=True)
class Score:
    """One indicator: its rate and its points out of ``max`` (``None`` for N/A)."""

    id: str
    name: str
    rate: Rate
    max: int
    points: Fraction | None


def digitization(f: Figures) -> Rate:
    """Tỷ lệ số hóa, the headline: indicator 4.2."""
    return Rate(f["i42"], f["received"])


def components(f: Figures) -> Rate:
    """Dossiers with at least one component file, of all received."""
    return Rate(f["has_component"], f["received"])


def results(f: Figures) -> Rate:
    """Resolved dossiers with a result file, of the resolved ones whose procedure gives a result paper."""
    return Rate(f["resolved_has"], f["resolved_needs"])


def sync(f: Figures) -> Rate:
    return Rate(f["synced"], f["received"])


def online_procedures(f: Figures) -> Rate:
    """Procedures filed online at least once, of those that may be and had dossiers."""
    return Rate(len(f.online), len(f.can_online))


def online_dossiers(f: Figures) -> Rate:
    return Rate(f["online"], f["can_online"])


def online_payment(f: Figures) -> Rate:
    """Online dossiers with a fee that were paid online, of the online dossiers with a fee."""
    return Rate(f["fee_paid"], f["fee_online"])


def indicator_rates(f: Figures, profile: Profile) -> dict[str, Rate]:
    """Numerators and denominators of 4.1–4.5 (DOMAIN §6.2)."""
    received = f["received"]
    reused = f["reused"] if profile.numerator_43 == "reused" else f["has_component"]
    return {
        "4.1": Rate(f["i41"], f["needs_result"]),
        "4.2": Rate(f["i42"], received),
        "4.3": Rate(reused, received),
        "4.4": Rate(f["i44"], received),
        "4.5a": Rate(len(f.connected), len(f.citizen)),
        "4.5b": Rate(f["i45b"], received),
    }


def points_of(rate: Rate, most: int, cap_percent: int = 100) -> Fraction | None:
    """``most`` × min(1, rate ÷ cap)."""
    if not rate.den:
        return None
    whole = cap_percent * rate.den
    return Fraction(most * min(whole, 100 * rate.num), whole)


def scores(f: Figures, profiles: Profiles, profile: Profile) -> tuple[Score, ...]:
    rates = indicator_rates(f, profile)
    return tuple(
        Score(id_, item.name, rates[id_], item.max, points_of(rates[id_], item.max, profile.cap_percent.get(id_, 100)))
        for id_, item in profiles.indicators.items()
    )


def total(of: Sequence[Score]) -> Fraction | None:
    """Points of the group; N/A when nothing can be measured. An item that is N/A adds nothing."""
    known = [s.points for s in of if s.points is not None]
    return sum(known, Fraction(0)) if known else None


def gain_counters(check: str, profile: Profile) -> dict[str, str]:
    """Indicator → the counter that its numerator gains by mending ``check``, under ``profile``."""
    gains = dict(GAINS[check])
    as_digitized = gains.pop("4.3p", None)
    if profile.numerator_43 == "digitized":
        gains.pop("4.3", None)
        if as_digitized:
            gains["4.3"] = as_digitized
    return gains


def gain(
    f: Figures,
    check: str,
    profiles: Profiles,
    profile: Profile,
    *,
    only: Mapping[str, int] | None = None,
    rates: Mapping[str, Rate] | None = None,
) -> Fraction:
    """Points that mending every dossier failing ``check`` would add (indicator 1.4 for C6, else within the 22).

    ``only`` replaces the counters, to ask for a single dossier: {counter: 1}. ``rates``: ``indicator_rates`` of ``f``,
    for who asks for many checks.
    """
    added = Fraction(0)
    for id_, counter in gain_counters(check, profile).items():
        more = only.get(counter, 0) if only is not None else f[counter]
        if not more:
            continue
        rates = rates or indicator_rates(f, profile)
        rate, cap = sync(f) if id_ == "1.4" else rates[id_], profile.cap_percent.get(id_, 100)
        if rate.den:
            whole = cap * rate.den
            grown = min(whole, 100 * (rate.num + more)) - min(whole, 100 * rate.num)
            added += Fraction((SYNC_MAX if id_ == "1.4" else profiles.indicators[id_].max) * grown, whole)
    return added


_Key = TypeVar("_Key", bound=Hashable)


def ranks(of: Mapping[_Key, Fraction | None]) -> dict[_Key, int | None]:
    """Rank by value, highest first; equal values share a rank and the next one is skipped; N/A has none."""
    ordered = sorted((v for v in of.values() if v is not None), reverse=True)
    first: dict[Fraction, int] = {}
    for place, value in enumerate(ordered, start=1):
        first.setdefault(value, place)
    return {key: None if value is None else first[value] for key, value in of.items()}


def as_percent(value: Fraction | None) -> Decimal | None:
    """Per cent with two decimals, halves up: for display only."""
    return None if value is None else two_decimals(value * 100)


def two_decimals(value: Fraction) -> Decimal:
    sign = -1 if value < 0 else 1
    hundredths = (abs(value) * 100 + Fraction(1, 2)).__floor__()
    return (Decimal(sign * hundredths) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
