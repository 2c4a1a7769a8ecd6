"""Makes labelled papers: ``make`` gives single papers, ``one`` the paper of a wording. Deterministic by seed.

TRAIN and JUDGE share no wording, no font family, and JUDGE adds kinds of damage that TRAIN never shows
(``sample_docs.painter.damage.HELD_OUT``).
"""

from __future__ import annotations

import datetime as dt
import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from PIL import Image

from bench.papers.copies import choose_kind, put_marks
from bench.papers.facts import Facts
from bench.papers.layout import fill, write
from bench.papers.truth import FIELDS, Owner, also_right, true_fields, true_owners
from bench.papers.wording import Wording, wordings
from sample_docs.painter import damage, paint
from sample_docs.painter.damage import LEVELS
from sample_docs.painter.sheet import BLANK, Flow, Sheet

Part = Literal["train", "judge"]
FONTS: dict[str, tuple[tuple[str, int], ...]] = {
    "train": (("tinos", 8), ("arimo", 2), ("noto-serif", 1), ("noto-sans", 1), ("dejavu-sans", 1)),
    "judge": (("liberation-serif", 4), ("freeserif", 3), ("liberation-sans", 2), ("dejavu-serif", 1), ("freesans", 1)),
}
_LEADING = {"official": (1.18, 1.36), "certificate": (1.4, 1.72), "form": (1.22, 1.5), "card": (1.2, 1.25)}
_PAPER = {
    "A4": (210.0, 297.0),
    "A5": (148.0, 210.0),
    "A5L": (210.0, 148.0),
    "A4L": (297.0, 210.0),
    "A3L": (420.0, 297.0),
}


class LineWord(NamedTuple):
    """A printed word and its box in mm (left, top, right, bottom)."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    hand: bool
    line: int
    block: int


@dataclass(frozen=True, slots=True)
class LabelledPaper:
    """A made-up paper with its truth. ``fields`` has the nine contract fields (dates ISO 8601, None where not printed).

    ``accept`` gives other right ways to say a value. ``handwritten`` names fields whose value, or part of it, stands in
    handwriting (an honest reader gives None or a low confidence). ``level`` is the damage of ``image``. ``code`` is
    KHAC for papers outside the catalogue.
    """

    code: str
    copy_kind: str
    fields: dict[str, str | None]
    accept: dict[str, tuple[str, ...]]
    owners: tuple[Owner, ...]
    handwritten: frozenset[str]
    wording: str
    part: str
    family: str
    level: str
    seed: int
    sheets: tuple[Sheet, ...]

    @property
    def page_count(self) -> int:
        return len(self.sheets)

    def words(self, page: int) -> tuple[LineWord, ...]:
        """Words of a page (from 1) in the order written: glued pieces joined, blanks left out."""
        return words_of(self.sheets[page - 1])

    def lines(self, page: int) -> tuple[tuple[LineWord, ...], ...]:
        """The page's printed lines; the two columns of a letterhead are lines of their own."""
        rows: dict[int, list[LineWord]] = {}
        for word in self.words(page):
            rows.setdefault(word.line, []).append(word)
        return tuple(tuple(row) for row in rows.values())

    @property
    def text(self) -> str:
        """All lines, a form feed between pages."""
        pages = ("\n".join(" ".join(w.text for w in row) for row in self.lines(n + 1)) for n in range(self.page_count))
        return "\f".join(pages)

    def image(self, page: int, dpi: int = 200) -> Image.Image:
        """The page (from 1) as scanned: printed at ``dpi`` and damaged."""
        seed = zlib.crc32(f"{self.seed}/{page}".encode())
        return damage(paint(self.sheets[page - 1], dpi), self.level, seed, judge=self.part == "judge")


def words_of(sheet: Sheet) -> tuple[LineWord, ...]:
    out: list[LineWord] = []
    for ink in sheet.inks:
        if ink.text.startswith(BLANK):
            continue
        height = ink.size_pt * 25.4 / 72
        piece = LineWord(
            ink.text,
            ink.x,
            ink.y - 0.75 * height,
            ink.x + ink.width,
            ink.y + 0.22 * height,
            ink.hand,
            ink.line,
            ink.block,
        )
        if ink.glued and out and out[-1].line == ink.line and abs(out[-1].right - ink.x) < 0.5:
            before = out[-1]
            out[-1] = LineWord(
                before.text + piece.text,
                before.left,
                min(before.top, piece.top),
                piece.right,
                max(before.bottom, piece.bottom),
                before.hand or piece.hand,
                piece.line,
                piece.block,
            )
        else:
            out.append(piece)
    return tuple(out)


def codes(part: Part) -> tuple[str, ...]:
    """Codes that have a wording in a part, KHAC left out."""
    return tuple(sorted({w.code for w in wordings() if w.part == part and w.code != "KHAC"}))


