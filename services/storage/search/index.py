"""The words a paper is found by, written when it is filed; ``ladder.py`` asks for them.

``paper_index`` is an FTS5 table on SQLite; on PostgreSQL it holds two tsvectors and is parted by unit, so that a
clerk's search touches the papers of a few units only (migration 0001). Both get the same words, folded here, so that
neither database's own idea of a word or an accent matters. PostgreSQL also gets each two neighbouring words as one:
Vietnamese words are pairs of common syllables, and a list of papers with ``khai_sinh`` is short where those of
``khai`` and ``sinh`` are long. FTS5 keeps positions and needs no pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.storage.people.identity import mask_numbers
from services.storage.records.tables import OwnerRow, PaperRow, PaperTextRow
from services.vietnamese import fold, nfc

_PAGE = 500
_MOST_BODY = 200_000  # characters; a tsvector holds 1 MB, and who searches for page 150 knows its number

_LONGEST_WORD = 100  # letters; PostgreSQL refuses a text for one word of 2 kB, such as the digits of a seal

_INSERT = {
    "sqlite": "INSERT INTO paper_index (rowid, head, body) VALUES (:id, :head, :body)",
    "postgresql": "INSERT INTO paper_index (paper_id, unit, head, body) VALUES (:id, :unit, "
    "array_to_tsvector(CAST(:head AS text[])), array_to_tsvector(CAST(:body AS text[])))",
}


def index(tx: Session, row: PaperRow, owners: Sequence[OwnerRow], body: str) -> None:
    """Makes a filed paper findable."""
    parts = (
        row.type_name,
        row.so_ky_hieu,
        *(owner.name for owner in owners),
        row.trich_yeu,
        row.co_quan_cap,
        row.nguoi_ky,
    )
    said = PaperTextRow(
        paper_id=row.id, head=plain(" · ".join(part for part in parts if part)), body=plain(body)[:_MOST_BODY]
    )
    tx.add(said)
    tx.flush()
    _write(tx, [_values(tx, said, row.unit, row.type_code)])


def rebuild(tx: Session) -> None:
    """Fills an empty index from the texts."""
    last = 0
    while True:
        page = (
            select(PaperTextRow, PaperRow.unit, PaperRow.type_code)
            .join(PaperRow, PaperRow.id == PaperTextRow.paper_id)
            .where(PaperTextRow.paper_id > last)
            .order_by(PaperTextRow.paper_id)
            .limit(_PAGE)
        )
        rows = tx.execute(page).all()
        if not rows:
            return
        _write(tx, [_values(tx, said, unit, type_code) for said, unit, type_code in rows])
        last = rows[-1][0].paper_id
        tx.expunge_all()


def count_words(tx: Session) -> None:
    """Has PostgreSQL count the words of all papers anew, which tells rare ones from common: by itself it counts each
    part of the index and never the whole.
    """
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(text("ANALYZE paper_index"))


def plain(written: str) -> str:
    """A text as it is kept to be shown: single spaces, identity numbers masked."""
    return mask_numbers(" ".join(nfc(written).split()))


def words(written: str) -> str:
    """A text as the index has it: folded, letters and digits only, no word longer than a word can be."""
    said = "".join(c if c.isalnum() else " " for c in fold(written)).split()
    return " ".join(word[:_LONGEST_WORD] for word in said)


def folded_number(number: str) -> str:
    """A number as compared: no marks, no spaces."""
    return fold(number).replace(" ", "")


def pair(one: str, other: str) -> str:
    """Two neighbouring words as one word of PostgreSQL's index."""
    return f"{one}_{other}"


def with_pairs(said: str) -> set[str]:
    """Words and pairs of neighbours."""
    alone = said.split()
    return {*alone, *(pair(one, other) for one, other in pairwise(alone))}


def mark(kind: Literal["unit", "type"], code: str) -> str:
    """A unit or type as a word of the index that no text holds."""
    return f"z{kind}" + "".join(c if c.isalnum() else "x" for c in fold(code))


def _write(tx: Session, rows: list[dict[str, object]]) -> None:
    tx.execute(text(_INSERT[tx.get_bind().dialect.name]), rows)


def _values(tx: Session, said: PaperTextRow, unit: str, type_code: str) -> dict[str, object]:
    head, body, marks = words(said.head), words(said.body), (mark("unit", unit), mark("type", type_code))
    if tx.get_bind().dialect.name == "sqlite":
        return {"id": said.paper_id, "head": " ".join((head, *marks)), "body": body}
    in_head = with_pairs(head) | set(marks)
    return {"id": said.paper_id, "unit": unit, "head": list(in_head), "body": list(in_head | with_pairs(body))}
