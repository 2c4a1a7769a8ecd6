"""Made-up Vietnamese administrative papers with their truth, for training (TRAIN) and for judging (JUDGE)."""

from __future__ import annotations

from bench.papers.make import LabelledPaper, codes, make, one
from bench.papers.simulate import simulate
from bench.papers.stack import Stack, stack
from bench.papers.truth import Owner
from bench.papers.wording import wordings

__all__ = ["LabelledPaper", "Owner", "Stack", "codes", "make", "one", "simulate", "stack", "wordings"]
