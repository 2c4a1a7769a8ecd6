"""Values behind printed labels: ``Họ, chữ đệm, tên: ……NGUYỄN VĂN AN……``.

A value runs from the end of its label to the next label, the next column, or the end of the row, and may begin on the
row below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.classify.fields.labels import Hit, Label, hits_on
from services.classify.fields.tokens import Token, is_item, tokens_of
from services.classify.layout import Row, Sheet, union
from services.classify.text import clean_leaders, key
from services.ocr.model import Box

_NOWHERE = Box(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Found:
    """A value behind a label: the text as printed, its box, mean reader confidence, and how well the label fitted."""

    field: str
    text: str
    box: Box
    confidence: float
    fit: float
    page: int
    row: int
    order: int  # rank of the label in the field's list
    label: str
    colon: bool
    below: bool = False  # the value stands on the row under its label
    label_box: Box = _NOWHERE
    words: tuple[tuple[str, float], ...] = ()  # letters and confidence of each piece of the value

    def confidence_of(self, value: str) -> float:
        """The reader's least confidence among the pieces that make up the value; the mean where they cannot be told."""
        wanted = key(value).replace(" ", "")
        used = [sure for letters, sure in self.words if letters in wanted or (len(letters) > 3 and wanted in letters)]
        return min(used) if used else self.confidence


def find_labelled(sheets: Sequence[Sheet], known: Sequence[Label]) -> list[Found]:
    """Every value behind a label on these pages, top to bottom."""
    found = []
    for sheet in sheets:
        hits = [hits_on(sheet, position, known) for position in range(len(sheet.rows))]
        for position, row in enumerate(sheet.rows):
            for index, hit in enumerate(hits[position]):
                if any(label.field for label in hit.labels):
                    found.extend(_values(sheet, position, row, hits, index))
    return found


def _values(sheet: Sheet, position: int, row: Row, hits: Sequence[Sequence[Hit]], index: int) -> list[Found]:
    hit = hits[position][index]
    tokens = tokens_of(row)
    below = False
    at = position
    if hit.next_row_start >= 0:
        at = position + 1
        tokens = tokens_of(sheet.rows[at])
        stop = min((h.start for h in hits[at] if h.start >= hit.next_row_start), default=len(tokens))
        run = list(tokens[hit.next_row_start : stop])
    else:
        stop = hits[position][index + 1].start if index + 1 < len(hits[position]) else len(tokens)
        run = list(tokens[hit.end : stop])
    if not any(token.key for token in run) and at + 1 < len(sheet.rows):
        run = _run_below(sheet, at, hits, tokens[hit.start].box if hit.next_row_start < 0 else None)
        below = True
        at += 1
    run = _trim(_one_column(run))
    if not run:
        return []
    text = clean_leaders(_join(run))
    if not text:
        return []
    box = union(token.box for token in run)
    named = tokens_of(row)[hit.start : min(hit.end, len(tokens_of(row)))]
    label_box = union(token.box for token in named)
    told = [token for token in run if token.key] or run
    confidence = sum(token.confidence for token in told) / len(told)
    words = tuple((token.key, token.confidence) for token in told)
    return [
        Found(
            label.field,
            text,
            box,
            confidence,
            hit.fit,
            sheet.number,
            sheet.rows[at].index,
            label.order,
            label.text,
            hit.colon,
            below,
            label_box,
            words,
        )
        for label in hit.labels
        if label.field
    ]


def _one_column(run: list[Token]) -> list[Token]:
    """The pieces up to the next column, once something has been said."""
    for index, token in enumerate(run):
        if token.first and any(before.key for before in run[:index]):
            return run[:index]
    return run


def _run_below(sheet: Sheet, at: int, hits: Sequence[Sequence[Hit]], label: Box | None) -> list[Token]:
    """The tokens of the next row that stand under the label and are no label themselves."""
    row = sheet.rows[at + 1]
    if row.top - sheet.rows[at].bottom > 2.5 * sheet.letter_px and sheet.boxed:
        return []
    tokens = tokens_of(row)
    starts = sorted(h.start for h in hits[at + 1])
    stop = starts[0] if starts else len(tokens)
    run = list(tokens[:stop])
    if label is None or not sheet.boxed or len(row.segments) == 1:
        return run
    columns = [i for i, segment in enumerate(row.segments) if segment.box.right > label.left - 2 * sheet.letter_px]
    return [token for token in run if columns and token.segment == columns[0]]


def _trim(run: list[Token]) -> list[Token]:
    while run and (not run[0].key) and not run[0].text.startswith(('"', "“", "«", "(")):
        run = run[1:]
    while run and (not run[-1].key) and not run[-1].text.endswith((")", '"', "”")):
        run = run[:-1]
    if len(run) > 1 and is_item(run[-1].text) and not run[-1].text[0].isdigit():
        run = run[:-1]
    return run


def _join(run: Sequence[Token]) -> str:
    """Pieces as text; pieces of one word are put together again without a space."""
    text = ""
    right = None
    for token in run:
        glued = right is not None and token.box.left <= right[0] and token.box.top == right[1]
        text += token.text if glued or not text else f" {token.text}"
        right = (token.box.right, token.box.top)
    return re.sub(r"\s+([:;,])", r"\1", text)


def continue_text(sheet: Sheet, found: Found, known: Sequence[Label], *, rows: int = 2) -> Found:
    """The value with the rows below it, where it runs to the right edge and they begin no label and no list item."""
    if found.page != sheet.number:
        return found
    position = next((i for i, row in enumerate(sheet.rows) if row.index == found.row), None)
    if position is None:
        return found
    text, box, confidence = found.text, found.box, found.confidence
    for later in range(position + 1, min(len(sheet.rows), position + 1 + rows)):
        row = sheet.rows[later]
        if sheet.boxed and box.right < sheet.inside.right - 0.22 * (sheet.inside.right - sheet.inside.left):
            break
        if sheet.boxed and row.top - sheet.rows[later - 1].bottom > 1.2 * sheet.letter_px:
            break
        tokens = tokens_of(row)
        if not tokens or is_item(tokens[0].text) or text.endswith((".", ";")) or any(token.colon for token in tokens):
            break
        if any(hit.start == 0 for hit in hits_on(sheet, later, known)):
            break
        run = _trim(list(tokens))
        if not run or len(row.segments) > 1:
            break
        text = clean_leaders(f"{text} {_join(run)}")
        box = union((Box(box.left, box.top, box.right, box.bottom), *(token.box for token in run)))
        confidence = min(confidence, sum(token.confidence for token in run) / len(run))
        if sheet.boxed and run[-1].box.right < sheet.inside.right - 0.15 * (sheet.inside.right - sheet.inside.left):
            break
    return Found(
        found.field,
        text,
        box,
        confidence,
        found.fit,
        found.page,
        found.row,
        found.order,
        found.label,
        found.colon,
        found.below,
    )
