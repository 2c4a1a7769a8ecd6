"""The rules that are data: units, procedures, targets, score profiles, campaigns, checks, register columns.

Each file in ``data/`` has a schema here. A province edits copies in a folder of its own and passes that folder to
``load``; a file it does not have there is taken from ``data/``. A file that does not fit its schema is refused whole,
by name.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.errors import UsageError

DATA = Path(__file__).parent / "data"

Level = Literal["TINH", "SO_BAN_NGANH", "XA_PHUONG", "DONVI_TRUCTHUOC"]
Metric = Literal["digitization", "online_procedures", "online_payment", "sync", "score766"]
CheckCode = Literal["C1", "C2", "C2b", "C3", "C4", "C5", "C6", "C7"]
PeriodKind = Literal["day", "week", "campaign", "month", "quarter", "year", "range"]
Percent = Annotated[int, Field(ge=0, le=100)]


class BadConfiguration(UsageError):
    code = "bad-configuration"
    vi = "Tệp cấu hình không đúng khuôn dạng; xem chi tiết và sửa lại."
    en = "A configuration file does not fit its schema; see the detail and correct it."


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UnitSpec(_Strict):
    """One department or commune. ``parent`` names the unit it reports to, when that is not the province."""

    code: str
    name: str
    name_2026: str | None = None
    identifier: str | None = None
    aliases: tuple[str, ...] = ()
    parent: str | None = None


class MergedSpec(_Strict):
    """A unit that is no more: its dossiers keep its code, its figures count for ``successor``."""

    code: str
    name: str
    level: Level
    successor: str
    identifier: str | None = None
    aliases: tuple[str, ...] = ()


class Units(_Strict):
    version: int
    names_2026_from: dt.date | None = None
    province: UnitSpec
    departments: tuple[UnitSpec, ...]
    communes: tuple[UnitSpec, ...]
    subordinates: tuple[UnitSpec, ...] = ()
    merged: tuple[MergedSpec, ...] = ()

    @model_validator(mode="after")
    def _codes_are_unique(self) -> Units:
        specs = (self.province, *self.departments, *self.communes, *self.subordinates)
        codes = [u.code for u in specs] + [u.code for u in self.merged]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"unit codes used twice: {', '.join(twice)}")
        return self


class ComponentSpec(_Strict):
    code: str
    name: str
    accepts: tuple[str, ...] = Field(min_length=1)
    required: bool = True
    of_relation: str | None = None


class ProcedureSpec(_Strict):
    code: str = Field(pattern=r"^[1-3]\.\d{6}$")
    name: str
    field: str | None = None
    level: Level | None = None
    result_type: str | None = None
    needs_result_paper: bool = True
    for_citizens: bool = True
    has_fee: bool = False
    online: bool = False
    components: tuple[ComponentSpec, ...] = ()


class Procedures(_Strict):
    version: int
    sample: bool = False
    procedures: tuple[ProcedureSpec, ...]


class Target(_Strict):
    """``percent`` of ``metric`` that units of ``level`` must reach from ``from`` on. ``score766`` is points, not per
    cent.
    """

    metric: Metric
    level: Level
    percent: Percent
    start: dt.date = Field(alias="from")
    end: dt.date | None = Field(None, alias="to")
    period: PeriodKind | None = None
    source: str


class Targets(_Strict):
    version: int
    targets: tuple[Target, ...]

    def find(self, metric: Metric, level: str, on: dt.date, kind: PeriodKind) -> Target | None:
        """The target in force on day ``on``; one that names the kind of period wins, then the newest."""
        fitting = [
            t
            for t in self.targets
            if t.metric == metric
            and t.level == level
            and t.start <= on
            and (t.end is None or on <= t.end)
            and t.period in (None, kind)
        ]
        return max(fitting, key=lambda t: (t.period is not None, t.start), default=None)


class Indicator(_Strict):
    name: str
    max: int


class Unmeasured(Indicator):
    id: str


class Profile(_Strict):
    title: str
    note: str
    cap_percent: dict[str, Annotated[int, Field(gt=0, le=100)]]
    numerator_43: Literal["reused", "digitized"]


class Profiles(_Strict):
    version: int
    unmeasured: tuple[Unmeasured, ...]
    indicators: dict[str, Indicator]
    profiles: dict[str, Profile]

    @property
    def group_max(self) -> int:
        """22: every item of the group, also the one nobody can measure."""
        return sum(i.max for i in (*self.indicators.values(), *self.unmeasured))


class CampaignWeek(_Strict):
    name: str
    start: dt.date
    end: dt.date


class Campaign(_Strict):
    name: str
    title: str
    source: str
    summary_on: dt.date | None = None
    weeks: tuple[CampaignWeek, ...] = Field(min_length=1)


class Campaigns(_Strict):
    version: int
    campaigns: tuple[Campaign, ...]


class StatusPaper(_Strict):
    status: int
    name: str
    accepts: tuple[str, ...]


class CheckSpec(_Strict):
    id: str
    title: str
    vi: str
    en: str
    loses: tuple[str, ...]
    papers: tuple[StatusPaper, ...] = ()


class CheckSpecs(_Strict):
    version: int
    checks: dict[CheckCode, CheckSpec]

    @property
    def stop_papers(self) -> tuple[StatusPaper, ...]:
        """By status, the papers that satisfy C4."""
        return self.checks["C4"].papers


class RegisterSpec(_Strict):
    """How registers write things: headers by field, and the words for statuses, channels, owners, yes and no."""

    version: int
    columns: dict[str, tuple[str, ...]]
    statuses: dict[str, int]
    channels: dict[str, int]
    owner_kinds: dict[str, str]
    payments: dict[str, int]
    yes: tuple[str, ...]
    no: tuple[str, ...]


class Rules(_Strict):
    """All rule files, read once and passed on."""

    units: Units
    procedures: Procedures
    targets: Targets
    profiles: Profiles
    campaigns: Campaigns
    checks: CheckSpecs
    register_: RegisterSpec


_Spec = TypeVar("_Spec", bound=_Strict)


def _read(folder: Path | None, name: str, schema: type[_Spec]) -> _Spec:
    own = folder / name if folder is not None else None
    path = own if own is not None and own.is_file() else DATA / name
    try:
        return schema.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise BadConfiguration(f"{path.name}: {error}") from error


@cache
def load(folder: Path | None = None) -> Rules:
    """All rules, from ``folder`` where it has the file, else the ones shipped. Raises ``BadConfiguration``."""
    return Rules(
        units=_read(folder, "units.toml", Units),
        procedures=_read(folder, "procedures.toml", Procedures),
        targets=_read(folder, "targets.toml", Targets),
        profiles=_read(folder, "profiles.toml", Profiles),
        campaigns=_read(folder, "campaigns.toml", Campaigns),
        checks=_read(folder, "checks.toml", CheckSpecs),
        register_=_read(folder, "register.toml", RegisterSpec),
    )
