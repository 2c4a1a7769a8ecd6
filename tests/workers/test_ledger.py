"""The ledger of a backlog push."""

from __future__ import annotations

from pathlib import Path

from workers.files import look
from workers.ledger import Entry, Ledger


def _entry(path: Path, state: str = "filed", dossier: str = "") -> Entry:
    seen = look(path)
    return Entry(str(path), "u1", dossier, seen.size, seen.mtime_ns, "i1", state)


def test_a_line_is_found_again_after_the_ledger_was_closed(tmp_path: Path) -> None:
    scan = tmp_path / "a.pdf"
    scan.write_bytes(b"x")
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.write(_entry(scan))
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        found = ledger.find(scan, "u1", None)
    assert found == _entry(scan)


def test_a_file_that_was_written_again_is_not_the_one_of_the_line(tmp_path: Path) -> None:
    scan = tmp_path / "a.pdf"
    scan.write_bytes(b"x")
    entry = _entry(scan)
    scan.write_bytes(b"another")
    assert not entry.is_of(look(scan))


def test_the_same_file_for_another_dossier_has_a_line_of_its_own(tmp_path: Path) -> None:
    scan = tmp_path / "a.pdf"
    scan.write_bytes(b"x")
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.write(_entry(scan, dossier="H19.12-250725-0001"))
        assert ledger.find(scan, "u1", None) is None
        assert ledger.counts() == {"filed": 1}
