"""Several papers scanned as one file, with the true boundaries: blank backs, separator sheets, odd/even stacks."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass

from PIL import Image

from bench.papers.make import FONTS, LabelledPaper, Part, make
from sample_docs.painter import damage, paint
from sample_docs.painter.damage import LEVELS
from sample_docs.painter.sheet import Flow, Sheet

SEPARATOR_CODE = "SOHOA-TACH-HO-SO"


@dataclass(frozen=True, slots=True)
class StackPage:
    """One scanned side: ``paper`` counts from 0 in ``Stack.papers``, ``page`` from 1 in it; None on other sides."""

    sheet: Sheet
    paper: int | None
    page: int | None
    kind: str  # "paper", "blank", "separator"


@dataclass(frozen=True, slots=True)
class Stack:
    """One scanned file. ``pages`` are in scanned order; ``right_order`` gives page numbers (from 1) in reading order.

    ``boundaries`` are (first, last) page numbers of each paper counted in reading order, blank backs at a paper's end
    and separators left out.
    """

    papers: tuple[LabelledPaper, ...]
    pages: tuple[StackPage, ...]
    right_order: tuple[int, ...]
    boundaries: tuple[tuple[int, int], ...]
    level: str
    seed: int
    part: str

    def image(self, page: int, dpi: int = 200) -> Image.Image:
        """Scanned page (from 1) as an image."""
        seed = zlib.crc32(f"{self.seed}/{page}".encode())
        return damage(paint(self.pages[page - 1].sheet, dpi), self.level, seed, judge=self.part == "judge")


def stack(
    part: Part,
    seed: int = 0,
    *,
    papers: int = 3,
    level: str | None = None,
    blanks: float = 0.5,
    separators: bool = False,
    odd_even: bool = False,
    strangers: float = 0.0,
) -> Stack:
    """``papers`` papers in one file. ``blanks``: chance of a blank back after a paper with an odd number of sides.

    ``odd_even``: a one-sided scanner gave all fronts, then all backs from the last to the first.
    """
    rng = random.Random(f"stack/{part}/{seed}")
    chosen_level = level or rng.choice(LEVELS)
    pool = list(make(part, rng.getrandbits(32), n=papers * 7, levels=(chosen_level,), strangers=strangers))
    chosen = tuple(rng.sample(pool, papers))
    family = FONTS[part][0][0]
    pages: list[StackPage] = []
    bounds: list[tuple[int, int]] = []
    for number, paper in enumerate(chosen):
        if separators and number:
            pages.append(StackPage(_separator(family), None, None, "separator"))
            if odd_even:
                pages.append(StackPage(_blank(family), None, None, "blank"))
        first = len(pages) + 1
        pages.extend(StackPage(sheet, number, n + 1, "paper") for n, sheet in enumerate(paper.sheets))
        bounds.append((first, len(pages)))
        if len(paper.sheets) % 2 and (odd_even or rng.random() < blanks):
            pages.append(StackPage(_blank(family), None, None, "blank"))
    order = list(range(len(pages)))
    if odd_even:
        if len(pages) % 2:
            pages.append(StackPage(_blank(family), None, None, "blank"))
            order.append(len(order))
        scanned = order[0::2] + order[1::2][::-1]
        pages = [pages[i] for i in scanned]
        order = [scanned.index(i) for i in range(len(scanned))]
    return Stack(chosen, tuple(pages), tuple(i + 1 for i in order), tuple(bounds), chosen_level, seed, part)


def _blank(family: str) -> Sheet:
    return Sheet(210.0, 297.0, family)


def _separator(family: str) -> Sheet:
    flow = Flow(family, size_pt=22)
    flow.y = 70
    flow.text("TỜ PHÂN CÁCH HỒ SƠ", align="centre", style="b")
    flow.text("(không lưu trang này)", align="centre", size=13)
    flow.mark("qr", 75, 110, 60, 60, SEPARATOR_CODE)
    return flow.sheet
