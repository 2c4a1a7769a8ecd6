"""Reading order by geometry: the letterhead's and the closing's two columns apart, tables row by row.

Office papers are one column of text with two exceptions the rules of layout fix (NĐ 30/2020, DOMAIN §7.2): the
letterhead (agency left, Quốc hiệu right) and the closing (Nơi nhận left, signer right). Both are a band of the page in
which an empty gutter runs between left and right. Rows that share their heights left and right of a gutter are a
table or a form, read across; where left and right lines stand at heights of their own, they are columns, read down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from services.ocr.lines import ReadLine, ReadWord, Rect, around
from services.vietnamese import fold

# Boxes overlap in height by this share of the lower one when they stand in one row.
_SAME_ROW = 0.5
_QUOC_HIEU = "cong hoa xa hoi"
_SPLIT_GAP = 0.95  # in line heights
_WORD_GAP = 1.6  # in line heights: pieces nearer than this on one row are one line


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line in its place: ``block`` counts from 0."""

    line: ReadLine
    block: int


def in_reading_order(lines: Sequence[ReadLine], page_width: float) -> list[OrderedLine]:
    """Lines joined from pieces, in the order a person reads them."""
    whole = [line for line in lines if line.words]
    if not whole:
        return []
    height = median(line.rect.height for line in whole)
    pieces = [piece for line in whole for piece in _split(line, height)]
    rows = _rows(pieces)
    ordered: list[OrderedLine] = []
    block = 0
    for band in _bands(rows, page_width, height):
        groups = _columns(band, page_width, height)
        for group in groups:
            last: Rect | None = None
            for line in group:
                if last is not None and line.rect.top - last.bottom > 1.1 * height:
                    block += 1
                ordered.append(OrderedLine(line, block))
                last = line.rect
            block += 1
    return ordered


_Row = list[ReadLine]


def _split(line: ReadLine, height: float) -> list[ReadLine]:
    """A detected line cut where a gap may be a gutter: at wide gaps, and before the Quốc hiệu, which opens a column."""
    parts: list[list[ReadWord]] = [[line.words[0]]]
    for index, word in enumerate(line.words[1:], 1):
        wide = word.rect.left - parts[-1][-1].rect.right > _SPLIT_GAP * height
        if wide or fold(" ".join(w.text for w in line.words[index : index + 4])) == _QUOC_HIEU:
            parts.append([word])
        else:
            parts[-1].append(word)
    if len(parts) == 1:
        return [line]
    return [ReadLine(tuple(part), around([word.rect for word in part]), line.reader) for part in parts]


def _rows(pieces: Sequence[ReadLine]) -> list[_Row]:
    """Pieces gathered into rows from the top, each row from left to right."""
    rows: list[_Row] = []
    for piece in sorted(pieces, key=lambda p: p.rect.centre_y):
        for row in reversed(rows[-4:]):
            if all(_overlap(piece.rect, other.rect) >= _SAME_ROW for other in row) and not any(
                _covers(piece.rect, other.rect) for other in row
            ):
                row.append(piece)
                break
        else:
            rows.append([piece])
    for row in rows:
        row.sort(key=lambda p: p.rect.left)
    return sorted(rows, key=lambda row: median(p.rect.centre_y for p in row))


def _overlap(a: Rect, b: Rect) -> float:
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)
    return shared / max(min(a.height, b.height), 1.0)


def _covers(a: Rect, b: Rect) -> bool:
    """True where two boxes stand over each other rather than side by side."""
    shared = min(a.right, b.right) - max(a.left, b.left)
    return shared > 0.5 * min(a.width, b.width)


def _joined(row: _Row, gap: float) -> _Row:
    """Pieces of a row that are nearer than ``gap`` px, as one line; the Quốc hiệu always opens its own."""
    lines: _Row = []
    for piece in row:
        near = lines and piece.rect.left - lines[-1].rect.right < gap
        if near and not _opens_right(piece):
            before = lines[-1]
            words: tuple[ReadWord, ...] = before.words + piece.words
            lines[-1] = ReadLine(words, around([before.rect, piece.rect]), before.reader)
        else:
            lines.append(piece)
    return lines


def _opens_right(piece: ReadLine) -> bool:
    return fold(piece.text).startswith(_QUOC_HIEU)


