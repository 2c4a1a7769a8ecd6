"""Made-up people, companies and officers with well-formed numbers (DOMAIN §8). No real person is meant."""

from __future__ import annotations

import datetime as dt
import random
import tomllib
from dataclasses import dataclass
from pathlib import Path

from sample_docs.invented.places import OLD_PROVINCES, home

_NAMES = tomllib.loads((Path(__file__).parent / "names.toml").read_text(encoding="utf-8"))
_SURNAMES: list[str] = _NAMES["surnames"].split(" ")
_MEN_MIDDLE: list[str] = _NAMES["men_middle"].split(" ")
_WOMEN_MIDDLE: list[str] = _NAMES["women_middle"].split(" ")
_MEN: list[str] = _NAMES["men"].split(" ")
_WOMEN: list[str] = _NAMES["women"].split(" ")
_BRANDS: list[str] = _NAMES["brands"]
_TRADES: list[list[str]] = _NAMES["trades"]


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person; ``cccd`` follows DOMAIN §8.1, ``cmnd`` the nine-digit form."""

    ten: str
    nam: bool
    sinh: dt.date
    cccd: str
    cmnd: str
    cap: dt.date
    dc: str
    que: str
    noi_sinh: str
    dt_: str


@dataclass(frozen=True, slots=True)
class Company:
    """A made-up company or household business."""

    ten: str
    mst: str
    dc: str
    nganh: str
    ma_nganh: str
    kieu: str
    von: int


def full_name(rng: random.Random, man: bool) -> str:
    surname = rng.choice(_SURNAMES)
    middle = rng.choice(_MEN_MIDDLE if man else _WOMEN_MIDDLE)
    given = rng.choice(_MEN if man else _WOMEN)
    if rng.random() < 0.3:
        middle += " " + rng.choice([m for m in (_MEN if man else _WOMEN) if m != given])
    return f"{surname} {middle} {given}"


def cccd(rng: random.Random, man: bool, born: dt.date) -> str:
    province = rng.choice(["075"] * 6 + ["070"] * 3 + ["001", "036", "040", "079", "082", "096", "052"])
    century = 0 if born.year < 2000 else 2
    return f"{province}{century + (0 if man else 1)}{born.year % 100:02d}{rng.randrange(1_000_000):06d}"


def mst(rng: random.Random) -> str:
    """A ten-digit tax code with its check digit (DOMAIN §8.3)."""
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    while True:
        head = rng.choice(["36", "38", "03", "37"]) + f"{rng.randrange(10_000_000):07d}"
        check = 10 - sum(w * int(d) for w, d in zip(weights, head, strict=True)) % 11
        if 0 <= check <= 9:
            return f"{head}{check}"


def person(
    rng: random.Random,
    on: dt.date,
    *,
    man: bool | None = None,
    ages: tuple[int, int] = (20, 68),
    surname: str | None = None,
) -> Person:
    """A person as of a day; addresses have the levels of that day."""
    man = rng.random() < 0.5 if man is None else man
    days = rng.randint(ages[0] * 365 + 20, max(ages[0] * 365 + 40, ages[1] * 365))
    born = on - dt.timedelta(days=days)
    name = full_name(rng, man)
    if surname:
        name = f"{surname} {name.split(' ', 1)[1]}"
    at = home(rng, on)
    given = min(
        max(born + dt.timedelta(days=15 * 366), dt.date(2021, 3, 1) + dt.timedelta(days=rng.randrange(1400))), on
    )
    return Person(
        name,
        man,
        born,
        cccd(rng, man, born),
        f"27{rng.randrange(10_000_000):07d}",
        given,
        f"{street(rng)}, {at.full}",
        f"{rng.choice(OLD_PROVINCES)}",
        rng.choice(
            [
                f"Bệnh viện Đa khoa {rng.choice(['Đồng Nai', 'Thống Nhất', 'Long Khánh', 'Bình Phước'])}",
                f"Trung tâm Y tế {home(rng, on).ten}",
            ]
        ),
        f"0{rng.choice('389')}{rng.randrange(100_000_000):08d}",
    )


def street(rng: random.Random) -> str:
    """Number and street, hamlet or quarter."""
    kind = rng.randrange(4)
    if kind == 0:
        return f"Số {rng.randint(2, 480)}{rng.choice(['', '', 'A', '/12', '/5'])} đường {rng.choice(_NAMES['streets'])}"
    if kind == 1:
        return f"Tổ {rng.randint(1, 40)}, khu phố {rng.randint(1, 12)}{rng.choice(['', 'A', 'B'])}"
    if kind == 2:
        return f"{rng.randint(3, 310)}/{rng.randint(1, 9)}, ấp {rng.choice(_NAMES['hamlets'])}"
    return f"Thôn {rng.randint(1, 14)}"


def company(rng: random.Random, on: dt.date, *, household: bool = False) -> Company:
    trade, line, code = rng.choice(_TRADES)
    brand = rng.choice(_BRANDS)
    at = f"{street(rng)}, {home(rng, on).full}"
    if household:
        return Company(
            f"Hộ kinh doanh {brand}", mst(rng), at, line, code, "HKD", rng.choice([50, 100, 200, 300, 500]) * 1_000_000
        )
    kind = rng.choice(["TNHH", "TNHH", "TNHH Một thành viên", "Cổ phần"])
    von = rng.choice([1, 2, 3, 5, 9, 10, 20, 50]) * 1_000_000_000
    return Company(f"Công ty {kind} {trade} {brand}", mst(rng), at, line, code, kind, von)
