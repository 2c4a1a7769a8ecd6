"""A TIFF's JPEG strips joined are the same picture, to the last value, and no larger."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image, TiffImagePlugin

from services.ocr.archive.embed import embed_picture
from services.ocr.archive.tiff_jpeg import joined
from tests.ocr import drawing

SAMPLE = Path(__file__).resolve().parents[2] / "sample_docs" / "05_so_hong_cu.tif"


def _tiff(folder: Path, mode: str, size: tuple[int, int], rows: int | None) -> Path:
    path = folder / "scan.tif"
    info = TiffImagePlugin.ImageFileDirectory_v2()
    if rows is not None:
        info[278] = rows
    picture = drawing.page().convert(mode).resize(size)
    if mode == "RGB":
        picture.paste((180, 30, 40), (20, 20, 120, 90))
    picture.save(path, compression="jpeg", quality=80, tiffinfo=info)
    return path


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize(("size", "rows"), [((800, 1101), 16), ((803, 1099), 64), ((640, 400), None)])
def test_joined_strips_decode_to_the_same_picture(
    tmp_path: Path, mode: str, size: tuple[int, int], rows: int | None
) -> None:
    path = _tiff(tmp_path, mode, size, rows)
    with Image.open(path) as tiff:
        data = joined(tiff)
        assert data is not None
        before = np.asarray(tiff)
    with Image.open(io.BytesIO(data)) as after:
        assert after.format == "JPEG"
        assert np.array_equal(np.asarray(after), before)
    assert len(data) <= path.stat().st_size


def test_the_pages_of_a_scanners_tiff_go_over_as_they_are() -> None:
    with pikepdf.Pdf.new() as pdf:
        for number in (1, 2):
            made = embed_picture(pdf, SAMPLE, "image/tiff", number)
            assert made is not None
            assert made[0].Filter == pikepdf.Name.DCTDecode
            with Image.open(SAMPLE) as tiff, pikepdf.PdfImage(made[0]).as_pil_image() as after:
                tiff.seek(number - 1)
                assert np.array_equal(np.asarray(after), np.asarray(tiff))


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "raw"])
def test_other_codings_are_not_joined(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "scan.tif"
    drawing.page().convert("RGB").save(path, compression=compression)
    with Image.open(path) as tiff:
        assert joined(tiff) is None


@pytest.mark.parametrize("at", [2, 60, 200])
def test_damaged_strips_are_not_joined(tmp_path: Path, at: int) -> None:
    path = _tiff(tmp_path, "RGB", (640, 400), 16)
    with Image.open(path) as tiff:
        first = tiff.tag_v2[273][1]
    data = bytearray(path.read_bytes())
    data[first : first + 2 + at] = b"\0" * (2 + at)
    path.write_bytes(data)
    with Image.open(path) as tiff:
        assert joined(tiff) is None
