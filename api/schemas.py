"""The bodies of ``/v1``: what the OpenAPI document shows, and what scripts are written against.

Each ``…Out`` is made from the value of the same name by ``of``; lists carry a ``next`` cursor or None.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, field_validator

from services.classify import catalogue
from services.classify.reasons import why
from services.errors import error_of
from services.storage.model import (
    Accepted,
    Intake,
    IntakeState,
    Judged,
    OwnerView,
    PaperView,
    Reason,
    Review,
    Role,
)


def type_name(code: str) -> str:
    """The Vietnamese name of a paper type; the code itself where a unit added a type of its own."""
    known = catalogue().types.get(code)
    return known.name if known else code


class Problem(BaseModel):
    """RFC 9457 problem details: ``title`` is Vietnamese, ``detail`` English, ``code`` is stable."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None


def error_problem(code: str | None) -> Problem | None:
    """How an intake ended badly, as a problem document."""
    if code is None:
        return None
    kind = error_of(code)
    return Problem(type=f"urn:sohoa:problem:{code}", title=kind.vi, status=kind.http_status, detail=kind.en, code=code)


class AcceptedOut(BaseModel):
    """The file is safe and will be read; ``already`` says the same bytes had been accepted before."""

    id: str
    sha256: str
    size: int
    already: bool

    @classmethod
    def of(cls, accepted: Accepted) -> Self:
        return cls(id=accepted.intake_id, sha256=accepted.sha256, size=accepted.size, already=accepted.already)


class OwnerOut(BaseModel):
    kind: str
    name: str
    identifier_masked: str | None
    birth_date: dt.date | None

    @classmethod
    def of(cls, owner: OwnerView) -> Self:
        return cls(
            kind=owner.kind,
            name=owner.name,
            identifier_masked=owner.identifier_masked,
            birth_date=owner.birth_date,
        )


class PaperOut(BaseModel):
    """A paper of the kho. Identity numbers are masked outside ``more``, which only ``GET /v1/papers/{id}`` fills."""

    id: int
    code: str
    type_code: str
    type_name: str
    copy_kind: str
    unit: str
    dossier: str | None
    owners: list[OwnerOut]
    so_ky_hieu: str | None
    ngay_cap: dt.date | None
    co_quan_cap: str | None
    trich_yeu: str | None
    nguoi_ky: str | None
    pham_vi: str | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    validity: str = Field(description="CON, HET_HAN, BI_THAY_THE, BI_THU_HOI, KHONG_RO")
    superseded_by: int | None
    already_in_kho: int | None = Field(description="an earlier paper that this one is another scan of")
    signature: str
    first_page: int
    last_page: int
    filed_at: dt.datetime
    more: dict[str, Any] = {}

    @classmethod
    def of(cls, paper: PaperView) -> Self:
        return cls(
            id=paper.id,
            code=paper.code,
            type_code=paper.type_code,
            type_name=paper.type_name,
            copy_kind=paper.copy_kind,
            unit=paper.unit,
            dossier=paper.dossier_code,
            owners=[OwnerOut.of(owner) for owner in paper.owners],
            so_ky_hieu=paper.so_ky_hieu,
            ngay_cap=paper.ngay_cap,
            co_quan_cap=paper.co_quan_cap,
            trich_yeu=paper.trich_yeu,
            nguoi_ky=paper.nguoi_ky,
            pham_vi=paper.scope,
            valid_from=paper.valid_from,
            valid_to=paper.valid_to,
            validity=paper.validity,
            superseded_by=paper.superseded_by,
            already_in_kho=paper.same_as,
            signature=paper.signature,
            first_page=paper.first_page,
            last_page=paper.last_page,
            filed_at=paper.filed_at,
            more=dict(paper.more),
        )


class ReasonOut(BaseModel):
    code: str
    vi: str

    @classmethod
    def of(cls, reason: Reason) -> Self:
        return cls(code=reason.code, vi=reason.vi)


class JudgedOut(BaseModel):
    """A paper and why it may, or may not, be reused. ``warnings`` do not forbid."""

    paper: PaperOut
    usable: bool
    why: list[ReasonOut]
    warnings: list[ReasonOut]

    @classmethod
    def of(cls, judged: Judged) -> Self:
        return cls(
            paper=PaperOut.of(judged.paper),
            usable=judged.usable,
            why=[ReasonOut.of(reason) for reason in judged.why],
            warnings=[ReasonOut.of(reason) for reason in judged.warnings],
        )


