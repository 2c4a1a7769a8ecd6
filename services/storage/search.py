"""Words to papers. (indexing half; look-ups follow)"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.storage.identity import mask_numbers
from services.storage.records import OwnerRow, PaperRow, PaperTextRow
from services.vietnamese import fold, nfc


def index(tx: Session, row: PaperRow, owners: Sequence[OwnerRow], body: str) -> None:
    """Makes a filed paper findable."""
    head = " · ".join(
        part
        for part in (
            row.type_name,
            row.so_ky_hieu,
            *(owner.name for owner in owners),
            row.trich_yeu,
            row.co_quan_cap,
            row.nguoi_ky,
        )
        if part
    )
    said = PaperTextRow(paper_id=row.id, head=_plain(head), body=_plain(body))
    tx.add(said)
    tx.flush()
    tx.execute(
        text(_INSERT[tx.get_bind().dialect.name]),
        {"id": row.id, "head": words(said.head) + " " + marks(row), "body": words(said.body)},
    )


_INSERT = {
    "sqlite": "INSERT INTO paper_index (rowid, head, body) VALUES (:id, :head, :body)",
    "postgresql": "INSERT INTO paper_index (paper_id, head, body) VALUES (:id, to_tsvector('simple', :head), "
    "to_tsvector('simple', :head) || strip(to_tsvector('simple', :body)))",
}


def words(written: str) -> str:
    """A text as the index sees it: folded, letters and digits only."""
    return " ".join("".join(c if c.isalnum() else " " for c in fold(written)).split())


def marks(row: PaperRow) -> str:
    """Conditions as words of the index: unit and type narrow a search in the same look as its words."""
    return f"zu{word(row.unit)} zt{word(row.type_code)}"


def word(code: str) -> str:
    return "".join(c if c.isalnum() else "x" for c in fold(code))


def _plain(written: str) -> str:
    return mask_numbers(" ".join(nfc(written).split()))
