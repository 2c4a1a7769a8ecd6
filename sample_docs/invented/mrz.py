"""Machine-readable zones of made-up cards (ICAO 9303): TD1 on identity cards, TD3 in passports."""

from __future__ import annotations

import datetime as dt

from services.vietnamese import strip_marks

_WEIGHTS = (7, 3, 1)


def check_digit(text: str) -> str:
    """ICAO 9303 part 3: weights 7, 3, 1; letters count from A = 10, ``<`` is 0."""
    values = (0 if c == "<" else int(c, 36) for c in text)
    return str(sum(value * _WEIGHTS[i % 3] for i, value in enumerate(values)) % 10)


def td1(number: str, name: str, born: dt.date, expires: dt.date, *, man: bool) -> tuple[str, str, str]:
    """The three lines on the back of a card; the document number is the last nine digits of the twelve."""
    head = f"IDVNM{number[3:]}{check_digit(number[3:])}{number}<<{check_digit(number)}"
    birth, expiry = f"{born:%y%m%d}", f"{expires:%y%m%d}"
    middle = f"{birth}{check_digit(birth)}{'M' if man else 'F'}{expiry}{check_digit(expiry)}VNM" + "<" * 11
    whole = head[5:] + middle[:7] + middle[8:15] + middle[18:]
    return head, middle + check_digit(whole), _names(name, 30)


def td3(passport: str, name: str, born: dt.date, expires: dt.date, *, man: bool, personal: str) -> tuple[str, str]:
    """The two lines of a passport page."""
    birth, expiry, own = f"{born:%y%m%d}", f"{expires:%y%m%d}", passport.ljust(9, "<")
    personal = personal.ljust(14, "<")
    line = f"{own}{check_digit(own)}VNM{birth}{check_digit(birth)}{'M' if man else 'F'}{expiry}{check_digit(expiry)}"
    line += personal + check_digit(personal)
    return "P<VNM" + _names(name, 39), line + check_digit(line[:10] + line[13:20] + line[21:])


def _names(name: str, width: int) -> str:
    surname, *given = strip_marks(name).upper().split()
    return f"{surname}<<{'<'.join(given)}".ljust(width, "<")[:width]
