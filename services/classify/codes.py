"""Numbers and dates as printed on papers: what is well formed, what a reader's slip still allows, what contradicts.

Grammar of DOMAIN §4.2 and §8. Nothing here repairs a number silently: a value is accepted, or refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.vietnamese import strip_marks

DOSSIER = re.compile(
    r"(?<![\w.])((?:\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}-\d{6}-\d{4,})|(?:[A-Z]\d{2}(?:\.\d{1,3}){0,4}-(?:\d{8}|\d{6})-\d{4,7}))(?!\d)"
)
NAMED = re.compile(
    r"(?<![\w])(\d{1,5}[a-z]?)\s*/\s*((?:\d{4}\s*/\s*)?(?:NQLT|NQ|QĐ|CT|QC|QyĐ|TC|TB|HD|CTr|KH|PA|ĐA|DA|BC|BB|TTr|HĐ|CĐ|BGN|BTT|GUQ|GM|GGT|GNP|PG|PC|PB|SY|TrS|SL|NĐ|TTLT|TT|GP|GPXD|XN|CN|L)"
    r"[-–][^\s/,;:()]+)"
)
LETTER = re.compile(r"(?<![\w])(\d{1,5})\s*/\s*([^\s/\-–,;:()]+[-–][^\s/,;()]+)")
HOTICH = re.compile(r"(?<![\w/])(\d{1,5}/(?:19|20)\d{2}(?:-[A-Z]{2,6})?)(?![\w/])")
GCN_SERIAL = re.compile(r"(?<![A-Za-zÀ-ỹ])([A-ZĐ]{1,2})\s?(\d{6,8})(?!\d)")
_LONG_DATE = re.compile(
    r"ng[a-z]{0,2}y[\s.,:^ˆ'~—-]*(\d{1,2})[\s.,:/^ˆ'~—-]*t[a-z]{2,4}g[\s.,:^ˆ'~—-]*(\d{1,2})[\s.,:/^ˆ'~—-]*"
    r"n[a-z]{1,2}m?[\s.,:^ˆ'~—-]*((?:19|20)\d{2})(?!\d)"
)
_SHORT_DATE = re.compile(r"(?<![\d/])([0-3]?\d)\s?[/.\-]\s?([01]?\d)\s?[/.\-]\s?((?:19|20)\d{2})(?!\d)")
_DIGITS = re.compile(r"(?<!\d)\d(?:[\s.]?\d){8,12}(?!\d)")
_PIECE, _LAST_PIECE = re.compile(r"[\s.]"), re.compile(r"[\s.]\d+$")

_MST_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


@dataclass(frozen=True, slots=True)
class DateFound:
    """A date in a text and where: characters ``start``..``end``."""

    value: date
    start: int
    end: int

    @property
    def iso(self) -> str:
        return self.value.isoformat()


def dates_in(text: str) -> list[DateFound]:
    """Every real date in the text, in order; impossible days are left out."""
    bare = strip_marks(text).lower()
    found = []
    for pattern in (_LONG_DATE, _SHORT_DATE):
        for match in pattern.finditer(bare):
            day, month, year = (int(part) for part in match.groups())
            try:
                found.append(DateFound(date(year, month, day), match.start(), match.end()))
            except ValueError:
                continue
    return sorted(found, key=lambda one: one.start)


def valid_cccd(number: str) -> bool:
    """Twelve digits whose province, century and sex parts exist (NĐ 137/2015)."""
    return bool(re.fullmatch(r"0(?:0[1-9]|[1-8]\d|9[0-6])[0-3]\d{8}", number))


def cccd_sex(number: str) -> Literal["Nam", "Nữ"]:
    return "Nam" if int(number[3]) % 2 == 0 else "Nữ"


def cccd_birth_year(number: str) -> int:
    return 1900 + 100 * (int(number[3]) // 2) + int(number[4:6])


def valid_mst(number: str) -> bool:
    """Ten digits with the right check digit, or with a branch number of three behind a dash."""
    match = re.fullmatch(r"(\d{10})(?:-?\d{3})?", number)
    if not match:
        return False
    digits = [int(c) for c in match.group(1)]
    check = 10 - sum(w * d for w, d in zip(_MST_WEIGHTS, digits, strict=False)) % 11
    return check != 10 and check == digits[9]


IdKind = Literal["cccd", "mst", "cmnd", "bhxh", "bad"]


def kind_of_id(number: str) -> IdKind:
    """What number this is; ``bad`` where no kind fits."""
    if valid_cccd(number):
        return "cccd"
    if re.fullmatch(r"\d{10}(?:-\d{3})?", number):
        return "mst" if valid_mst(number) else "bhxh" if re.fullmatch(r"\d{10}", number) else "bad"
    return "cmnd" if re.fullmatch(r"\d{9}", number) else "bad"


def ids_in(text: str) -> list[tuple[str, int, int]]:
    """Runs of 9, 10, 12 or 13 digits (single spaces or dots inside allowed): number and place.

    A piece too many before or behind them is another's: the next item's number ("… 075068003915 2. Thông tin …").
    """
    found = []
    for match in re.finditer(r"(?<![\d/])\d{10}-\d{3}(?!\d)", text):
        found.append((match.group(), match.start(), match.end()))
    taken = [(start, end) for _, start, end in found]
    for match in _DIGITS.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        said = match.group()
        first, last = _PIECE.search(said), _LAST_PIECE.search(said)
        for start, end in ((0, len(said)), (0, last.start() if last else 0), (first.end() if first else 0, len(said))):
            number = re.sub(r"\D", "", said[start:end])
            if len(number) in (9, 10, 12):
                found.append((number, match.start() + start, match.start() + end))
                break
    return sorted(found, key=lambda one: one[1])


def parse_cccd_qr(text: str) -> dict[str, str] | None:
    """The parts of a card's QR code (DOMAIN §8.2), dates ISO, or None where it is not one."""
    parts = text.strip().split("|")
    if len(parts) < 7 or not valid_cccd(parts[0]) or parts[4] not in ("Nam", "Nữ"):
        return None
    born, issued = _ddmmyyyy(parts[3]), _ddmmyyyy(parts[6])
    if born is None:
        return None
    found = {"id": parts[0], "cmnd": parts[1], "name": parts[2], "dob": born, "sex": parts[4], "address": parts[5]}
    if issued:
        found["issued"] = issued
    return found


