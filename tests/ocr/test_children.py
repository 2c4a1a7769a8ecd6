"""A child that crashes, hangs or eats memory costs a typed error and nothing more. Faults are real: kill and limits."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from services.limits import Limits
from services.ocr import errors, iter_pages, look_file, read_file
from services.ocr.children import parent as children
from services.ocr.children.parent import Child
from tests.ocr import drawing


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return drawing.jpeg(drawing.page(), tmp_path / "scan.jpg")


def test_a_page_over_its_time_is_a_time_limit(scan: Path) -> None:
    with pytest.raises(errors.TimeLimit):
        read_file(scan, limits=Limits(page_timeout_s=0.001))


def test_a_file_over_its_time_is_a_time_limit(tmp_path: Path) -> None:
    path = drawing.scanned_pdf([drawing.page()] * 3, tmp_path / "scan.pdf")
    with pytest.raises(errors.TimeLimit):
        list(iter_pages(path, limits=Limits(file_timeout_s=0.2)))


def test_a_page_that_needs_more_memory_than_allowed_is_a_memory_limit(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("RGB", (9_000, 9_000), "white").save(path, "PNG")
    with pytest.raises(errors.MemoryLimit):
        read_file(path, limits=Limits(memory_mb=120))


def test_a_child_killed_from_outside_counts_as_out_of_memory(scan: Path) -> None:
    child = Child("read", scan, Limits())
    try:
        child.opened()
        child.ask(1)
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(errors.MemoryLimit):
            child.answer()
    finally:
        child.end()


def test_a_child_that_crashes_counts_as_a_damaged_file(scan: Path) -> None:
    child = Child("read", scan, Limits())
    try:
        child.opened()
        child.ask(1)
        os.kill(child.pid, signal.SIGSEGV)
        with pytest.raises(errors.DamagedFile):
            child.answer()
    finally:
        child.end()


def test_the_next_file_is_read_after_the_nursery_itself_was_killed(scan: Path) -> None:
    assert look_file(scan)
    os.kill(children.nursery_pid(), signal.SIGKILL)
    assert look_file(scan)


def test_a_page_that_fails_does_not_fail_the_file(tmp_path: Path) -> None:
    path = drawing.scanned_pdf([drawing.page(drawing.DECISION[:2])] * 3, tmp_path / "scan.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        image = next(iter(pdf.pages[1].obj.Resources.XObject.values()))
        image.Width = 40_000
        image.Height = 40_000
        pdf.save(path)
    reading = read_file(path)
    assert [page.error for page in reading.pages] == [None, "too-many-pixels", None]
    assert reading.notes == ("page-2:too-many-pixels",)
    assert "Luật Tổ chức" in reading.pages[2].text


def test_pages_read_in_parallel_come_in_order(tmp_path: Path) -> None:
    lines = [f"Trang số {number} của hồ sơ thủ tục hành chính" for number in range(1, 9)]
    images = [drawing.page([line]).crop((0, 200, 1654, 700)) for line in lines]
    path = drawing.scanned_pdf(images, tmp_path / "scan.pdf")
    pages = list(iter_pages(path, limits=Limits(), jobs=2))
    assert [page.number for page in pages] == list(range(1, 9))
    assert [page.text for page in pages] == lines


def test_a_child_sends_values_and_nothing_that_runs() -> None:
    class Attack:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, ("true",)

    import pickle

    with pytest.raises(errors.DamagedFile):
        children.loads(pickle.dumps(Attack()))
