"""A reading as JSON: the form scripts read (DESIGN "machine-readable doors") and the form the kho keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.ocr.model import Box, Code, Page, Quality, Reading, Signature, Word

_KEPT_VERSION = 1


def page_json(page: Page, *, words: bool = False) -> dict[str, Any]:
    """The public form of one page; ``words`` adds every word's text, box and confidence."""
    form: dict[str, Any] = {
        "number": page.number,
        "width_px": page.width_px,
        "height_px": page.height_px,
        "dpi": round(page.dpi, 1),
        "rotation_deg": page.rotation_deg,
        "skew_deg": round(page.skew_deg, 2),
        "source": page.source,
        "quality": asdict(page.quality),
        "text": page.text,
    }
    if page.error:
        form["error"] = page.error
    if words:
        form["words"] = [_word_json(word) for word in page.words]
    return form


def keep_reading(reading: Reading) -> bytes:
    """The whole reading as UTF-8 JSON, the same bytes for the same reading."""
    form = {
        "version": _KEPT_VERSION,
        "media_type": reading.media_type,
        "readers": reading.readers,
        "notes": reading.notes,
        "signatures": [asdict(signature) for signature in reading.signatures],
        "pages": [_kept_page(page) for page in reading.pages],
    }
    return json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode()


def kept_reading(data: bytes) -> Reading:
    """The reading that ``keep_reading`` wrote. Raises ``ValueError`` for other bytes."""
    form = json.loads(data)
    if form.get("version") != _KEPT_VERSION:
        raise ValueError(f"a kept reading of version {form.get('version')!r}, expected {_KEPT_VERSION}")
    return Reading(
        pages=tuple(_page(page) for page in form["pages"]),
        media_type=form["media_type"],
        signatures=tuple(Signature(**signature) for signature in form["signatures"]),
        readers=tuple(form["readers"]),
        notes=tuple(form["notes"]),
    )


def _word_json(word: Word) -> dict[str, Any]:
    return {
        "text": word.text,
        "box": list(word.box),
        "confidence": round(word.confidence, 4),
        "line": word.line,
        "block": word.block,
    }


def _kept_page(page: Page) -> dict[str, Any]:
    return page_json(page, words=True) | {
        "dpi": page.dpi,
        "skew_deg": page.skew_deg,
        "error": page.error,
        "codes": [{"format": code.format, "text": code.text, "box": list(code.box)} for code in page.codes],
        "phash": page.phash,
        "red_stamps": [list(box) for box in page.red_stamps],
        "handwriting": [list(box) for box in page.handwriting],
    }


def _page(form: Mapping[str, Any]) -> Page:
    quality: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in form["quality"].items()
    }
    return Page(
        number=form["number"],
        width_px=form["width_px"],
        height_px=form["height_px"],
        dpi=form["dpi"],
        rotation_deg=form["rotation_deg"],
        skew_deg=form["skew_deg"],
        source=form["source"],
        quality=Quality(**quality),
        text=form["text"],
        words=tuple(
            Word(w["text"], Box(*w["box"]), w["confidence"], line=w["line"], block=w["block"]) for w in form["words"]
        ),
        codes=tuple(Code(c["format"], c["text"], Box(*c["box"])) for c in form["codes"]),
        phash=form["phash"],
        red_stamps=tuple(Box(*box) for box in form["red_stamps"]),
        handwriting=tuple(Box(*box) for box in form["handwriting"]),
        error=form["error"],
    )
