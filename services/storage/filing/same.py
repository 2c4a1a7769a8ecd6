"""The same paper scanned twice: other bytes, one paper.

Two looks find the few papers it could be, each one index range: the same number and day, and the same owner and type.
What they agree on decides.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.storage.filing.sketch import bits_apart, likeness
from services.storage.records.tables import PaperOwnerRow, PaperRow

_LOOK_AT = 50  # newest papers of one owner and type; nobody has more that are alike
_ALIKE_TEXT = 0.7  # one scan read twice with one word in twenty wrong keeps about three triples in four
_ALIKE_LOOK = 10  # of 64 bits; other papers on the same form differ in more


def find_same(tx: Session, row: PaperRow, owner_ids: Sequence[int]) -> tuple[int | None, bool]:
    """The earlier paper that ``row`` (not yet in the records) is another scan of, and whether that is sure.

    Sure: number and day agree and so does the issuer or an owner, or number or day agree and the scans are alike.
    Else alike scans of one owner with nothing read that tells them apart are offered, and not taken for one.
    """
    for rival in _rivals(tx, row, owner_ids):
        if (rival.copy_kind in ("CHINH", "DIEN_TU")) != (row.copy_kind in ("CHINH", "DIEN_TU")):
            continue  # an original and its copy are two papers
        verdict = _agree(row, rival, shares_owner=bool(owner_ids) and _owned(tx, rival.id))
        if verdict is not None:
            return rival.same_as or rival.id, verdict
    return None, False


def _rivals(tx: Session, row: PaperRow, owner_ids: Sequence[int]) -> list[PaperRow]:
    found: dict[int, PaperRow] = {}
    if owner_ids:
        of_owner = (
            select(PaperRow)
            .join(PaperOwnerRow, PaperOwnerRow.paper_id == PaperRow.id)
            .where(PaperOwnerRow.owner_id.in_(owner_ids), PaperOwnerRow.type_code == row.type_code)
            .order_by(PaperOwnerRow.paper_id.desc())
            .limit(_LOOK_AT)
        )
        found.update((rival.id, rival) for rival in tx.execute(of_owner).scalars())
    if row.so_ky_hieu_folded and row.ngay_cap:
        numbered = select(PaperRow).where(
            PaperRow.so_ky_hieu_folded == row.so_ky_hieu_folded,
            PaperRow.ngay_cap == row.ngay_cap,
            PaperRow.type_code == row.type_code,
        )
        for rival in tx.execute(numbered.order_by(PaperRow.id).limit(_LOOK_AT)).scalars():
            if rival.id not in found and not (owner_ids and _owned(tx, rival.id)):
                found[rival.id] = rival  # another owner's paper of that number is another paper
    return [found[key] for key in sorted(found)]


def _owned(tx: Session, paper_id: int) -> bool:
    return tx.execute(select(PaperOwnerRow.owner_id).where(PaperOwnerRow.paper_id == paper_id)).first() is not None


def _agree(row: PaperRow, rival: PaperRow, *, shares_owner: bool) -> bool | None:
    """True the same for sure, False perhaps, None not."""
    number = _equal(row.so_ky_hieu_folded, rival.so_ky_hieu_folded)
    day = _equal(row.ngay_cap, rival.ngay_cap)
    issuer = _equal(row.co_quan_cap_folded, rival.co_quan_cap_folded)
    if number is False or day is False:
        return None
    if number and day and issuer is not False and (issuer or shares_owner):
        return True
    text, look = likeness(row.sketch, rival.sketch), bits_apart(row.phash, rival.phash)
    if text is None or text < _ALIKE_TEXT or (look is not None and look > _ALIKE_LOOK):
        return None
    return bool(number or day) and issuer is not False


def _equal(one: object, other: object) -> bool | None:
    return None if one is None or other is None else one == other
