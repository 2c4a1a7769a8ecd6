"""Wordings: how a clerk's paper is worded and laid out, kept as text files under ``wordings/``.

A file holds blocks. A block opens with ``=== CODE`` and header lines ``key: value`` up to an empty line, then its body:

- ``part`` train or judge · ``era`` first and last day (ISO) · ``so`` the number's form · ``cq`` issuer, ``cq2`` other
  ways to say it (``;`` between) · ``ty`` the abstract · ``truth`` field=path pairs other than the code's usual ones ·
  ``paper`` A4, A5 or A4L · ``look`` official, certificate, form or card · ``size`` base type size in points.

In a body ``{path}`` prints a fact, ``[a~b~c]`` takes one of several wordings, a line opening with ``?`` is there half
the time. ``sample_docs.painter.writer`` lists the line commands.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sample_docs.painter.blocks import parse_blocks

_FOLDER = Path(__file__).resolve().parent / "wordings"


@dataclass(frozen=True, slots=True)
class Wording:
    """One way a paper of a type is worded. ``name`` is unique: file stem, code and ordinal."""

    name: str
    code: str
    part: str
    head: dict[str, str]
    body: tuple[str, ...]

    @property
    def era(self) -> tuple[dt.date, dt.date]:
        first, last = self.head.get("era", "2021-01-01 2026-06-30").split()
        return dt.date.fromisoformat(first), dt.date.fromisoformat(last)


@cache
def wordings() -> tuple[Wording, ...]:
    """All wordings, in the order of their files."""
    return tuple(w for path in sorted(_FOLDER.glob("*.txt")) for w in _parse(path))


def _parse(path: Path) -> list[Wording]:
    out: list[Wording] = []
    counts: dict[str, int] = {}
    for block in parse_blocks(path.read_text(encoding="utf-8")):
        counts[block.title] = counts.get(block.title, 0) + 1
        name = f"{path.stem}/{block.title}/{counts[block.title]}"
        out.append(Wording(name, block.title, block.head.get("part", "train"), block.head, block.body))
    return out