def _gutter(row: _Row, page_width: float, height: float) -> tuple[float, float] | None:
    """The widest empty stretch between two pieces of a row, in the page's middle part; None where there is none."""
    best: tuple[float, float] | None = None
    for left, right in pairwise(row):
        low, high = left.rect.right, right.rect.left
        middle = (low + high) / 2
        if not 0.2 * page_width < middle < 0.75 * page_width:
            continue
        if _opens_right(right):  # however near the left column comes: the two boxes may even touch
            return min(low, middle - 0.3 * height), max(high, middle + 0.3 * height)
        if high - low >= 0.7 * height and (best is None or high - low > best[1] - best[0]):
            best = (low, high)
    return best


def _bands(rows: list[_Row], page_width: float, height: float) -> list[list[_Row]]:
    """Rows cut into bands: runs of rows that one gutter passes through, and the single rows between."""
    bands: list[list[_Row]] = []
    run: list[_Row] = []
    free: tuple[float, float] | None = None
    for row in rows:
        open_part = _open_part(row, free, page_width, height)
        near = bool(run) and row[0].rect.top - max(p.rect.bottom for p in run[-1]) < 3.0 * height
        if fold(row[0].text).startswith("kinh gui"):
            near = not run  # below a letterhead the addressee opens the body
        if open_part is not None and (not run or near):
            run.append(row)
            free = open_part
            continue
        if run:
            bands.append(run)
        run, free = [], None
        gutter = _open_part(row, None, page_width, height)
        if gutter is not None:
            run, free = [row], gutter
        else:
            bands.append([row])
    if run:
        bands.append(run)
    return bands


def _open_part(
    row: _Row, free: tuple[float, float] | None, page_width: float, height: float
) -> tuple[float, float] | None:
    """What stays empty of the gutter ``free`` when this row is added; a first row must itself have two sides."""
    if free is None:
        return _gutter(_joined(row, 0.45 * height), page_width, height)
    low, high = free
    for piece in row:
        if piece.rect.right <= low + 0.3 * height or piece.rect.left >= high - 0.3 * height:
            continue
        middle = (piece.rect.left + piece.rect.right) / 2
        if middle < (low + high) / 2:
            low = max(low, piece.rect.right)
        else:
            high = min(high, piece.rect.left)
    return (low, high) if high - low >= 0.5 * height else None


def _columns(band: list[_Row], page_width: float, height: float) -> list[_Row]:
    """The band's lines in groups: two columns read one after the other, or all rows read across."""
    if len(band) == 1 or not _is_two_columns(band, page_width, height):
        return [[line for row in band for line in _joined(row, _WORD_GAP * height)]]
    middle = _common_gutter(band, page_width, height)
    left = [_joined([p for p in row if (p.rect.left + p.rect.right) / 2 < middle], _WORD_GAP * height) for row in band]
    right = [
        _joined([p for p in row if (p.rect.left + p.rect.right) / 2 >= middle], _WORD_GAP * height) for row in band
    ]
    return [[line for row in side for line in row] for side in (left, right) if any(side)]


def _common_gutter(band: list[_Row], page_width: float, height: float) -> float:
    free: tuple[float, float] | None = None
    for row in band:
        part = _open_part(row, free, page_width, height)
        free = part or free
    return sum(free) / 2 if free else page_width / 2


def _is_two_columns(band: list[_Row], page_width: float, height: float) -> bool:
    """True for a letterhead or a closing: few rows, each side centred in itself or at heights of its own.

    A form's or a table's rows have their pieces at one height, row after row, and more than two of them.
    """
    if len(band) > 16:
        return False
    pieces = [len(_joined(row, _WORD_GAP * height)) for row in band]
    if sum(1 for count in pieces if count > 2) > len(band) // 3:
        return False
    middle = _common_gutter(band, page_width, height)
    text_left = " ".join(p.text for row in band for p in row if p.rect.left < middle).lower()
    text_right = " ".join(p.text for row in band for p in row if p.rect.left >= middle).lower()
    if any(cue in text_right for cue in ("chủ nghĩa", "độc lập", "doc lap", "hạnh phúc")):
        return True
    if "nơi nhận" in text_left or "noi nhan" in text_left:
        return True
    if any(cue in text_right for cue in ("ký, ", "(ký", "ghi rõ họ", "đóng dấu", "chủ tịch", "giám đốc")):
        return True
    alone = sum(1 for row in band if len(_joined(row, _WORD_GAP * height)) == 1)
    return alone >= max(2, len(band) // 2)