def make(
    part: Part,
    seed: int = 0,
    *,
    n: int | None = None,
    per_type: int | None = None,
    levels: Sequence[str] = LEVELS,
    only: Sequence[str] | None = None,
    strangers: float = 0.1,
) -> Iterator[LabelledPaper]:
    """``per_type`` papers of every code (or ``n`` papers over all codes in turn), levels in turn, and strangers (KHAC).

    ``strangers`` is their share beside the catalogue's papers. Wordings of a code are taken in turn.
    """
    chosen = tuple(only or codes(part))
    total = n if n is not None else (per_type or 1) * len(chosen)
    known = [w for w in wordings() if w.part == part]
    by_code = {code: [w for w in known if w.code == code] for code in sorted({*chosen, "KHAC"})}
    rng = random.Random(f"{part}/{seed}")
    offsets = {code: rng.randrange(max(1, len(group))) for code, group in by_code.items()}
    taken = dict.fromkeys(by_code, 0)
    for i in range(total):
        code = chosen[i % len(chosen)]
        if strangers and i and i % max(2, round(1 / strangers)) == 0 and by_code["KHAC"]:
            turn = taken["KHAC"]
            taken["KHAC"] += 1
            group = by_code["KHAC"]
            yield one(
                group[(turn + offsets["KHAC"]) % len(group)], rng.getrandbits(40), level=levels[turn % len(levels)]
            )
        turn = taken[code]
        taken[code] += 1
        group = by_code[code]
        level = levels[(turn + i // len(chosen) + i) % len(levels)]
        yield one(group[(turn + offsets[code]) % len(group)], rng.getrandbits(40), level=level)


def one(
    wording: Wording, seed: int, *, level: str = "clean", kind: str | None = None, family: str | None = None
) -> LabelledPaper:
    """One paper of a wording. ``kind`` fixes the kind of copy, ``family`` the font."""
    rng = random.Random(f"{wording.name}/{seed}")
    first, last = wording.era
    on = first + dt.timedelta(days=rng.randrange((last - first).days + 1))
    head = wording.head
    official = head.get("look", "") == "official"
    facts = Facts(
        rng,
        on,
        number="",
        hand=rng.random() < (0.3 if official else float(head.get("hand", "0"))),
        blank=official and head.get("blank", "yes") == "yes" and rng.random() < 0.05,
        extra={},
        part=wording.part,
    )
    facts.number = fill(head.get("so", "{n1}/{d.nam}"), facts).strip()
    for key in ("cq", "ty", "tt"):
        if key in head:
            facts.extra[key] = fill(head[key], facts).strip()
    accept: dict[str, tuple[str, ...]] = {}
    if "cq2" in head:
        accept["co_quan_cap"] = tuple(fill(part, facts).strip() for part in head["cq2"].split(";"))
    facts.used.clear()
    families, weights = zip(*FONTS[wording.part], strict=True)
    face = family or head.get("font") or rng.choices(families, weights)[0]
    width, height = _PAPER[head.get("paper", "A4")]
    base = float(head.get("size", "13" if official else "12"))
    wide = face.startswith(("dejavu", "noto"))
    flow = Flow(
        face,
        size_pt=base * (0.86 if wide else 1.0) + rng.choice([-0.5, 0, 0, 0.5]),
        width=width,
        height=height,
        left=float(head.get("left", rng.choice([20, 25, 30]))) * (0.62 if width < 160 else 1.0),
        right=rng.choice([14.0, 16.0, 18.0]) * (0.7 if width < 160 else 1.0),
        top=rng.uniform(14, 22),
        leading=rng.uniform(*_LEADING[head.get("look", "form")]),
    )
    write(wording, flow, facts, rng)
    chosen = kind or (head.get("copy") or choose_kind(wording.code, rng, facts))
    put_marks(flow, chosen, rng, facts)
    if official:
        _number_pages(flow)
    elif len(flow.sheets) > 1 and rng.random() < 0.5:
        _foot_pages(flow)
    overrides = head.get("truth", "")
    fields = true_fields(wording.code, facts, overrides) if wording.code != "KHAC" else dict.fromkeys(FIELDS)
    written = set()
    if facts.hand:
        written = {name for name in ("so_ky_hieu", "ngay_cap") if fields[name]}
        if official is False:
            written = {"ngay_cap"} & written
    owners = true_owners(wording.code, facts, fields, overrides) if wording.code != "KHAC" else ()
    accept |= also_right(wording.code, fields, owners)
    return LabelledPaper(
        wording.code,
        chosen,
        fields,
        accept,
        owners,
        frozenset(written),
        wording.name,
        wording.part,
        face,
        level,
        seed,
        tuple(flow.sheets),
    )


def _number_pages(flow: Flow) -> None:
    """Official documents number their pages from the second, centred at the top (NĐ 30/2020)."""
    kept = flow.sheets
    for number, sheet in enumerate(kept[1:], 2):
        flow.sheets = [sheet]
        flow.text(str(number), x0=flow.left, align="centre", flow=False, y=8.0, size=12)
    flow.sheets = kept


def _foot_pages(flow: Flow) -> None:
    """Contracts and forms say "Trang 2/3" at the foot."""
    kept = flow.sheets
    for number, sheet in enumerate(kept, 1):
        flow.sheets = [sheet]
        flow.text(f"Trang {number}/{len(kept)}", x0=flow.left, align="right", flow=False, y=flow.height - 12, size=10)
    flow.sheets = kept
