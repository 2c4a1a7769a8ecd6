"""What goes into the kho and comes out of it. Plain values; no row crosses this wall."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any


class Priority(IntEnum):
    """A person at the desk goes before the backlog (as a ratio, so that neither starves)."""

    DESK = 0
    BACKLOG = 1


class IntakeState(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    FILED = "filed"
    REVIEW = "review"
    REFUSED = "refused"


class Role(StrEnum):
    """What a paper is to its dossier."""

    THANH_PHAN = "THANH_PHAN"
    KET_QUA = "KET_QUA"
    GIAY_TO_QUY_TRINH = "GIAY_TO_QUY_TRINH"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: shown in the audit log. ``unit`` is the unit whose papers they may see, ``role`` what they may do."""

    name: str
    unit: str
    role: str
    ip: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a file taken in. ``already`` says the same bytes had been accepted before (same intake)."""

    intake_id: str
    sha256: str
    size: int
    already: bool


@dataclass(frozen=True, slots=True)
class Intake:
    """One accepted file and where it stands."""

    id: str
    sha256: str
    size: int
    file_name: str
    unit: str
    dossier_code: str | None
    role: Role | None
    priority: Priority
    state: IntakeState
    attempts: int
    error_code: str | None
    reading_sha256: str | None
    created_by: str
    created_at: dt.datetime
    finished_at: dt.datetime | None
    lease_owner: str | None = None


@dataclass(frozen=True, slots=True)
class NewOwner:
    """A paper's or dossier's owner as read. ``kind`` is CA_NHAN, TO_CHUC or HKD."""

    kind: str
    name: str
    identifier: str | None = None
    birth_date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper ready to be filed: pages ``first_page``..``last_page`` of an intake, named and with its fields."""

    first_page: int
    last_page: int
    type_code: str
    type_name: str
    copy_kind: str
    confidence: float
    decided_by: str
    owners: tuple[NewOwner, ...] = ()
    so_ky_hieu: str | None = None
    ngay_cap: dt.date | None = None
    co_quan_cap: str | None = None
    trich_yeu: str | None = None
    nguoi_ky: str | None = None
    valid_to: dt.date | None = None
    scope: str | None = None
    ma_ho_so: str | None = None
    signature: str = "none"  # valid, invalid, none, unchecked
    phash: int | None = None
    text: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, Any] = field(default_factory=dict)  # field → {value, confidence, page, box} for the screen
