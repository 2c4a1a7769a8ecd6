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
    archive_sha256: str | None = None  # the kept searchable copy
    text: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, Any] = field(default_factory=dict)  # field → {value, confidence, page, box} for the screen


@dataclass(frozen=True, slots=True)
class Filed:
    """What filing a paper did. ``already_in_kho`` is the earlier paper this one is another scan of."""

    paper_id: int
    code: str
    dossier_code: str | None
    already_in_kho: int | None = None
    superseded: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """A paper that waits for a person: what the machine thought, and the code of why it asks."""

    id: int
    intake_id: str
    unit: str
    first_page: int
    last_page: int
    proposal: NewPaper
    reason: str
    state: str  # open, done, dropped
    created_at: dt.datetime
    file_name: str
    dossier_code: str | None
    decided_by: str | None = None
    paper_id: int | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """What a clerk confirmed of a kept reading's pages: an example to learn from."""

    reading_sha256: str
    first_page: int
    last_page: int
    confirmed: str


@dataclass(frozen=True, slots=True)
class OwnerView:
    """An owner as shown in lists: the identity number is masked."""

    id: int
    kind: str
    name: str
    identifier_masked: str | None
    birth_date: dt.date | None


@dataclass(frozen=True, slots=True)
class PaperView:
    """A filed paper as others see it. ``validity`` is CON, HET_HAN, BI_THAY_THE, BI_THU_HOI or KHONG_RO, as of the
    day asked. ``official_code``, ``more`` and ``places`` hold identity numbers and are given only with the paper itself
    (``Kho.paper``), never in lists.
    """

    id: int
    code: str
    type_code: str
    type_name: str
    copy_kind: str
    unit: str
    dossier_code: str | None
    owners: tuple[OwnerView, ...]
    so_ky_hieu: str | None
    ngay_cap: dt.date | None
    co_quan_cap: str | None
    trich_yeu: str | None
    nguoi_ky: str | None
    scope: str | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    validity: str
    superseded_by: int | None
    same_as: int | None
    signature: str
    confidence: float
    decided_by: str
    intake_id: str
    first_page: int
    last_page: int
    sha256: str
    archive_sha256: str | None
    filed_at: dt.datetime
    official_code: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a paper may or may not be reused: a stable code and the sentence for the desk."""

    code: str
    vi: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A paper of the owner, and why it may be reused (``usable``) or may not. Warnings do not forbid."""

    paper: PaperView
    usable: bool
    why: tuple[Reason, ...]
    warnings: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class ReuseAnswer:
    """The kho's answer for one owner and one type: papers to take, and papers to leave, each with why."""

    usable: tuple[Judged, ...]
    not_usable: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One paper the procedure asks for. ``state``: in-dossier, in-kho, not-usable or missing.

    ``papers`` are those in the dossier, or those the kho could give (best first), or those that it has and may not.
    """

    component_code: str
    name: str
    accepts: tuple[str, ...]
    required: bool
    of_relation: str | None
    state: str
    vi: str
    papers: tuple[Judged, ...] = ()


@dataclass(frozen=True, slots=True)
class Checklist:
    """A dossier against what its procedure asks for."""

    dossier_code: str
    procedure: str | None
    items: tuple[ChecklistItem, ...]

    @property
    def complete(self) -> bool:
        """Every required paper stands in the dossier."""
        return all(item.state == "in-dossier" for item in self.items if item.required)


@dataclass(frozen=True, slots=True)
class Attached:
    """A kho paper taken into a dossier. ``already`` says it stood there before."""

    reuse_id: int
    paper_id: int
    dossier_code: str
    already: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result. ``marks`` are (start, end) of the matching words in ``excerpt``. ``tier`` is the rung of the
    ladder in ``search/ladder.py``: 0 the number itself, 1 the words together in the head, 2 in the
    text, 3 scattered in the head, 4 scattered.
    """

    paper: PaperView
    tier: int
    excerpt: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of results; ``after`` asks for the next one (None: no more)."""

    hits: tuple[Hit, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log."""

    id: int
    at: dt.datetime
    actor: str
    unit: str
    action: str
    object: str
    purpose: str | None
    result: str
    ip: str | None
