"""From a reading to papers: lay out, take copy marks off, cut apart, name, take out fields, say whose, say how sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.classify.catalogue import Catalogue, catalogue
from services.classify.fields.extract import extract
from services.classify.fields.facts import Facts
from services.classify.layout import Sheet, lay_out
from services.classify.learned import Model, default_model
from services.classify.marks import persons_who_signed, take_off_marks
from services.classify.model import CopyKind, OwnerName, Piece
from services.classify.naming import decide
from services.classify.owners import match_owner, owners_of
from services.classify.split import split_pages
from services.ocr.model import Page, Reading


class _Default:
    """Stands for "the shipped model" where None means "no model"."""


DEFAULT = _Default()


def understand(
    reading: Reading, *, model: Model | _Default | None = DEFAULT, dossier_owner: OwnerName | None = None
) -> tuple[Piece, ...]:
    """The papers of a file, in order. Pure: the same reading and model give the same answer.

    ``model`` None decides by rules alone. With ``dossier_owner`` a paper that names the same person with another number
    or birth date is sent to a person.
    """
    used = default_model() if isinstance(model, _Default) else model
    book = catalogue().with_types(used.types) if used is not None and used.types else catalogue()
    plain = [lay_out(page) for page in reading.pages]
    sheets, _ = take_off_marks(plain, reading.signatures, reading.media_type)
    pieces = []
    parts = split_pages(sheets, book)
    for part in parts:
        own, whole = sheets[part.first : part.last + 1], plain[part.first : part.last + 1]
        _, kind = take_off_marks(whole, reading.signatures, reading.media_type)
        # Whose signature is whose is not known in a file of several papers.
        signed_by = persons_who_signed(whole, reading.signatures if len(parts) == 1 else ())
        pieces.append(_piece(own, kind, book, used, dossier_owner, signed_by))
    return tuple(pieces)


def _piece(
    sheets: Sequence[Sheet],
    kind: CopyKind,
    book: Catalogue,
    model: Model | None,
    dossier: OwnerName | None,
    signed_by: Sequence[str],
) -> Piece:
    decision = decide(sheets, book, model)
    paper = book[decision.code] if decision.code in book.types else book["KHAC"]
    signers = signed_by if kind in (CopyKind.CHINH, CopyKind.DIEN_TU) else ()  # a copy's is who certified it
    facts = extract(sheets, paper, decision.named, signers)
    owners = owners_of(facts, paper)
    if kind is CopyKind.SAO and paper.head == "extract":
        kind = CopyKind.CHINH  # "(BẢN SAO)" is part of an extract's title, not a mark of a photocopy
    if not any(sheet.boxed for sheet in sheets):
        _drop_places(facts)
    reason = decision.reason
    if reason is None and facts.conflicts & {"dinh_danh", "ngay_cap"}:
        reason = "field-conflict"
    if reason is None and dossier is not None and match_owner(owners, dossier) == "conflict":
        reason = "owner-conflict"
    if reason is None and "handwritten" in facts.unread.values():
        reason = "handwritten"  # the number or the day was written by hand: a person reads it
    return Piece(
        first_page=sheets[0].number,
        last_page=sheets[-1].number,
        code=decision.code,
        name=book.name(decision.code),
        confidence=decision.confidence,
        needs_review=reason is not None,
        reason=reason,
        copy_kind=kind,
        fields=facts.fields,
        more=facts.more,
        owners=owners,
        unread={name: "conflict" if name in facts.conflicts else why for name, why in facts.unread.items()},
        decided_by=decision.by,
    )


def _drop_places(facts: Facts) -> None:
    """Pages that are only text have no places: the rows' positions were made up."""
    facts.fields = {name: replace(value, box=None) if value else None for name, value in facts.fields.items()}
    facts.more = {name: replace(value, box=None) for name, value in facts.more.items()}


def with_pages_in_order(reading: Reading, pages: Sequence[Page]) -> Reading:
    """The reading with its pages in another order, numbered anew (for stacks from a one-sided scanner)."""
    return replace(reading, pages=tuple(replace(page, number=number) for number, page in enumerate(pages, 1)))
