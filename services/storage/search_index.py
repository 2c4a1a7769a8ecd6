"""The words a paper is found by, written when it is filed; ``search.py`` asks for them.

``paper_index`` is an FTS5 table on SQLite and two tsvectors on PostgreSQL (migration 0001). Both get the same words,
folded here, so that neither database's own idea of a word or an accent matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.storage.identity import mask_numbers
from services.storage.records import OwnerRow, PaperRow, PaperTextRow
from services.vietnamese import fold, nfc

_PAGE = 500
_MOST_BODY = 200_000  # characters; a tsvector holds 1 MB, and who searches for page 150 knows its number

_INSERT = {
    "sqlite": "INSERT INTO paper_index (rowid, head, body) VALUES (:id, :head, :body)",
    # Positions serve the phrases of the head; without them the body's vector is a third as large.
    "postgresql": "INSERT INTO paper_index (paper_id, head, body) VALUES (:id, to_tsvector('simple', :head), "
    "strip(to_tsvector('simple', :head) || to_tsvector('simple', :body)))",
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
    tx.execute(text(_INSERT[tx.get_bind().dialect.name]), _values(said, row.unit, row.type_code))


def rebuild(tx: Session) -> None:
    """Fills an empty index from the texts."""
    statement = text(_INSERT[tx.get_bind().dialect.name])
    last = 0
    while True:
        page = select(PaperTextRow, PaperRow.unit, PaperRow.type_code).join(
            PaperRow, PaperRow.id == PaperTextRow.paper_id
        )
        page = page.where(PaperTextRow.paper_id > last).order_by(PaperTextRow.paper_id).limit(_PAGE)
        rows = tx.execute(page).all()
        if not rows:
            return
        tx.execute(statement, [_values(said, unit, type_code) for said, unit, type_code in rows])
        last = rows[-1][0].paper_id
        tx.expunge_all()


def _values(said: PaperTextRow, unit: str, type_code: str) -> dict[str, object]:
    head = f"{words(said.head)} {mark('unit', unit)} {mark('type', type_code)}"
    return {"id": said.paper_id, "head": head, "body": words(said.body)}


def plain(written: str) -> str:
    """A text as it is kept to be shown: single spaces, identity numbers masked."""
    return mask_numbers(" ".join(nfc(written).split()))


def words(written: str) -> str:
    """A text as the index has it: folded, letters and digits only."""
    return " ".join("".join(c if c.isalnum() else " " for c in fold(written)).split())


def mark(kind: Literal["unit", "type"], code: str) -> str:
    """A unit or type as a word of the index that no text holds."""
    return f"z{kind}" + "".join(c if c.isalnum() else "x" for c in fold(code))
