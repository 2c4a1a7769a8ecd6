"""Lays text out on sheets, in millimetres: paragraphs, columns, label lines with dotted leaders, tables, stamps.

A ``Sheet`` holds inks (pieces of text), rules and marks; a ``Flow`` writes them from top to bottom and starts a new
sheet where one is full. Text may carry ``<b>``, ``<i>`` and ``<h>`` (written by hand) tags.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sample_docs.painter.fonts import width_em

MM_PER_PT = 25.4 / 72
BLACK = (25, 25, 28)
BLUE = (28, 40, 140)
RED = (196, 32, 38)
BLANK = "␣␣␣"  # room left for a pen: takes width, prints nothing
_TAG = re.compile(r"(</?[bih]>|\s+)")

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Ink:
    """A piece of text; ``y`` is its base line. ``glued``: no space before it; ``line`` and ``block`` group."""

    text: str
    x: float
    y: float
    width: float
    size_pt: float
    style: str
    colour: Colour
    hand: bool
    glued: bool
    line: int
    block: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line; ``dotted`` for leaders."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float = 0.25
    dotted: bool = False
    colour: Colour = BLACK


@dataclass(frozen=True, slots=True)
class Mark:
    """Something drawn: a ``seal`` (round stamp), ``scribble``, ``qr``, ``box``, ``tint``, ``photo``, ``emblem``,
    ``guilloche`` (printed frame).
    """

    kind: str
    x: float
    y: float
    w: float
    h: float
    text: str = ""
    colour: Colour = BLACK


@dataclass(slots=True)
class Sheet:
    """One side of paper."""

    width: float
    height: float
    family: str
    inks: list[Ink] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    ground: Colour = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    style: str
    hand: bool
    glued: bool


def tokens(text: str, style: str = "r") -> list[_Token]:
    """Words with their styles; a word that touches the one before it is glued to it."""
    bold, italic, hand, glued = "b" in style, "i" in style, False, True
    out: list[_Token] = []
    for piece in _TAG.split(text):
        if not piece:
            continue
        if piece.isspace():
            glued = False
        elif _TAG.fullmatch(piece):
            on = piece[1] != "/"
            bold = on if piece[-2] == "b" else bold
            italic = on if piece[-2] == "i" else italic
            hand = on if piece[-2] == "h" else hand
        else:
            face = "m" if style == "m" else ("b" if bold else "") + ("i" if italic else "") or "r"
            out.append(_Token(piece, "i" if hand else face, hand, glued and bool(out)))
            glued = True
    return out


@dataclass(slots=True)
class Flow:
    """Writes from top to bottom; ``sheets`` is what has been written. Lengths in mm, type sizes in points."""

    family: str
    size_pt: float = 13.0
    width: float = 210.0
    height: float = 297.0
    left: float = 25.0
    right: float = 18.0
    top: float = 18.0
    bottom: float = 18.0
    leading: float = 1.3
    ink: Colour = BLACK
    hand_ink: Colour = BLUE
    sheets: list[Sheet] = field(default_factory=list)
    y: float = 0.0
    _line: int = 0
    _block: int = 0

    def __post_init__(self) -> None:
        self.new_sheet()

    @property
    def sheet(self) -> Sheet:
        return self.sheets[-1]

    def new_sheet(self) -> None:
        self.sheets.append(Sheet(self.width, self.height, self.family))
        self.y = self.top
        self._block += 1

    def step(self, size_pt: float | None = None) -> float:
        """Height of a line."""
        return (size_pt or self.size_pt) * MM_PER_PT * self.leading

    def gap(self, lines: float = 0.5) -> None:
        self.y += lines * self.step()

    def need(self, height: float) -> None:
        if self.y + height > self.height - self.bottom and self.y > self.top:
            self.new_sheet()

    def word_width(self, token: _Token, size: float) -> float:
        scale = 1.12 if token.hand else 1.0
        return width_em(self.family, token.style, token.text) * size * scale * MM_PER_PT

    def lines_of(
        self, text: str, width: float, size: float, style: str, indent: float = 0.0
    ) -> list[list[tuple[_Token, float]]]:
        """Greedy line breaking: each line a list of (token, its width)."""
        space = width_em(self.family, "r", " ") * size * MM_PER_PT
        groups: list[list[tuple[_Token, float]]] = []
        for token in tokens(text, style):
            piece = (token, self.word_width(token, size))
            if token.glued and groups:
                groups[-1].append(piece)
            else:
                groups.append([piece])
        lines: list[list[tuple[_Token, float]]] = []
        used, current = indent, []
        for group in groups:
            needed = sum(w for _, w in group)
            if current and used + space + needed > width:
                lines.append(current)
                used, current = 0.0, []
            used += needed + (space if current else 0.0)
            current.extend(group)
        if current:
            lines.append(current)
        return lines

    def text(
        self,
        text: str,
        *,
        x0: float | None = None,
        x1: float | None = None,
        align: str = "left",
        size: float | None = None,
        style: str = "r",
        indent: float = 0.0,
        leader: bool = False,
        colour: Colour | None = None,
        flow: bool = True,
        y: float | None = None,
    ) -> float:
        """Writes a paragraph between x0 and x1; returns the y under it. ``justify`` spreads all lines but the last.

        ``flow`` moves the pen and may start a new sheet; without it the paragraph stands at ``y`` as a block.
        """
        left = self.left if x0 is None else x0
        right = self.width - self.right if x1 is None else x1
        size = size or self.size_pt
        step = self.step(size)
        pen = self.y if y is None else y
        self._block += 1
        lines = self.lines_of(text, right - left, size, style, indent)
        for number, line in enumerate(lines):
            if flow and pen + step > self.height - self.bottom and pen > self.top:
                self.new_sheet()
                self._block += 1
                pen = self.y
            first, last = number == 0, number == len(lines) - 1
            self._set_line(line, left + (indent if first else 0.0), right, pen, size, align, last, leader, colour)
            pen += step
        if flow:
            self.y = pen
        return pen

    def _set_line(
        self,
        line: Sequence[tuple[_Token, float]],
        left: float,
        right: float,
        pen: float,
        size: float,
        align: str,
        last: bool,
        leader: bool,
        colour: Colour | None,
    ) -> None:
        space = width_em(self.family, "r", " ") * size * MM_PER_PT
        gaps = sum(1 for i, (t, _) in enumerate(line) if i and not t.glued)
        natural = sum(w for _, w in line) + gaps * space
        room = right - left
        x = left
        if align == "centre":
            x = left + (room - natural) / 2
        elif align == "right":
            x = right - natural
        elif align == "justify" and not last and gaps:
            space += max(0.0, room - natural) / gaps
        base = pen + size * MM_PER_PT * 1.0
        self._line += 1
        for i, (token, width) in enumerate(line):
            if i and not token.glued:
                x += space
            shade = self.hand_ink if token.hand else (colour or self.ink)
            self.sheet.inks.append(
                Ink(
                    token.text,
                    x,
                    base,
                    width,
                    size * (1.12 if token.hand else 1.0),
                    token.style,
                    shade,
                    token.hand,
                    token.glued,
                    self._line,
                    self._block,
                )
            )
            x += width
        if leader and last and right - x > 3:
            self.sheet.rules.append(Rule(x + 0.8, base + 0.3, right, base + 0.3, 0.3, dotted=True, colour=self.ink))

    def rule(self, x0: float, x1: float, y: float | None = None, width: float = 0.3) -> None:
        at = self.y if y is None else y
        self.sheet.rules.append(Rule(x0, at, x1, at, width, colour=self.ink))

    def table(
        self, widths: Sequence[float], rows: Sequence[Sequence[str]], *, size: float | None = None, header: bool = True
    ) -> None:
        """A ruled table over the text width; ``widths`` are shares. A row that does not fit starts a new sheet."""
        size = size or self.size_pt - 1.0
        room = self.width - self.right - self.left
        total = sum(widths)
        edges = [self.left]
        for share in widths:
            edges.append(edges[-1] + room * share / total)
        step = self.step(size)
        for number, row in enumerate(rows):
            bold = header and number == 0
            counts = [
                len(self.lines_of(cell, edges[i + 1] - edges[i] - 3, size, "b" if bold else "r"))
                for i, cell in enumerate(row)
            ]
            height = max([1, *counts]) * step + 1.6
            self.need(height)
            top = self.y
            for i, cell in enumerate(row):
                short = len(cell) <= 6 or bold
                self.text(
                    cell,
                    x0=edges[i] + 1.5,
                    x1=edges[i + 1] - 1.5,
                    size=size,
                    style="b" if bold else "r",
                    align="centre" if short else "left",
                    flow=False,
                    y=top + 0.6,
                )
            self.y = top + height
            self.rule(edges[0], edges[-1], top)
            self.rule(edges[0], edges[-1], self.y)
            for edge in edges:
                self.sheet.rules.append(Rule(edge, top, edge, self.y, 0.25, colour=self.ink))
        self.gap(0.3)

    def mark(self, kind: str, x: float, y: float, w: float, h: float, text: str = "", colour: Colour = BLACK) -> None:
        self.sheet.marks.append(Mark(kind, x, y, w, h, text, colour))
