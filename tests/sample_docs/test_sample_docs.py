"""The sample papers: each is listed with origin and licence, small, and what the script makes today."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageSequence

from sample_docs.painter.fonts import path_of
from sample_docs.register import HEADERS, UNITS, rows
from sample_docs.render import EMPTY, LOCKED, files, render

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "sample_docs"
OURS = {".py", ".md", ".txt"}
REAL = "16_cong_van_ky_so_that.pdf"

needs_fonts = pytest.mark.skipif(not path_of("tinos", "r").exists(), reason="fonts-croscore is not installed")


def samples() -> list[Path]:
    return sorted(p for p in FOLDER.iterdir() if p.is_file() and p.suffix not in OURS and p.name != "intake.csv")


def listed() -> dict[str, list[str]]:
    lines = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in cells}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample_docs")
    render(folder)
    return folder


def pages_of(path: Path) -> list[np.ndarray]:
    if path.suffix == ".pdf":
        document = pypdfium2.PdfDocument(path)
        images = [page.render(scale=0.5).to_pil() for page in document]
        document.close()
    else:
        with Image.open(path) as opened:
            images = [frame.convert("RGB") for frame in ImageSequence.Iterator(opened)]
    return [np.asarray(image.convert("L").resize((200, 280)), dtype=float) for image in images]


def test_every_sample_file_is_listed_with_origin_and_licence() -> None:
    table = listed()
    assert {p.name for p in samples()} <= set(table)
    for name, row in table.items():
        assert (FOLDER / name).exists(), name
        assert len(row) == 4
        assert re.search("CC0 1.0|public domain", row[2]), name


def test_samples_are_at_least_sixteen_papers_of_twelve_types() -> None:
    types = [code for row in listed().values() for code in re.findall(r"\b[A-Z]{2,7}\d?\d?\b", row[0])]
    assert len(types) >= 16
    assert len(set(types)) >= 12


def test_samples_stay_under_five_megabytes() -> None:
    assert sum(p.stat().st_size for p in FOLDER.iterdir() if p.is_file()) < 5_000_000


def test_the_samples_hold_every_kind_of_file_the_demo_needs() -> None:
    names = [p.name for p in samples()]
    assert any(n.endswith(".tif") for n in names)
    assert any(n.endswith(".jpg") for n in names)
    with Image.open(FOLDER / "05_so_hong_cu.tif") as tiff:
        assert tiff.n_frames == 2
    with pikepdf.open(FOLDER / REAL) as real:
        assert "/AcroForm" in real.Root  # the signature is still there
    assert (FOLDER / EMPTY).stat().st_size == 0
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(FOLDER / LOCKED)


def test_the_born_digital_paper_has_text_and_the_garbled_one_lacks_accents() -> None:
    texts = {}
    for name in ("09_ho_kinh_doanh.pdf", "14_cong_van_lop_chu_hong.pdf", "02_giay_khai_sinh.pdf"):
        document = pypdfium2.PdfDocument(FOLDER / name)
        texts[name[:2]] = document[0].get_textpage().get_text_range()
        document.close()
    assert "HỘ KINH DOANH TẠP HÓA KIM OANH" in texts["09"]
    assert "UY BAN NHAN DAN" in texts["14"]
    assert texts["02"] == ""


@needs_fonts
def test_the_script_makes_the_committed_files(made: Path) -> None:
    assert {p.name for p in made.iterdir()} == {p.name for p in samples()} - {REAL}
    for name in files():
        committed, fresh = pages_of(FOLDER / name), pages_of(made / name)
        assert len(committed) == len(fresh), name
        for left, right in zip(committed, fresh, strict=True):
            assert np.abs(left - right).mean() < 2.0, name  # libraries and fonts of another day may move a pixel


@needs_fonts
def test_registers_are_made_byte_for_byte(made: Path) -> None:
    for name in ("dossiers.csv", "dossiers.xlsx"):
        assert (made / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_intake_gives_each_paper_a_unit_and_its_dossier_stands_in_the_register() -> None:
    with (FOLDER / "intake.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    known = {row["Mã hồ sơ"]: row["Đơn vị"] for row in rows()}
    assert [row["file"] for row in table] == [p.name for p in samples() if not p.name.startswith("dossiers")]
    for row in table:
        assert row["unit"]
        assert row["role"] in ("", "THANH_PHAN", "KET_QUA", "GIAY_TO_QUY_TRINH")
        assert not row["dossier"] or row["dossier"] in known


def test_the_register_has_about_sixty_dossiers_of_eight_units_with_unique_codes() -> None:
    table = rows()
    assert 55 <= len(table) <= 70
    assert {row["Đơn vị"] for row in table} == {unit.name for unit in UNITS}
    assert len(UNITS) == 8
    assert len({row["Mã hồ sơ"] for row in table}) == len(table)
    assert all(set(HEADERS) <= set(row) for row in table)
