"""Which files are taken in, and when one is ready."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from services.errors import InputError
from workers.files import NotAFile, SteadyFile, StillGrowing, is_noise, look, wait_until_settled, walk


def _make(path: Path, data: bytes = b"%PDF-") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _names(root: Path) -> list[str]:
    return [str(found.relative_to(root)) for found in walk([root]) if isinstance(found, Path)]


def test_a_folder_is_walked_in_name_order_with_its_subfolders(tmp_path: Path) -> None:
    for name in ("b.pdf", "a/2.pdf", "a/1.pdf", "c.pdf"):
        _make(tmp_path / name)
    assert _names(tmp_path) == ["a/1.pdf", "a/2.pdf", "b.pdf", "c.pdf"]


@pytest.mark.parametrize("name", [".hidden.pdf", "~$thu.docx", "Thumbs.db", "scan.pdf.part", "x.crdownload"])
def test_what_programs_leave_behind_is_no_scan(tmp_path: Path, name: str) -> None:
    _make(tmp_path / name)
    assert is_noise(name)
    assert _names(tmp_path) == []


def test_a_link_to_a_folder_is_not_followed_so_no_loop_is_possible(tmp_path: Path) -> None:
    _make(tmp_path / "a.pdf")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert _names(tmp_path) == ["a.pdf"]


def test_a_link_to_a_file_is_refused_by_name(tmp_path: Path) -> None:
    _make(tmp_path / "secret" / "x.pdf")
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "x.pdf").symlink_to(tmp_path / "secret" / "x.pdf")
    [(path, error)] = [found for found in walk([tmp_path / "box"]) if isinstance(found, tuple)]
    assert (path.name, error.code) == ("x.pdf", "not-a-file")


def test_a_named_pipe_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    with pytest.raises(NotAFile):
        look(tmp_path / "pipe.pdf")


def test_a_missing_file_is_told_of_and_the_others_are_taken(tmp_path: Path) -> None:
    there = _make(tmp_path / "there.pdf")
    found = list(walk([tmp_path / "gone.pdf", there]))
    assert isinstance(found[0], tuple)
    assert isinstance(found[0][1], InputError)
    assert found[0][1].code == "no-such-file"
    assert found[1] == there


def test_a_file_at_rest_is_ready_at_once(tmp_path: Path) -> None:
    path = _make(tmp_path / "a.pdf")
    time.sleep(0.06)
    started = time.monotonic()
    wait_until_settled(path, patience_s=1, settle_s=0.05)
    assert time.monotonic() - started < 0.04


def test_a_file_still_being_written_is_waited_for(tmp_path: Path) -> None:
    path = _make(tmp_path / "a.pdf", b"1")

    def write() -> None:
        with path.open("ab") as file:
            for _ in range(5):
                file.write(b"1")
                file.flush()
                time.sleep(0.05)

    writer = threading.Thread(target=write)
    writer.start()
    seen = wait_until_settled(path, patience_s=5, settle_s=0.2)
    writer.join()
    assert seen.size == 6


def test_patience_ends_with_still_growing(tmp_path: Path) -> None:
    path = _make(tmp_path / "a.pdf")
    with pytest.raises(StillGrowing):
        wait_until_settled(path, patience_s=0.0, settle_s=60)


def test_a_file_that_changes_under_the_reader_never_reaches_its_end(tmp_path: Path) -> None:
    path = _make(tmp_path / "a.pdf", b"half")
    with SteadyFile(path, look(path)) as file:
        assert file.read(4) == b"half"
        with path.open("ab") as writer:
            writer.write(b"more")
        assert file.read(4) == b"more"
        with pytest.raises(StillGrowing):
            file.read(4)
