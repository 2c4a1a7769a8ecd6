"""A drawing as values: boxes, lines and words on a white page; ``svg`` and ``png`` draw it alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(frozen=True, slots=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    colour: str = "#888888"
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Words:
    """``y`` is the baseline. ``size`` in pixels."""

    x: float
    y: float
    text: str
    size: int = 12
    anchor: Anchor = "start"
    bold: bool = False
    colour: str = "#222222"


@dataclass(frozen=True, slots=True)
class Drawing:
    """Pixels, origin at the top left. ``title`` is also what a screen reader says."""

    width: int
    height: int
    title: str
    shapes: tuple[Box | Line | Words, ...]
