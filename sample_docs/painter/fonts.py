"""Font families with every Vietnamese letter, as Debian installs them; widths are measured once and scaled."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

_ROOT = Path("/usr/share/fonts/truetype")
_STYLES = {"r": 0, "b": 1, "i": 2, "bi": 3}

# family → folder and the file names of its regular, bold, italic and bold italic
FAMILIES: dict[str, tuple[str, tuple[str, str, str, str]]] = {
    "tinos": ("croscore", ("Tinos-Regular", "Tinos-Bold", "Tinos-Italic", "Tinos-BoldItalic")),
    "arimo": ("croscore", ("Arimo-Regular", "Arimo-Bold", "Arimo-Italic", "Arimo-BoldItalic")),
    "cousine": ("croscore", ("Cousine-Regular", "Cousine-Bold", "Cousine-Italic", "Cousine-BoldItalic")),
    "liberation-serif": (
        "liberation2",
        ("LiberationSerif-Regular", "LiberationSerif-Bold", "LiberationSerif-Italic", "LiberationSerif-BoldItalic"),
    ),
    "liberation-sans": (
        "liberation2",
        ("LiberationSans-Regular", "LiberationSans-Bold", "LiberationSans-Italic", "LiberationSans-BoldItalic"),
    ),
    "freeserif": ("freefont", ("FreeSerif", "FreeSerifBold", "FreeSerifItalic", "FreeSerifBoldItalic")),
    "freesans": ("freefont", ("FreeSans", "FreeSansBold", "FreeSansOblique", "FreeSansBoldOblique")),
    "noto-serif": ("noto", ("NotoSerif-Regular", "NotoSerif-Bold", "NotoSerif-Italic", "NotoSerif-BoldItalic")),
    "noto-sans": ("noto", ("NotoSans-Regular", "NotoSans-Bold", "NotoSans-Italic", "NotoSans-BoldItalic")),
    "dejavu-serif": (
        "dejavu",
        (
            "DejaVuSerifCondensed",
            "DejaVuSerifCondensed-Bold",
            "DejaVuSerifCondensed-Italic",
            "DejaVuSerifCondensed-BoldItalic",
        ),
    ),
    "dejavu-sans": (
        "dejavu",
        (
            "DejaVuSansCondensed",
            "DejaVuSansCondensed-Bold",
            "DejaVuSansCondensed-Oblique",
            "DejaVuSansCondensed-BoldOblique",
        ),
    ),
}
_MEASURE_PX = 100


def path_of(family: str, style: str) -> Path:
    """The font file of a family's style (``r``, ``b``, ``i``, ``bi``); ``m`` is one monospaced face for all."""
    if style == "m":
        return _ROOT / "croscore" / "Cousine-Regular.ttf"
    folder, names = FAMILIES[family]
    return _ROOT / folder / f"{names[_STYLES[style]]}.ttf"


@lru_cache(maxsize=400)
def font(family: str, style: str, px: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels; basic layout is right for composed Vietnamese and much faster."""
    return ImageFont.truetype(str(path_of(family, style)), px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=60_000)
def width_em(family: str, style: str, text: str) -> float:
    """Width of a text in ems."""
    return font(family, style, _MEASURE_PX).getlength(text) / _MEASURE_PX
