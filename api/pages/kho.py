"""The kho: search with or without accents, and one paper."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api import sentences
from api.pages.shell import PersonDep, day, page, to_sign_in
from api.schemas import Id
from api.security import KhoDep
from services.classify import catalogue
from services.errors import SohoaError

router = APIRouter(include_in_schema=False)


@router.get("/kho")
def search(
    request: Request,
    kho: KhoDep,
    person: PersonDep,
    q: str = "",
    type: str = "",
    purpose: str = "",
    after: str | None = None,
) -> Response:
    if person is None:
        return to_sign_in(request)
    asked = {"q": q, "type": type, "purpose": purpose}
    shown: dict[str, Any] = {"hits": None, "next": None, "problem": None}
    if purpose and (q or type):
        try:
            found = kho.find(person, q, purpose=purpose, type=type or None, after=after)
        except SohoaError as error:
            shown["problem"] = error.vi
        else:
            shown["hits"] = found.hits
            shown["next"] = "/kho?" + urlencode(asked | {"after": found.after}) if found.after else None
    types = sorted(catalogue().types.values(), key=lambda known: known.name)
    return page(request, "kho.html", person, asked=asked, types=types, **shown)


@router.get("/kho/{paper_id}")
def one(request: Request, kho: KhoDep, person: PersonDep, paper_id: Id, purpose: str = "") -> Response:
    if person is None:
        return to_sign_in(request)
    paper = kho.paper(person, paper_id, purpose=purpose)
    facts = [
        ("Mã trong kho", paper.code),
        ("Số, ký hiệu", paper.so_ky_hieu),
        ("Ngày cấp", day(paper.ngay_cap)),
        ("Cơ quan cấp", paper.co_quan_cap),
        ("Trích yếu", paper.trich_yeu),
        ("Người ký", paper.nguoi_ky),
        ("Có giá trị đến", day(paper.valid_to)),
        ("Phạm vi", paper.scope),
        ("Bản", sentences.COPY_KINDS.get(paper.copy_kind, paper.copy_kind)),
        *(
            ("Chủ giấy tờ", " · ".join(filter(None, (owner.name, owner.identifier_masked, day(owner.birth_date)))))
            for owner in paper.owners
        ),
        ("Thay thế bởi", f"giấy tờ số {paper.superseded_by}" if paper.superseded_by else None),
        ("Bản quét trước", f"giấy tờ số {paper.same_as}" if paper.same_as else None),
    ]
    return page(
        request,
        "paper.html",
        person,
        paper=paper,
        purpose=purpose,
        facts=facts,
        has_archive=paper.archive_sha256 is not None,
    )
