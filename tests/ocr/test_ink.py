"""Stamps are lifted off the page that is read; coloured print stays."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from services.ocr.pages.ink import lift

RED = (196, 32, 38)
TITLE = (400, 300, 800, 340)
SEAL = (700, 1200, 920, 1420)


def certificate() -> Image.Image:
    """A page with a red frame around it, a line of red print, and a red seal."""
    image = Image.new("RGB", (1240, 1754), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 40, 1200, 1714), outline=RED, width=6)
    for left in range(TITLE[0], TITLE[2], 30):
        draw.rectangle((left, TITLE[1], left + 8, TITLE[3]), fill=RED)
    draw.ellipse(SEAL, outline=RED, width=6)
    return image


def test_a_red_title_inside_a_certificates_red_frame_is_print_and_stays() -> None:
    lifted = lift(np.asarray(certificate(), dtype=np.uint8), 26.0)
    left, top, right, bottom = TITLE
    assert int(lifted.grey[top:bottom, left:right].min()) < 100


def test_the_frame_and_the_seal_are_lifted_and_only_the_seal_is_a_stamp() -> None:
    lifted = lift(np.asarray(certificate(), dtype=np.uint8), 26.0)
    assert [tuple(abs(a - b) < 8 for a, b in zip(box, SEAL, strict=True)) for box in lifted.red_stamps] == [(True,) * 4]
    assert int(lifted.grey[SEAL[1] : SEAL[3], SEAL[0] : SEAL[2]].min()) > 200
    assert int(lifted.grey[:60].min()) > 200
