"""What understanding a reading gives: one ``Piece`` a paper. Plain values, safe to pickle and to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.ocr.model import Box


class CopyKind(StrEnum):
    """What kind of copy the scanned paper is (DOMAIN §3.2, §7.4, §7.5)."""

    CHINH = "CHINH"  # the original
    SAO = "SAO"  # a plain photocopy
    SAO_CHUNG_THUC = "SAO_CHUNG_THUC"  # certified copy, NĐ 23/2015
    SAO_Y = "SAO_Y"  # agency copy, NĐ 30/2020 Điều 25
    DIEN_TU = "DIEN_TU"  # born digital and signed


@dataclass(frozen=True, slots=True)
class Value:
    """A field's value as a string (dates ISO 8601), how sure we are (0 to 1), and where it stands."""

    value: str
    confidence: float
    page: int
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class OwnerName:
    """One person or body the paper belongs to. ``identifier`` is 12 digits, 9 digits or a tax code where known."""

    name: str | None
    identifier: str | None
    birth_date: str | None  # ISO 8601
    confidence: float


@dataclass(frozen=True, slots=True)
class Piece:
    """One paper found in a file: pages ``first_page``..``last_page`` (both counted from 1, inclusive).

    ``code`` is a code of the catalogue (DOMAIN §10), ``KHAC`` when unknown. ``fields`` holds the nine contract fields
    (``CONTRACT_FIELDS``), each a value or None; ``more`` the type's own. ``reason`` says in a stable code why a person
    must look (None when none need to). ``unread`` explains a None: field → reason code (``handwritten``,
    ``not-found``, ``conflict``).
    """

    first_page: int
    last_page: int
    code: str
    name: str
    confidence: float
    needs_review: bool
    reason: str | None
    copy_kind: CopyKind
    fields: Mapping[str, Value | None]
    more: Mapping[str, Value] = field(default_factory=dict)
    owners: tuple[OwnerName, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    decided_by: str = "rules"  # model version or "rules"


CONTRACT_FIELDS = (
    "so_ky_hieu",
    "ngay_cap",
    "co_quan_cap",
    "trich_yeu",
    "chu_so_huu",
    "dinh_danh",
    "nguoi_ky",
    "thoi_han",
    "ma_ho_so",
)
