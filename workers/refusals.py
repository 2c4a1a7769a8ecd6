"""A refusal that is known by its code only (from a row or a ledger line), with its sentence for a person.

The row keeps the code; the sentences stand on the error classes beside the code that raises them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from services.errors import InputError, SohoaError
from services.storage.model import Intake


class Dropped(InputError):
    code: ClassVar[str] = "dropped"
    vi: ClassVar[str] = "Người xem đã loại tệp này, không đưa vào kho."
    en: ClassVar[str] = "A person looked at this file and left it out of the kho."


@dataclass(frozen=True, slots=True)
class Refusal:
    """``{code, message}`` as every JSON form of ours says it; the message is Vietnamese, then English."""

    code: str
    message: str

    @classmethod
    def of(cls, intake: Intake) -> Refusal:
        """Why this intake was refused."""
        code = intake.error_code or SohoaError.code
        return cls(code, sentences().get(code, SohoaError("").message))


@functools.cache
def sentences() -> Mapping[str, str]:
    """Code → both sentences, for every error class of the product."""
    import workers.pipeline  # noqa: F401  (its errors are wanted)

    return {cls.code: f"{cls.vi} / {cls.en}" for cls in _tree(SohoaError)}


def _tree(cls: type[SohoaError]) -> Iterator[type[SohoaError]]:
    yield cls
    for child in cls.__subclasses__():
        yield from _tree(child)
