"""Papers that wait for a person: the queue, and one paper beside its picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from api import sentences
from api.pages.shell import PersonDep, page, to_sign_in
from api.routes.reviews import proposed_values
from api.schemas import Id, ReviewOut
from api.security import KhoDep
from services.classify import catalogue
from services.ocr.wire import kept_reading
from services.storage import Kho
from services.storage.model import Actor, NewPaper, Review

router = APIRouter(include_in_schema=False)

_LABELS = sentences.FIELDS | {"ngay_sinh": "Ngày sinh của chủ giấy tờ"}
_DAYS = {"ngay_cap", "ngay_sinh", "thoi_han"}
_UNSURE = 0.9  # a value below this confidence is pointed out to the person


@router.get("/review")
def queue(request: Request, kho: KhoDep, person: PersonDep) -> Response:
    if person is None:
        return to_sign_in(request)
    reviews = [ReviewOut.of(review) for review in kho.reviews(person, limit=100)]
    return page(request, "reviews.html", person, reviews=reviews)


@router.get("/review/{review_id}")
def one(request: Request, kho: KhoDep, person: PersonDep, review_id: Id) -> Response:
    if person is None:
        return to_sign_in(request)
    review = kho.review(person, review_id)
    return page(
        request,
        "review.html",
        person,
        review=ReviewOut.of(review),
        intake_id=review.intake_id,
        types=sorted(catalogue().types.values(), key=lambda known: known.name),
        copy_kinds=sentences.COPY_KINDS,
        fields=_fields(review.proposal, _page_sizes(kho, person, review)),
    )


def _fields(paper: NewPaper, sizes: Mapping[int, tuple[int, int]]) -> list[dict[str, Any]]:
    """Each field with its value, its place as shares of the page, and the doubt to point out."""
    fields = []
    for name, value in proposed_values(paper).items():
        place = paper.places.get(name)
        fields.append(
            {
                "name": name,
                "label": _LABELS[name],
                "kind": "date" if name in _DAYS else "text",
                "value": value,
                "place": _share(place, sizes) if place else None,
                "doubt": _doubt(place),
            }
        )
    return fields


def _doubt(place: Mapping[str, Any] | None) -> str | None:
    if place is None or place.get("confidence") is None or place["confidence"] >= _UNSURE:
        return None
    return f"Máy chỉ chắc {place['confidence'] * 100:.0f} %; hãy đối chiếu với bản quét."


def _share(place: Mapping[str, Any], sizes: Mapping[int, tuple[int, int]]) -> dict[str, Any] | None:
    if not place.get("box") or place.get("page") not in sizes:
        return None
    width, height = sizes[place["page"]]
    left, top, right, bottom = place["box"]
    return {
        "page": place["page"],
        "left": left / width,
        "top": top / height,
        "width": (right - left) / width,
        "height": (bottom - top) / height,
    }


def _page_sizes(kho: Kho, person: Actor, review: Review) -> dict[int, tuple[int, int]]:
    """Pixel sizes of the pages as read, which the places are measured on."""
    kept = kho.intake(review.intake_id, person).reading_sha256
    if kept is None:
        return {}
    with kho.fetch(kept) as path:
        reading = kept_reading(path.read_bytes())
    return {read.number: (read.width_px, read.height_px) for read in reading.pages}
