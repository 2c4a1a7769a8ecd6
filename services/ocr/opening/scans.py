"""Which PDF pages are scans: one image that is the page, and nothing else that can be seen but annotations' marks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pikepdf
from numpy.typing import NDArray
from pikepdf import Name, Object

_Matrix = tuple[float, float, float, float, float, float]

# What a scanner's or an OCR program's page may do beside showing its image.
_HARMLESS = frozenset(
    [
        "q",
        "Q",
        "cm",
        "gs",
        "BT",
        "ET",
        "Tf",
        "Td",
        "TD",
        "Tm",
        "T*",
        "Tc",
        "Tw",
        "Tz",
        "TL",
        "Ts",
        "Tr",
        "Tj",
        "TJ",
        "BMC",
        "BDC",
        "EMC",
        "MP",
        "DP",
        "w",
        "J",
        "j",
        "M",
        "d",
        "ri",
        "i",
        "g",
        "G",
        "rg",
        "RG",
        "k",
        "K",
    ]
)
_INVISIBLE = 3
_MOST_INSTRUCTIONS = 50_000
_HIDDEN = 0x02 | 0x20  # annotation flags Hidden and NoView


class Scan(NamedTuple):
    """The page's image object and the matrix it is drawn by."""

    image: Object
    matrix: _Matrix


def the_scan(page: pikepdf.Page) -> Scan | None:
    """The scan a page consists of; None where the page shows more than one image or draws anything itself."""
    xobjects = page.resources.get("/XObject") if page.resources is not None else None
    if xobjects is None:
        return None
    found: Scan | None = None
    matrix: NDArray[np.float64] = np.eye(3)
    stack: list[NDArray[np.float64]] = []
    mode = 0
    try:
        instructions = pikepdf.parse_content_stream(page)
    except pikepdf.PdfError:
        return None
    if len(instructions) > _MOST_INSTRUCTIONS:
        return None
    for instruction in instructions:
        operator = str(instruction.operator)
        if operator == "q":
            stack.append(matrix)
        elif operator == "Q":
            matrix = stack.pop() if stack else matrix
        elif operator == "cm":
            a, b, c, d, e, f = (float(value) for value in instruction.operands)
            matrix = np.array([[a, b, 0], [c, d, 0], [e, f, 1.0]]) @ matrix
        elif operator == "Tr":
            mode = int(instruction.operands[0])
        elif operator in ("Tj", "TJ") and mode != _INVISIBLE:
            return None
        elif operator == "Do":
            shown = xobjects.get(str(instruction.operands[0]))
            if found is not None or shown is None or shown.get("/Subtype") != Name.Image or "/SMask" in shown:
                return None
            (a, b, _), (c, d, _), (e, f, _) = matrix.tolist()
            found = Scan(shown, (a, b, c, d, e, f))
        elif operator not in _HARMLESS:
            return None
    return found


def marks_of(page: pikepdf.Page) -> list[tuple[float, float, float, float]]:
    """Where annotations leave something visible: left, bottom, right, top in user space."""
    marks = []
    for annotation in page.obj.get("/Annots", []):
        rect = [float(value) for value in annotation.get("/Rect", [])]
        if len(rect) != 4 or "/AP" not in annotation or int(annotation.get("/F", 0)) & _HIDDEN:
            continue
        left, right = sorted(rect[::2])
        bottom, top = sorted(rect[1::2])
        if right - left > 1 and top - bottom > 1:
            marks.append((left, bottom, right, top))
    return marks