def _ddmmyyyy(text: str) -> str | None:
    if not re.fullmatch(r"\d{8}", text):
        return None
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2])).isoformat()
    except ValueError:
        return None


def _mrz_check(text: str) -> str:
    weights = (7, 3, 1)
    total = 0
    for index, letter in enumerate(text):
        value = 0 if letter == "<" else int(letter) if letter.isdigit() else ord(letter) - 55
        total += value * weights[index % 3]
    return str(total % 10)


def parse_mrz(lines: list[str]) -> dict[str, str] | None:
    """TD1 (card) or TD3 (passport) lines → id, birth, sex, expiry, name without marks. None where check digits fail."""
    clean = [re.sub(r"[^A-Z0-9<]", "", line.upper().replace("«", "<<").replace("‹", "<")) for line in lines]
    for index, line in enumerate(clean):
        if line.startswith("IDVNM") and len(line) >= 28 and index + 1 < len(clean) and len(clean[index + 1]) >= 18:
            return _td1(line, clean[index + 1], clean[index + 2] if index + 2 < len(clean) else "")
        if re.match(r"P.?VNM", line) and index + 1 < len(clean) and len(clean[index + 1]) >= 28:
            return _td3(line, clean[index + 1])
    return None


def _mrz_date(text: str, *, future: bool) -> str | None:
    if not text.isdigit():
        return None
    year = int(text[:2])
    full = 2000 + year if future or year <= date.today().year % 100 else 1900 + year
    try:
        return date(full, int(text[2:4]), int(text[4:])).isoformat()
    except ValueError:
        return None


def _td1(first: str, second: str, third: str) -> dict[str, str] | None:
    born, sex, expires = second[:6], second[7], second[8:14]
    if _mrz_check(born) != second[6]:
        return None
    number = first[15:27]
    if not valid_cccd(number):
        return None
    found = {"id": number, "sex": "Nam" if sex == "M" else "Nữ"}
    if (dob := _mrz_date(born, future=False)) is not None:
        found["dob"] = dob
    if _mrz_check(expires) == second[14] and (until := _mrz_date(expires, future=True)) is not None:
        found["expires"] = until
    if third:
        found["name"] = " ".join(third.replace("<", " ").split())
    return found


def _td3(first: str, second: str) -> dict[str, str] | None:
    number, born, expires = second[:9], second[13:19], second[21:27]
    if _mrz_check(number) != second[9] or _mrz_check(born) != second[19]:
        return None
    found = {"number": number.replace("<", ""), "sex": "Nam" if second[20] == "M" else "Nữ"}
    if (dob := _mrz_date(born, future=False)) is not None:
        found["dob"] = dob
    if _mrz_check(expires) == second[27] and (until := _mrz_date(expires, future=True)) is not None:
        found["expires"] = until
    personal = re.sub(r"\D", "", second[28:42])
    if valid_cccd(personal):
        found["id"] = personal
    found["name"] = " ".join(first[5:].replace("<", " ").split())
    return found


_UNIT = r"(?:[A-Z]\d{2}(?:\.\d{1,3}){0,4}|\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2})"


def dossier_in(text: str) -> str | None:
    """The first dossier code in the text, with the spaces a reader puts around dashes and dots taken out."""
    tight = re.sub(r"\s*([.\-–])\s*", lambda m: "-" if m.group(1) in "-–" else ".", text)
    match = DOSSIER.search(tight)
    return match.group(1) if match and _real_day(match.group(1)) else None


def _real_day(code: str) -> bool:
    day = code.split("-")[1]
    year, rest = (int(day[:4]), day[4:]) if len(day) == 8 else (2000 + int(day[:2]), day[2:])
    try:
        date(year, int(rest[:2]), int(rest[2:]))
    except ValueError:
        return False
    return True
