"""Writes a paper from lines of text: each line is a command or a paragraph.

``#lh A; B`` letterhead beside the motto (the last line bold) · ``#motto`` the motto alone · ``#row left || right``
number and date · ``#t`` title · ``#a`` abstract · ``#c`` centred · ``#r`` centred in the right half · ``#ml`` ``#mr``
small at a side · ``.label|value || label|value`` label lines with leaders · ``#tab shares`` then rows ``| a | b`` ·
``#sign left || right`` (``;`` between lines, ``~`` signature and seal, ``~~`` signature, ``_`` room) · ``#cert`` the
stamp of a certified copy · ``#qr text`` · ``#qrl text`` (left) · ``#photo`` · ``#emblem`` · ``#border`` ·
``#card x y w h r g b`` · ``#at x y size align text`` · ``#filler n`` · ``#pb`` new sheet · ``> text`` no indent ·
``* text`` bold · anything else a justified paragraph.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from sample_docs.painter.sheet import RED, Flow

MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")


class Writer:
    """Writes the lines of a body on a flow. ``rng`` varies spacing, leaders and letterhead from paper to paper.

    ``say`` turns a line as kept into the line as printed; ``seal`` gives the words of the round stamp
    (``ring|middle/second line``); ``bank`` holds the sentences of ``#filler``.
    """

    def __init__(
        self,
        flow: Flow,
        rng: random.Random,
        look: str,
        *,
        say: Callable[[str], str] = str,
        seal: Callable[[], str] = str,
        bank: Sequence[str] = (),
    ) -> None:
        self.flow, self.rng, self.look = flow, rng, look
        self.say, self.seal, self.bank = say, seal, bank
        self.origin, self.edge = (0.0, 0.0), 400.0
        self.leader = rng.choice([True, True, False]) if look == "form" else False
        self.bold_values = rng.random() < 0.35
        self.split = rng.uniform(0.37, 0.43)
        self.indent = rng.choice([10.0, 12.7, 8.0])
        self.para_gap = rng.choice([0.0, 0.1, 0.2])
        self.rows: list[list[str]] = []
        self.shares: list[float] = []
        self.seals = rng.random() < 0.85

    def write(self, body: tuple[str, ...]) -> None:
        for raw in body:
            if raw.startswith("?"):
                if self.rng.random() < 0.5:
                    continue
                raw = raw[1:]
            if not raw.startswith("|") and self.rows:
                self._table()
            self._line(raw)
        if self.rows:
            self._table()

    def _line(self, raw: str) -> None:
        line = self.say(raw)
        if not line.strip():
            self.flow.gap(0.45)
        elif line.startswith("#"):
            command, _, rest = line[1:].partition(" ")
            _COMMANDS[command](self, rest)
        elif line.startswith("|"):
            self.rows.append([cell.strip() for cell in line[1:].split("|")])
        elif line.startswith("."):
            self._labels(line[1:])
        elif line.startswith("> "):
            self.flow.text(line[2:], align="left")
        elif line.startswith("* "):
            self.flow.text(line[2:], style="b")
        else:
            self.flow.text(line, align="justify", indent=self.indent)
            self.flow.gap(self.para_gap)

    def _labels(self, line: str) -> None:
        flow = self.flow
        columns = [part.strip() for part in line.split("||")]
        weights = [max(12, len(part)) for part in columns]
        x = flow.left
        room = flow.width - flow.right - flow.left
        start, lowest = flow.y, flow.y
        flow.need(flow.step())
        start = flow.y
        for number, column in enumerate(columns):
            x1 = x + room * weights[number] / sum(weights)
            label, _, value = column.partition("|")
            value = value.strip()
            if value and self.bold_values:
                value = f"<b>{value}</b>"
            text = f"{label.strip()} {value}".strip()
            if len(columns) == 1:
                flow.text(text, leader=self.leader)
                lowest = flow.y
            else:
                end = flow.text(text, x0=x, x1=x1 - 2, leader=self.leader, flow=False, y=start)
                lowest = max(lowest, end)
            x = x1
        flow.y = lowest
        if self.para_gap:
            flow.gap(self.para_gap * 0.6)

    def _table(self) -> None:
        width = max(len(row) for row in self.rows)
        rows = [row + [""] * (width - len(row)) for row in self.rows]
        shares = self.shares if len(self.shares) == width else [1.0] * width
        self.flow.gap(0.2)
        self.flow.table(shares, rows, header=True)
        self.rows = []

    # commands -----------------------------------------------------------------------------------------------------

    def tab(self, rest: str) -> None:
        self.shares = [float(x) for x in rest.split(",")]

    def lh(self, rest: str) -> None:
        flow = self.flow
        lines = [part.strip() for part in rest.split(";")]
        left0, right1 = flow.left - 6, flow.width - flow.right + 4
        mid = left0 + (right1 - left0) * self.split
        size = flow.size_pt - self.rng.choice([0.5, 1.0, 1.0])
        y = flow.y
        for i, text in enumerate(lines):
            y = flow.text(
                text,
                x0=left0,
                x1=mid,
                align="centre",
                size=size,
                style="b" if i == len(lines) - 1 else "r",
                flow=False,
                y=y,
            )
        centre = (left0 + mid) / 2
        reach = (mid - left0) * 0.2
        flow.rule(centre - reach, centre + reach, y + 0.8)
        end = self._motto(mid, right1, flow.y, size)
        flow.y = max(y, end) + 2.0

    def _motto(self, x0: float, x1: float, y: float, size: float) -> float:
        flow = self.flow
        while size > 8 and len(flow.lines_of(self.say(MOTTO[0]), x1 - x0, size, "b")) > 1:
            size -= 0.5
        y = flow.text(self.say(MOTTO[0]), x0=x0, x1=x1, align="centre", size=size, style="b", flow=False, y=y)
        y = flow.text(self.say(MOTTO[1]), x0=x0, x1=x1, align="centre", size=size + 0.5, style="b", flow=False, y=y)
        centre = (x0 + x1) / 2
        reach = (x1 - x0) * 0.24
        flow.rule(centre - reach, centre + reach, y + 0.8)
        return y + 2.0

    def motto(self, rest: str) -> None:
        flow = self.flow
        flow.y = self._motto(flow.left, flow.width - flow.right, flow.y, flow.size_pt)
        flow.gap(0.4)

    def row(self, rest: str) -> None:
        flow = self.flow
        left, _, right = rest.partition("||")
        left0, right1 = flow.left - 6, flow.width - flow.right + 4
        mid = left0 + (right1 - left0) * self.split
        size = flow.size_pt - 0.5
        y = flow.y
        for part in left.split(";"):
            if part.strip():
                small = part.strip().startswith("V/v")
                y = flow.text(
                    part.strip(),
                    x0=left0 + 2,
                    x1=mid - 2,
                    align="centre",
                    size=size - (1.0 if small else 0),
                    flow=False,
                    y=y,
                )
        end = flow.text(right.strip(), x0=mid, x1=right1, align="centre", size=size, style="i", flow=False, y=flow.y)
        flow.y = max(y, end)
        flow.gap(0.5)

    def t(self, rest: str) -> None:
        self.flow.gap(0.2)
        bigger = self.rng.choice(
            {"official": [1.0, 1.5, 2.0], "certificate": [5.0, 7.0, 9.0]}.get(self.look, [1.5, 2.5, 3.5])
        )
        colour = RED if self.look == "certificate" else None
        self.flow.text(rest, align="centre", size=self.flow.size_pt + bigger, style="b", colour=colour)

    def a(self, rest: str) -> None:
        self.flow.text(
            rest, align="centre", style="b", x0=self.flow.left + 12, x1=self.flow.width - self.flow.right - 12
        )

    def c(self, rest: str) -> None:
        self.flow.text(rest, align="centre")

    def r(self, rest: str) -> None:
        self.flow.text(rest, align="centre", x0=self.flow.width * 0.46)

    def ml(self, rest: str) -> None:
        self.flow.text(rest, size=self.flow.size_pt - 2.5)

    def mr(self, rest: str) -> None:
        self.flow.text(rest, align="right", size=self.flow.size_pt - 2.5)

    def sign(self, rest: str) -> None:
        flow = self.flow
        left, _, right = rest.partition("||")
        height = max(self._sign_height(left), self._sign_height(right))
        flow.gap(0.3)
        flow.need(height)
        mid = flow.left + (flow.width - flow.left - flow.right) * 0.47
        start = flow.y
        end = start
        if left.strip():
            end = self._sign_column(left, flow.left - 3, mid - 2, start, left.strip().startswith("<b><i>Nơi nhận"))
        flow.y = max(end, self._sign_column(right, mid, flow.width - flow.right + 3, start, False))

    def _sign_height(self, text: str) -> float:
        step = self.flow.step()
        return sum(3.3 * step if part.strip() in ("~", "~~", "_") else step for part in text.split(";") if part.strip())

    def _sign_column(self, text: str, x0: float, x1: float, y: float, small: bool) -> float:
        flow = self.flow
        for part in (p.strip() for p in text.split(";")):
            if not part:
                continue
            if part in ("~", "~~", "_"):
                centre = (x0 + x1) / 2
                if part != "_":
                    flow.mark(
                        "scribble",
                        centre - 14 + self.rng.uniform(-4, 4),
                        y + 1,
                        self.rng.uniform(24, 36),
                        self.rng.uniform(9, 15),
                        part,
                    )
                if part == "~" and self.seals:
                    flow.mark(
                        "seal",
                        centre - 30 + self.rng.uniform(-6, 6),
                        y - 9 + self.rng.uniform(-3, 4),
                        34,
                        34,
                        self.seal(),
                        RED,
                    )
                y += 3.1 * flow.step()
            else:
                size = flow.size_pt - 2 if small else flow.size_pt - 0.3
                y = flow.text(part, x0=x0, x1=x1, align="left" if small else "centre", size=size, flow=False, y=y)
        return y

    def cert(self, rest: str) -> None:
        """The red stamp of a certified copy: lines between ``;``, ``~`` for signature and seal."""
        flow = self.flow
        flow.gap(0.4)
        flow.need(46)
        x, top = flow.left + 8, flow.y
        y = top
        for i, part in enumerate(p.strip() for p in rest.split(";")):
            if part == "~":
                flow.mark("scribble", x + 32, y, 26, 10, "ct")
                flow.mark("seal", x + 12, y - 12, 32, 32, self.seal(), RED)
                y += 13
            elif part:
                style = "b" if i == 0 else "r"
                y = flow.text(part, x0=x, x1=x + 94, align="centre", style=style, size=11, colour=RED, flow=False, y=y)
        flow.mark("box", x - 2, top - 1.5, 98, y - top + 3, "", RED)
        flow.y = y + 3

    def qr(self, rest: str) -> None:
        size = self.rng.uniform(20, 27)
        self.flow.mark("qr", self.flow.width - self.flow.right - size, self.flow.y - 2, size, size, rest)
        self.flow.y += size * 0.6

    def qrl(self, rest: str) -> None:
        size = self.rng.uniform(18, 24)
        self.flow.mark("qr", self.flow.left - 10, 4.0, size, size, rest)
        self.flow.y = max(self.flow.y, 5.0 + size)

    def photo(self, rest: str) -> None:
        self.flow.mark("photo", self.flow.left, self.flow.y, 28, 38)

    def emblem(self, rest: str) -> None:
        self.flow.mark("emblem", self.flow.width / 2 - 9, self.flow.y, 18, 18)
        self.flow.y += 20

    def border(self, rest: str) -> None:
        shade = self.rng.choice([(190, 60, 60), (40, 110, 60), (60, 80, 150), (160, 120, 50)])
        self.flow.mark("guilloche", 7, 7, self.flow.width - 14, self.flow.height - 14, "", shade)
        self.flow.y = max(self.flow.y, 20.0)

    def card(self, rest: str) -> None:
        x, y, w, h, *rgb = (float(v) for v in rest.split())
        colour = tuple(int(v) for v in rgb) if rgb else (232, 240, 236)
        self.flow.mark("tint", x, y, w, h, "round", colour)  # type: ignore[arg-type]
        self.origin, self.edge = (x, y), x + w - 3
        self.flow.y = max(self.flow.y, y + h + 8)

    def at(self, rest: str) -> None:
        x, y, size, align, text = rest.split(" ", 4)
        left, top, pt = self.origin[0] + float(x), self.origin[1] + float(y), float(size)
        if align in ("l", "b", "m"):
            style = "r" if align == "l" else align
            self.flow.text(
                text, x0=left, x1=self.edge if align != "m" else 400.0, size=pt, style=style, flow=False, y=top
            )
        elif align in ("c", "cb"):
            self.flow.text(
                text,
                x0=left - 60,
                x1=left + 60,
                size=pt,
                align="centre",
                style="b" if align == "cb" else "r",
                flow=False,
                y=top,
            )
        elif align == "qr":
            self.flow.mark("qr", left, top, pt, pt, text)
        elif align == "photo":
            self.flow.mark("photo", left, top, pt, pt * 1.33)
        elif align == "emblem":
            self.flow.mark("emblem", left, top, pt, pt)

    def big(self, rest: str) -> None:
        more, _, text = rest.partition(" ")
        self.flow.text(text, align="centre", size=self.flow.size_pt + float(more), style="b")

    def pb(self, rest: str) -> None:
        self.flow.new_sheet()

    def filler(self, rest: str) -> None:
        """Between none and ``rest`` paragraphs that say nothing new; often none: short papers are usual."""
        most = int(rest or "9")
        count = 0 if self.rng.random() < 0.45 else self.rng.randint(1, most)
        for number in range(count):
            head = f"{number + 4}. " if self.rng.random() < 0.5 else "- "
            self._line(head + " ".join(self.rng.choice(self.bank) for _ in range(self.rng.randint(1, 3))))

    def hr(self, rest: str) -> None:
        self.flow.gap(0.2)
        self.flow.rule(self.flow.left, self.flow.width - self.flow.right)
        self.flow.gap(0.2)

    def box(self, rest: str) -> None:
        x, y, w, h = (float(v) for v in rest.split())
        self.flow.mark("box", x, y, w, h)

    def down(self, rest: str) -> None:
        self.flow.y = max(self.flow.y, float(rest))


_NAMES = "lh motto row t a c r ml mr sign cert qr qrl photo emblem border card at big filler pb hr box down tab"
_COMMANDS: dict[str, Callable[[Writer, str], None]] = {name: getattr(Writer, name) for name in _NAMES.split(" ")}
