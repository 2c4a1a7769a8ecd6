"""The queue of papers that wait for a person: ``/v1/reviews``."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.problems import BadRequest
from api.schemas import DecisionIn, FiledOut, Id, ReviewOut, type_name
from api.security import Caller, KhoDep
from services.classify import catalogue
from services.coverage import recheck_paper
from services.storage.model import NewOwner, NewPaper

router = APIRouter(prefix="/v1/reviews", tags=["chờ người xem"])


@router.get("")
def list_reviews(
    kho: KhoDep,
    caller: Caller,
    unit: str | None = None,
    after: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[ReviewOut]:
    """Open reviews of the caller's units, who waits longest first."""
    return [ReviewOut.of(review) for review in kho.reviews(caller, unit=unit, after=after, limit=limit)]


@router.get("/{review_id}")
def show_review(kho: KhoDep, caller: Caller, review_id: Id) -> dict[str, Any]:
    """One review with every value the machine proposes and its place on the page."""
    review = kho.review(caller, review_id)
    return ReviewOut.of(review).model_dump(mode="json") | {"values": proposed_values(review.proposal)}


@router.post("/{review_id}")
def decide(kho: KhoDep, caller: Caller, review_id: Id, decision: DecisionIn) -> FiledOut:
    """Files what the person confirmed or corrected, or drops the pages; the dossier's checks follow at once."""
    review = kho.review(caller, review_id)
    paper = None if decision.decision == "drop" else _decided(review.proposal, decision, caller.name)
    with kho.begin() as tx:
        filed = kho.decide(tx, review_id, paper, actor=caller)
        for touched in (filed.paper_id, *filed.superseded) if filed else ():
            recheck_paper(tx, touched)
    if filed is None:
        return FiledOut(paper_id=None)
    return FiledOut(
        paper_id=filed.paper_id,
        code=filed.code,
        dossier=filed.dossier_code,
        already_in_kho=filed.already_in_kho,
        superseded=list(filed.superseded),
    )


def proposed_values(paper: NewPaper) -> dict[str, str | None]:
    """The nine contract fields of a proposal, as the review form shows them."""
    owner = paper.owners[0] if paper.owners else None
    return {
        "so_ky_hieu": paper.so_ky_hieu,
        "ngay_cap": _iso(paper.ngay_cap),
        "co_quan_cap": paper.co_quan_cap,
        "trich_yeu": paper.trich_yeu,
        "chu_so_huu": owner.name if owner else None,
        "dinh_danh": owner.identifier if owner else None,
        "ngay_sinh": _iso(owner.birth_date) if owner else None,
        "nguoi_ky": paper.nguoi_ky,
        "thoi_han": _iso(paper.valid_to),
        "ma_ho_so": paper.ma_ho_so,
    }


def _decided(proposal: NewPaper, decision: DecisionIn, clerk: str) -> NewPaper:
    """The proposal as the person left it. What the form does not show (pages, text, places) stays."""
    code = decision.type_code or proposal.type_code
    if code == "KHAC" or (code not in catalogue().types and code != proposal.type_code):
        raise BadRequest("type_code")
    return replace(
        proposal,
        type_code=code,
        type_name=type_name(code),
        copy_kind=decision.copy_kind or proposal.copy_kind,
        so_ky_hieu=decision.so_ky_hieu,
        ngay_cap=decision.ngay_cap,
        co_quan_cap=decision.co_quan_cap,
        trich_yeu=decision.trich_yeu,
        nguoi_ky=decision.nguoi_ky,
        valid_to=decision.thoi_han,
        ma_ho_so=decision.ma_ho_so,
        owners=_owners(proposal, decision),
        confidence=1.0,
        decided_by=clerk,
    )


def _owners(proposal: NewPaper, decision: DecisionIn) -> tuple[NewOwner, ...]:
    """The first owner as corrected, then the others (a marriage certificate has two)."""
    if not decision.chu_so_huu:
        return proposal.owners[1:]
    first = proposal.owners[0] if proposal.owners else None
    # A tax code has 10 digits (13 with a branch), a person's number 12 or 9 (DOMAIN §8).
    digits = "".join(filter(str.isdigit, decision.dinh_danh or ""))
    kind = first.kind if first else ("TO_CHUC" if len(digits) in (10, 13) else "CA_NHAN")
    owner = NewOwner(kind=kind, name=decision.chu_so_huu, identifier=decision.dinh_danh, birth_date=decision.ngay_sinh)
    return (owner, *proposal.owners[1:])


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
