"""A refusal that is known by its code only (from a row or a ledger line), with its sentence for a person.

The row keeps the code; the sentences stand on the error classes beside the code that raises them.
"""

from __future__ import annotations

from dataclasses import dataclass

import services.storage.errors  # noqa: F401  (with the rooms below: every error an intake can end with)
from services.errors import SohoaError, error_of
from services.ocr import errors as ocr_errors
from services.storage.model import Intake

# Refusals for what a file costs, not for what it is: with bounds raised, the same bytes may be read after all.
BOUNDS: tuple[str, ...] = tuple(
    kind.code
    for kind in (ocr_errors.TimeLimit, ocr_errors.MemoryLimit, ocr_errors.TooManyPages, ocr_errors.TooManyPixels)
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """``{code, message}`` as every JSON form of ours says it; the message is Vietnamese, then English."""

    code: str
    message: str

    @classmethod
    def of(cls, intake: Intake) -> Refusal:
        """Why this intake was refused."""
        code = intake.error_code or SohoaError.code
        kind = error_of(code)
        return cls(code, f"{kind.vi} / {kind.en}")
