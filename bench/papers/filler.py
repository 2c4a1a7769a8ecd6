"""Sentences that make a document long: what plans, letters and contracts say between the parts that matter."""

from __future__ import annotations

import tomllib
from pathlib import Path

_DATA = tomllib.loads((Path(__file__).parent / "filler.toml").read_text(encoding="utf-8"))
TRAIN: tuple[str, ...] = tuple(_DATA["train"])
JUDGE: tuple[str, ...] = tuple(_DATA["judge"])
