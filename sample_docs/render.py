"""Makes every file of this folder that is listed as rendered: ``python -m sample_docs.render [--to FOLDER]``.

Needs the fonts of Debian's fonts-croscore. The same code, libraries and fonts give the same bytes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from sample_docs.invented.mrz import td1
from sample_docs.painter import paint
from sample_docs.painter.blocks import Block, parse_blocks
from sample_docs.painter.pdf import LayerLine, PdfWriter, jpeg_bytes
from sample_docs.painter.sheet import Flow, Sheet
from sample_docs.painter.writer import Writer
from sample_docs.register import write_registers
from sample_docs.scans import SCANS

HERE = Path(__file__).resolve().parent
EMPTY, LOCKED = "21_tep_rong.pdf", "22_co_mat_khau.pdf"
PASSWORD = "mat-khau-mau"  # opens the sample that is there to be refused
_DPI = {"phone": 150}
_PAPER = {"A4": (210.0, 297.0), "A5": (148.0, 210.0)}
_CARD = td1("075182009934", "Phạm Thị Kim Oanh", dt.date(1982, 10, 2), dt.date(2042, 10, 2), man=False)


def sheets_of(block: Block) -> list[Sheet]:
    """The sides of paper a block describes."""
    head = block.head
    width, height = _PAPER[head.get("paper", "A4")]
    small = width < 160
    look = head.get("look", "form")
    flow = Flow(
        head.get("font", "tinos"),
        size_pt=float(head.get("size", "12.5")),
        width=width,
        height=height,
        left=16.0 if small else 27.0,
        right=11.0 if small else 17.0,
        leading={"certificate": 1.5, "official": 1.24}.get(look, 1.34),
    )
    words = {"{mrz1}": _CARD[0], "{mrz2}": _CARD[1], "{mrz3}": _CARD[2]}

    def say(line: str) -> str:
        for key, value in words.items():
            line = line.replace(key, value)
        return line

    rng = random.Random(int(head["seed"]))
    writer = Writer(flow, rng, look, say=say, seal=lambda: head.get("seal", ""))
    writer.seals = True
    writer.write(block.body)
    return flow.sheets


def files() -> dict[str, list[Block]]:
    """File name → its blocks, in the order of ``papers.txt``."""
    out: dict[str, list[Block]] = {}
    for block in parse_blocks((HERE / "papers.txt").read_text(encoding="utf-8")):
        out.setdefault(block.title, []).append(block)
    return out


def _scanned(blocks: list[Block]) -> Iterator[tuple[Image.Image, Sheet, str]]:
    for block in blocks:
        kind = block.head["scan"]
        for number, sheet in enumerate(sheets_of(block)):
            image = paint(sheet, _DPI.get(kind, 200))
            yield SCANS[kind](image, int(block.head["seed"]) * 100 + number), sheet, kind


def write_paper(name: str, blocks: list[Block], folder: Path) -> None:
    """One file: the ending says its kind."""
    path = folder / name
    if path.suffix == ".tif":
        pages = [image for image, _, _ in _scanned(blocks)]
        pages[0].save(path, save_all=True, append_images=pages[1:], compression="jpeg", quality=45, dpi=(200, 200))
    elif path.suffix == ".jpg":
        (image, _, _), *_ = _scanned(blocks)
        path.write_bytes(jpeg_bytes(image, 55))
    else:
        writer = PdfWriter()
        if blocks[0].head["scan"] == "digital":
            for sheet in sheets_of(blocks[0]):
                writer.text_page(sheet)
        else:
            garbled = (HERE / "garbled_layer.txt").read_text(encoding="utf-8").splitlines()
            for image, sheet, kind in _scanned(blocks):
                layer = _layer(garbled, sheet) if kind == "garbled" else []
                writer.image_page(image, width_mm=sheet.width, height_mm=sheet.height, layer=layer)
        writer.save(path, title=name)


def _layer(lines: list[str], sheet: Sheet) -> list[LayerLine]:
    """The bad text layer, spread over the page from top to bottom as that engine left it."""
    kept = [line.strip() for line in lines if line.strip()]
    step = (sheet.height - 40) / len(kept)
    return [
        LayerLine(text, 27.0, 20.0 + step * (i + 1), min(160.0, 2.0 * len(text)), 10.0) for i, text in enumerate(kept)
    ]


def render(folder: Path) -> None:
    """All rendered files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, blocks in files().items():
        write_paper(name, blocks, folder)
    (folder / EMPTY).write_bytes(b"")
    locked = PdfWriter()
    locked.image_page(Image.new("RGB", (420, 594), (250, 250, 248)), width_mm=210, height_mm=297, quality=30)
    locked.save(folder / LOCKED, title=LOCKED, password=PASSWORD)
    write_registers(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=HERE)
    render(parser.parse_args().to)


if __name__ == "__main__":
    main()
