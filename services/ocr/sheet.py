"""A page as it comes out of a file, before anything was done to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]  # height × width (grey) or height × width × 3 (RGB)

# A longer side is reduced for reading: A3 at 300 dpi is 4,961 px, and no reader gains from more.
MAX_SIDE = 5000


class LayerWord(NamedTuple):
    """A word of a PDF's own text, its box in pixels of the sheet's picture."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: its picture, the dpi the file claims (0 when it claims none) and the words its file already holds.

    ``pictured`` says that the picture shows a scan (an image covers the page); a page of drawn text has none.
    """

    picture: Picture
    dpi: float
    layer: tuple[LayerWord, ...] = ()
    pictured: bool = True
