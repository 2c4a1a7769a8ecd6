"""Places of Đồng Nai before and after 1 July 2025: three levels before, two after (DOMAIN §8.4)."""

from __future__ import annotations

import datetime as dt
import random
import tomllib
from dataclasses import dataclass
from pathlib import Path

TWO_LEVELS_FROM = dt.date(2025, 7, 1)

_DATA = tomllib.loads((Path(__file__).parent / "places.toml").read_text(encoding="utf-8"))
NEW_COMMUNES: tuple[str, ...] = tuple(_DATA["new"])
OLD_COMMUNES: tuple[tuple[str, str, str], ...] = tuple(tuple(c) for c in _DATA["old"])
OLD_PROVINCES: tuple[str, ...] = tuple(_DATA["provinces"])


@dataclass(frozen=True, slots=True)
class Place:
    """A commune of its day; ``huyen`` is empty after June 2025."""

    ten: str
    huyen: str
    tinh: str

    @property
    def full(self) -> str:
        return ", ".join(part for part in (self.ten, self.huyen, self.tinh) if part)

    @property
    def bare(self) -> str:
        """The name without "xã", "phường", "thị trấn"."""
        return self.ten.removeprefix("xã ").removeprefix("phường ").removeprefix("thị trấn ")


def home(rng: random.Random, on: dt.date) -> Place:
    """A commune as named on a day."""
    if on >= TWO_LEVELS_FROM:
        return Place(rng.choice(NEW_COMMUNES), "", "tỉnh Đồng Nai")
    return Place(*rng.choice(OLD_COMMUNES))
