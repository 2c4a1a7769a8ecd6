"""The filing rules (``filing.toml``) and their schema: how long a type of paper is good, what replaces what."""

from __future__ import annotations

import calendar
import datetime as dt
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.storage.errors import BadRules
from services.storage.model import Role

_OURS = Path(__file__).with_name("filing.toml")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TypeRule(_Strict):
    validity: Literal["forever", "months", "printed", "dossier", "unknown"] = "unknown"
    months: int | None = Field(None, gt=0)
    thing: tuple[str, ...] | None = None
    role: Role | None = None
    shown: bool = False
    bound: bool = False

    @model_validator(mode="after")
    def _months_where_meant(self) -> TypeRule:
        if (self.validity == "months") != (self.months is not None):
            raise ValueError('months goes with validity = "months"')
        return self


class FresherRule(_Strict):
    """A procedure wants a paper no older than this at reception."""

    months: int = Field(gt=0)


class CodeRule(_Strict):
    kept: str
    official: str

    @model_validator(mode="after")
    def _renders(self) -> CodeRule:
        parts = {"owner_key": "1", "type": "KS", "nn": 1, "unit": "26068", "year": "2025"}
        self.kept.format(**parts)  # an identity number in the kept code would stand unsealed
        self.official.format(**parts, owner_id="0")
        return self


class SignatureRule(_Strict):
    policy: Literal["warn", "required"] = "warn"


class Rules(_Strict):
    version: str
    code: CodeRule
    signature: SignatureRule
    type: dict[str, TypeRule]
    procedure: dict[str, dict[str, FresherRule]] = {}

    def of(self, type_code: str) -> TypeRule:
        """The type's rule; a type without one is ``unknown``: kept, and judged by a person."""
        return self.type.get(type_code, _NO_RULE)

    def fresher(self, procedure: str | None, type_code: str) -> int | None:
        """Months a paper may be old for this procedure, where it says so."""
        rule = self.procedure.get(procedure or "", {}).get(type_code)
        return rule.months if rule else None

    def valid_to(self, type_code: str, issued: dt.date | None, printed: dt.date | None) -> tuple[dt.date | None, bool]:
        """The last day the paper is good, and whether we know: ``(None, True)`` never ends."""
        rule = self.of(type_code)
        if printed is not None:
            return printed, True
        if rule.months is not None and issued is not None:
            return months_after(issued, rule.months), True
        return None, rule.validity in ("forever", "dossier")


_NO_RULE = TypeRule()


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day some months later, the month's last day where it has no such day (BLDS Điều 147)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    if year > dt.MAXYEAR:
        return dt.date.max  # a year misread, or typed to mean "for ever"
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))


@cache
def load_rules(file: Path = _OURS) -> Rules:
    """Raises BadRules with the line that is wrong."""
    try:
        return Rules.model_validate(tomllib.loads(file.read_text("utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError, KeyError, OSError) as error:
        raise BadRules(f"{file.name}: {error}") from error
