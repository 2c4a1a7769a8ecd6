"""A made-up paper as a reader would have read it: a ``Reading`` without recognising anything, with a reader's mistakes.

Cheap enough for thousands of training papers. Real recognition of ``image`` stays the judge.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from bench.papers.make import LabelledPaper, LineWord, words_of
from bench.papers.stack import Stack
from sample_docs.painter.sheet import Sheet
from services.ocr.model import Box, Code, Page, Quality, Reading, Word
from services.vietnamese import strip_marks

# level → share of words with a wrong letter, share of words lost, share of junk words added
_MISTAKES = {
    "clean": (0.006, 0.001, 0.001),
    "office": (0.018, 0.004, 0.004),
    "worn": (0.07, 0.02, 0.02),
    "phone": (0.09, 0.03, 0.02),
}
_LIKE = {
    "0": "O6",
    "1": "Il7",
    "5": "S",
    "8": "B3",
    "6": "b0",
    "O": "0Q",
    "I": "1l",
    "l": "1I",
    "B": "8",
    "S": "5",
    "m": "rn",
    "n": "ri",
    "h": "b",
    "e": "c",
    "c": "e",
    "u": "n",
    "ố": "ồ",
    "ộ": "ô",
    "ữ": "ừ",
    "ị": "i",
    "ạ": "a",
    "ă": "à",
    "ư": "u",
    "đ": "d",
    "Đ": "D",
    "Ấ": "Ã",
    "Ế": "Ê",
    "ế": "é",
    "ở": "ó",
    "ể": "ê",
    "ỷ": "ý",
    ".": ",",
    ",": ".",
    ":": ";",
    "/": "l",
}
_JUNK = ("—", "|", "'", "~", "«", "“", "=", "^", "í", ".", "Ñ", "ø", "l", "ˆ")


def simulate(paper: LabelledPaper | Stack, seed: int = 0, *, dpi: int = 300, level: str | None = None) -> Reading:
    """The reading of a paper or of a stack (in scanned order)."""
    rng = random.Random(f"read/{paper.seed}/{seed}")
    sheets = paper.sheets if isinstance(paper, LabelledPaper) else tuple(page.sheet for page in paper.pages)
    depth = level or paper.level
    pages = tuple(_page(sheet, n + 1, rng, dpi, depth) for n, sheet in enumerate(sheets))
    return Reading(pages, "application/pdf", readers=("simulated",))


def _page(sheet: Sheet, number: int, rng: random.Random, dpi: int, level: str) -> Page:
    scale = dpi / 25.4
    wrong, lost, junk = _MISTAKES[level]
    colour = level in ("clean", "phone") or rng.random() < 0.6
    seals = [m for m in sheet.marks if m.kind == "seal"]
    dx, dy = rng.uniform(-1.5, 1.5), rng.uniform(-1.5, 1.5)
    lines = _reading_order(words_of(sheet), rng)
    leaders = [rule for rule in sheet.rules if rule.dotted]
    words: list[Word] = []
    rows: list[str] = []
    handwriting: list[Box] = []
    for index, (block, line) in enumerate(lines):
        row: list[Word] = []
        for word in line:
            box = _box(word, scale, dx, dy)
            if word.hand:
                handwriting.append(box)
            covered = any(
                s.x < (word.left + word.right) / 2 < s.x + s.w and s.y < word.bottom < s.y + s.h for s in seals
            )
            read, sure = _read(word, rng, wrong * (4 if covered else 1), lost * (3 if covered else 1))
            if read:
                row.append(Word(read, box, sure, index, block))
            if rng.random() < junk:
                row.append(
                    Word(
                        rng.choice(_JUNK),
                        Box(box.right, box.top, box.right + 12, box.bottom),
                        rng.uniform(0.1, 0.5),
                        index,
                        block,
                    )
                )
        last = line[-1]
        for rule in leaders:
            if row and abs(rule.y0 - last.bottom) < 2.2 and rule.x0 >= last.right - 3 and rng.random() < 0.7:
                dots = rng.choice((".", "…", "..")) * rng.randint(2, 14)
                row.append(
                    Word(
                        dots,
                        Box(round(rule.x0 * scale), row[-1].box.top, round(rule.x1 * scale), row[-1].box.bottom),
                        0.5,
                        index,
                        block,
                    )
                )
                break
        words.extend(row)
        rows.append(" ".join(w.text for w in row))
    codes = tuple(
        Code("QRCode", m.text, Box(*(round(v * scale) for v in (m.x, m.y, m.x + m.w, m.y + m.h))))
        for m in sheet.marks
        if m.kind == "qr" and rng.random() > {"clean": 0.0, "office": 0.03, "worn": 0.3, "phone": 0.2}[level]
    )
    stamps = tuple(
        Box(*(round(v * scale) for v in (s.x, s.y, s.x + s.w, s.y + s.h)))
        for s in seals
        if colour and s.colour[0] > 150
    )
    quality = Quality(
        blank=not words, effective_dpi=float(dpi), text_height_px=12 * dpi / 72, colour_ink=0.02 if stamps else 0.0
    )
    return Page(
        number,
        round(sheet.width * scale),
        round(sheet.height * scale),
        float(dpi),
        0,
        rng.uniform(-0.4, 0.4),
        "recognised",
        quality,
        "\n".join(rows),
        tuple(words),
        codes,
        red_stamps=stamps,
        handwriting=tuple(handwriting),
    )


def _box(word: LineWord, scale: float, dx: float, dy: float) -> Box:
    return Box(
        round((word.left + dx) * scale),
        round((word.top + dy) * scale),
        round((word.right + dx) * scale),
        round((word.bottom + dy) * scale),
    )


def _reading_order(words: Sequence[LineWord], rng: random.Random) -> list[tuple[int, list[LineWord]]]:
    """Lines with their blocks, from top to bottom; columns that stand on one height are often read as one line."""
    rows: dict[int, list[LineWord]] = {}
    for word in words:
        rows.setdefault(word.line, []).append(word)
    lines = sorted(rows.values(), key=lambda row: (row[0].bottom, row[0].left))
    merge = rng.random() < 0.5
    out: list[tuple[int, list[LineWord]]] = []
    if not merge:
        by_block: dict[int, list[list[LineWord]]] = {}
        for row in lines:
            by_block.setdefault(row[0].block, []).append(row)
        blocks = sorted(by_block.values(), key=lambda rows: (round(rows[0][0].top / 3), rows[0][0].left))
        return [(number, row) for number, rows in enumerate(blocks) for row in rows]
    for row in lines:
        if out and abs(out[-1][1][0].bottom - row[0].bottom) < 1.6:
            out[-1][1].extend(row)
            out[-1][1].sort(key=lambda w: w.left)
        else:
            out.append((row[0].block, list(row)))
    return out


def _read(word: LineWord, rng: random.Random, wrong: float, lost: float) -> tuple[str, float]:
    if word.hand:
        if rng.random() < 0.35:
            return "", 0.0
        letters = "".join(
            rng.choice("0123456789lIJÁ£¿/#") for _ in range(max(1, len(word.text) + rng.choice((-1, 0, 0, 1))))
        )
        return letters, rng.uniform(0.1, 0.55)
    if rng.random() < lost:
        return "", 0.0
    text = word.text
    if rng.random() >= wrong * min(2.0, 0.5 + len(text) / 6):
        return text, min(1.0, rng.gauss(0.95, 0.03))
    if rng.random() < 0.25 and strip_marks(text) != text:
        return strip_marks(text), rng.uniform(0.4, 0.9)
    spots = [i for i, c in enumerate(text) if c in _LIKE] or list(range(len(text)))
    spot = rng.choice(spots)
    swap = rng.choice(_LIKE.get(text[spot], "i")) if text[spot] != "m" else "rn"
    return text[:spot] + swap + text[spot + 1 :], rng.uniform(0.3, 0.88)
