"""Dossier codes (mã số hồ sơ) in their three forms. NĐ 61/2018 Điều 26, TT 01/2018/TT-VPCP Điều 19; DOMAIN §4.1–4.2."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import NamedTuple

from services.errors import InputError

_LEGACY = r"(?P<legacy>\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2})-(?P<ymd6>\d{6})-(?P<seq4>\d{4,})"
_SHORT = r"(?P<short>[A-Z]\d{2}(?:\.\d{1,3}){0,4})-(?P<ymd>\d{6}|\d{8})-(?P<seq>\d{4,7})"
_CODE = re.compile(f"{_LEGACY}|{_SHORT}")
_DASHES = str.maketrans("–—−‐‑", "-----", " \t\u00a0")


class BadDossierCode(InputError):
    code = "bad-dossier-code"
    vi = "Mã hồ sơ không đúng dạng; ví dụ đúng: H19.12-250725-0001 hoặc 000.00.00.H19-250725-0001."
    en = "Not a dossier code; for example H19.12-250725-0001 or 000.00.00.H19-250725-0001."


class DossierCode(NamedTuple):
    """``code`` as it is kept; ``unit`` the identifier in it (H19.12); ``day`` null when its digits are no real date."""

    code: str
    unit: str
    day: dt.date | None


def parse_code(text: str) -> DossierCode | None:
    """Reads a dossier code, forgiving spaces, lower case and typographic dashes; ``None`` when it is none."""
    code = text.translate(_DASHES).upper()
    found = _CODE.fullmatch(code)
    if found is None:
        return None
    if (legacy := found["legacy"]) is not None:
        return DossierCode(code, legacy, _day(found["ymd6"]))
    return DossierCode(code, found["short"], _day(found["ymd"]))


@lru_cache(maxsize=4096)  # a register repeats its days
def _day(digits: str) -> dt.date | None:
    try:
        if len(digits) == 6:
            return dt.date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