class ReuseOut(BaseModel):
    """``GET /v1/reuse``: papers to take, and papers to leave, each with why."""

    usable: list[JudgedOut]
    not_usable: list[JudgedOut]


class ReviewOut(BaseModel):
    """A paper that waits for a person. ``places`` says where each value stands: ``{value, confidence, page, box}``."""

    id: int
    intake: str
    unit: str
    state: str
    file_name: str
    dossier: str | None
    first_page: int
    last_page: int
    type_code: str
    type_name: str
    copy_kind: str
    confidence: float
    reason: str
    why: str
    created_at: dt.datetime

    @classmethod
    def of(cls, review: Review) -> Self:
        return cls(
            id=review.id,
            intake=review.intake_id,
            unit=review.unit,
            state=review.state,
            file_name=review.file_name,
            dossier=review.dossier_code,
            first_page=review.first_page,
            last_page=review.last_page,
            type_code=review.proposal.type_code,
            type_name=type_name(review.proposal.type_code),
            copy_kind=review.proposal.copy_kind,
            confidence=review.proposal.confidence,
            reason=review.reason,
            why=why(review.reason),
            created_at=review.created_at,
        )


Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""The number of a paper or review; no record store counts further."""


class BodyIn(BaseModel):
    """A body that is sent to us."""

    @field_validator("*")
    @classmethod
    def _without_nul(cls, value: Any) -> Any:
        if isinstance(value, str) and "\0" in value:
            raise ValueError("a NUL character")
        return value


class DecisionIn(BodyIn):
    """What the person decided: ``file`` with the confirmed or corrected values, or ``drop``."""

    decision: Literal["file", "drop"]
    type_code: str | None = None
    copy_kind: Literal["CHINH", "SAO", "SAO_CHUNG_THUC", "SAO_Y", "DIEN_TU"] | None = None
    so_ky_hieu: str | None = Field(None, max_length=120)
    ngay_cap: dt.date | None = None
    co_quan_cap: str | None = Field(None, max_length=300)
    trich_yeu: str | None = Field(None, max_length=4000)
    nguoi_ky: str | None = Field(None, max_length=200)
    chu_so_huu: str | None = Field(None, max_length=300)
    dinh_danh: str | None = Field(None, max_length=20)
    ngay_sinh: dt.date | None = None
    thoi_han: dt.date | None = None
    ma_ho_so: str | None = Field(None, max_length=60)


class FiledOut(BaseModel):
    """What filing did. Nothing is deleted: ``superseded`` papers stay, marked."""

    paper_id: int | None
    code: str | None = None
    dossier: str | None = None
    already_in_kho: int | None = None
    superseded: list[int] = []


class IntakeOut(BaseModel):
    """One accepted file and what became of it."""

    id: str
    file_name: str
    size: int
    sha256: str
    unit: str
    dossier: str | None
    role: Role | None
    state: IntakeState
    error: Problem | None
    created_at: dt.datetime
    finished_at: dt.datetime | None
    papers: list[PaperOut] = []
    reviews: list[ReviewOut] = []

    @classmethod
    def of(cls, intake: Intake, papers: list[PaperView] | None = None, reviews: list[Review] | None = None) -> Self:
        return cls(
            id=intake.id,
            file_name=intake.file_name,
            size=intake.size,
            sha256=intake.sha256,
            unit=intake.unit,
            dossier=intake.dossier_code,
            role=intake.role,
            state=intake.state,
            error=error_problem(intake.error_code),
            created_at=intake.created_at,
            finished_at=intake.finished_at,
            papers=[PaperOut.of(paper) for paper in papers or []],
            reviews=[ReviewOut.of(review) for review in reviews or []],
        )


class IntakePage(BaseModel):
    items: list[IntakeOut]
    next: str | None


class FaultOut(BaseModel):
    code: str
    title: str


class PageLook(BaseModel):
    """What is wrong with one scanned page, if anything."""

    number: int
    blank: bool
    effective_dpi: float
    faults: list[FaultOut]


class LookOut(BaseModel):
    """A first look at the pages, before they are read: does any have to be scanned again?"""

    pages: list[PageLook]


class RevokeIn(BodyIn):
    reason: str = Field(min_length=3, max_length=1000)
    purpose: str


class HitOut(BaseModel):
    """A found paper; ``marks`` are (start, end) of the words found in ``excerpt``."""

    paper: PaperOut
    excerpt: str
    marks: list[tuple[int, int]]


class HitPage(BaseModel):
    items: list[HitOut]
    next: str | None
