"""Text that lost its Vietnamese gets it back, and text that is right is left alone.

``judge_text`` says what state a text layer is in; ``repair_text`` gives it back its letters and marks, line for line.
``score_line`` says how well a line reads as Vietnamese, and ``choose`` picks among readings.
"""

from __future__ import annotations

from services.ocr.accents.judge import TextState, judge_text
from services.ocr.accents.repair import Change, Repaired, repair_text
from services.ocr.accents.scoring import Candidate, LanguageScore, choose, language_score, score_line

__all__ = [
    "Candidate",
    "Change",
    "LanguageScore",
    "Repaired",
    "TextState",
    "choose",
    "judge_text",
    "language_score",
    "repair_text",
    "score_line",
]
