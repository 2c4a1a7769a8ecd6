"""Paints made-up papers: text laid out in millimetres, ink on an image, what copying and scanning do to it."""

from __future__ import annotations

from sample_docs.painter.damage import damage
from sample_docs.painter.paint import paint
from sample_docs.painter.sheet import Flow, Ink, Sheet

__all__ = ["Flow", "Ink", "Sheet", "damage", "paint"]
