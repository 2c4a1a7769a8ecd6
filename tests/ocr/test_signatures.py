"""Signatures of real signed papers, and of the same papers with one byte changed."""

from __future__ import annotations

from pathlib import Path

from services.ocr import read_file
from services.ocr.opening.signatures import find_signatures
from tests.ocr import drawing
from tests.shared_data import SHARED, needs_shared


def _originals() -> Path:
    assert SHARED is not None
    return SHARED / "scans" / "signed_originals"


@needs_shared
def test_who_signed_when_and_where() -> None:
    (signature,) = find_signatures(_originals() / "qd_729_ttg.pdf")
    assert signature.signer == "CỔNG THÔNG TIN ĐIỆN TỬ CHÍNH PHỦ"
    assert signature.signed_at == "2026-04-23T15:54:16+07:00"
    assert signature.side == "left"
    assert signature.covers_whole_file
    assert signature.intact is True


@needs_shared
def test_only_the_last_of_several_signatures_covers_the_whole_file() -> None:
    signatures = find_signatures(_originals() / "hanoi_tb_453_flag.pdf")
    assert [signature.covers_whole_file for signature in signatures] == [False] * 6 + [True]
    assert {signature.intact for signature in signatures} == {True}
    assert signatures[1].signer == "Võ Tuấn Anh"


@needs_shared
def test_a_changed_byte_breaks_the_seal(tmp_path: Path) -> None:
    data = bytearray((_originals() / "cv_3722_metro.pdf").read_bytes())
    place = data.index(b"stream") + 40_000
    data[place] ^= 1
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(data)
    (signature,) = find_signatures(changed)
    assert signature.intact is False


@needs_shared
def test_bytes_added_after_the_signature_are_noticed(tmp_path: Path) -> None:
    changed = tmp_path / "longer.pdf"
    changed.write_bytes((_originals() / "cv_3722_metro.pdf").read_bytes() + b"\n% added later\n")
    (signature,) = find_signatures(changed)
    assert not signature.covers_whole_file


@needs_shared
def test_a_signed_scan_is_read_like_any_other() -> None:
    reading = read_file(_originals() / "qd_729_ttg.pdf")
    assert len(reading.signatures) == 1
    assert "Phê chuẩn kết quả bầu chức vụ Chủ tịch" in reading.text


def test_an_unsigned_pdf_has_none(tmp_path: Path) -> None:
    assert find_signatures(drawing.scanned_pdf([drawing.page()], tmp_path / "scan.pdf")) == ()
