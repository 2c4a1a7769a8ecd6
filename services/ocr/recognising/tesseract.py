"""Adapter to Tesseract: one picture in, lines of words out. The only place that builds its arguments.

``vie`` alone, because adding ``eng`` drops tone marks; one thread a process; always a time-out (DESIGN, "Facts").
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

import cv2
import pytesseract

from services.ocr.errors import TimeLimit
from services.ocr.lines import ReadLine, ReadWord, Rect, around
from services.ocr.sheet import Picture
from services.vietnamese import nfc

NAME = "tesseract"
LANGUAGE = "vie"
_TIMEOUT_S = 45.0
_WORD_LEVEL = 5
_MIN_ORIENTATION = 1.0


@functools.cache
def available() -> bool:
    """True when the program and its Vietnamese data are installed."""
    program = shutil.which("tesseract")
    if program is None:
        return False
    try:
        listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return LANGUAGE in listed.stdout.split()


def version() -> str:
    """The program's version as it says it; for ``sohoa doctor``."""
    return str(pytesseract.get_tesseract_version())


def languages() -> tuple[str, ...]:
    """The language data installed, such as ``vie`` and ``osd``; for ``sohoa doctor``."""
    return tuple(pytesseract.get_languages(config=""))


def read(picture: Picture, dpi: float, *, psm: int = 3) -> list[ReadLine]:
    """Lines in Tesseract's own order; psm 3 finds columns by itself (4 and 6 lose words), 7 takes one line.

    Raises TimeLimit.
    """
    with tempfile.NamedTemporaryFile(suffix=".pgm") as file:
        grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        Path(file.name).write_bytes(cv2.imencode(".pgm", grey)[1].tobytes())
        try:
            table = pytesseract.image_to_data(  # a path: an array would be encoded as PNG, slowly
                file.name,
                lang=LANGUAGE,
                config=f"--psm {psm} --dpi {round(dpi) or 200} --oem 1",
                timeout=_TIMEOUT_S,
                output_type=pytesseract.Output.DICT,
            )
        except RuntimeError as error:
            if "timeout" in str(error).lower():
                raise TimeLimit("tesseract") from error
            return []  # Tesseract itself gave up on this picture: nothing was read
    return _lines(table)


def quarters(grey: Picture) -> int:
    """Clockwise quarter turns that set the page upright (0 when Tesseract cannot tell)."""
    with tempfile.NamedTemporaryFile(suffix=".pgm") as file:
        Path(file.name).write_bytes(cv2.imencode(".pgm", grey)[1].tobytes())
        try:
            told = pytesseract.image_to_osd(
                file.name, config="--psm 0", timeout=_TIMEOUT_S, output_type=pytesseract.Output.DICT
            )
        except RuntimeError:  # too few letters to tell, or no osd data
            return 0
    sure = float(told.get("orientation_conf", 0.0)) >= _MIN_ORIENTATION
    return (int(told.get("rotate", 0)) // 90) % 4 if sure else 0


def _lines(table: dict[str, list[object]]) -> list[ReadLine]:
    rows: dict[tuple[object, ...], list[ReadWord]] = {}
    for index, level in enumerate(table["level"]):
        text = nfc(str(table["text"][index])).strip()
        if level != _WORD_LEVEL or not text:
            continue
        left, top, width, height = (float(str(table[key][index])) for key in ("left", "top", "width", "height"))
        confidence = min(max(float(str(table["conf"][index])) / 100.0, 0.0), 1.0)
        key = tuple(table[name][index] for name in ("block_num", "par_num", "line_num"))
        rect = Rect(left, top, left + width, top + height)
        rows.setdefault(key, []).append(ReadWord(text, rect, confidence))
    return [ReadLine(tuple(words), around([w.rect for w in words]), NAME) for words in rows.values()]
