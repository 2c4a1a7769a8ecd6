"""Identity numbers without a label: the one behind the owner's name, or the only one of the paper."""

from __future__ import annotations

from collections.abc import Sequence

from services.classify.catalogue import PaperType
from services.classify.codes import ids_in, kind_of_id
from services.classify.fields.common import FIRMS
from services.classify.fields.facts import Facts
from services.classify.layout import Row, Sheet
from services.classify.model import Value
from services.classify.text import key


def number_after_owner(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
    """The first identity number within eight rows of the owner's name, where no label gave one."""
    owner = facts.fields["chu_so_huu"]
    if (
        facts.fields["dinh_danh"] is not None
        or owner is None
        or owner.box is None
        or paper.owner in ("spouses", "none", "named")
    ):
        return
    sheet = next(sheet for sheet in sheets if sheet.number == owner.page)
    start = next((i for i, row in enumerate(sheet.rows) if row.box.bottom > owner.box.top), None)
    if start is None:
        return
    firm = key(owner.value).startswith(FIRMS)
    for row in sheet.rows[start : start + 9]:
        for number, _, _ in ids_in(row.text):
            kind = kind_of_id(number)
            if (kind == "mst" and firm) or (kind in ("cccd", "cmnd") and not firm):
                sure = 0.88 if kind != "cmnd" else 0.75
                facts.put(
                    "dinh_danh",
                    Value(number, round(sure * (0.35 + 0.65 * row.segments[0].confidence), 4), sheet.number, row.box),
                )
                return


def only_number(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
    """The one identity number of the paper, where it has only one and its owner is a person."""
    if facts.fields["dinh_danh"] is not None or paper.owner in (
        "spouses",
        "none",
        "named",
        "receiver_body",
        "receiver",
        "payer",
    ):
        return
    owner = facts.fields["chu_so_huu"]
    wanted = "mst" if owner is not None and key(owner.value).startswith(FIRMS) else "cccd"
    found: dict[str, tuple[int, Row]] = {}
    for sheet in sheets:
        for row in sheet.rows:
            for number, _, _ in ids_in(row.text):
                if kind_of_id(number) == wanted:
                    found.setdefault(number, (sheet.number, row))
    if len(found) == 1:
        number, (page, row) = next(iter(found.items()))
        confidence = sum(word.confidence for word in row.words) / len(row.words)
        facts.put("dinh_danh", Value(number, round(0.8 * (0.35 + 0.65 * confidence), 4), page, row.box))
