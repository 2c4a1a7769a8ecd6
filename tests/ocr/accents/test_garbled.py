from __future__ import annotations

import json

import pytest

from services.ocr.accents import repair_text
from tests.ocr.accents.measure import wrong_syllables
from tests.shared_data import SHARED, needs_shared

SCAN = """UY BAN NHAN DAN CONG HOA XA HOI CHU NGHIA VIET NAM
TINH DONG NAI Ddc lap - Tw do - Hanh phic
Kinh gui: Giam doc cac S&, ban nganh
Thuc hién Nghi quyét s6 57-NQ/TW ngay 22/12/2024 cia B6 Chinh tri vé dot pha phat trién khoa hoc
cong nghé, doi méi sang tao va chuyén ddi s6 quéc gia; Ké hoach s6 433-KH/TU ngay 28/02/2025 ctia
Ban Thuong vu Tinh uy vé trién khai thuc hién Nghi quyét trén dia ban tinh D@)ng Nai"""


def test_a_motto_read_by_an_english_engine_comes_back() -> None:
    assert "Độc lập - Tự do - Hạnh phúc" in repair_text(SCAN).text


def test_a_garbled_paragraph_comes_back() -> None:
    out = repair_text(SCAN).text
    assert "Thực hiện Nghị quyết số 57-NQ/TW ngày 22/12/2024 của Bộ Chính trị về đột phá phát triển khoa học" in out
    assert "công nghệ, đổi mới sáng tạo và chuyển đổi số quốc gia; Kế hoạch số 433-KH/TU ngày 28/02/2025 của" in out


def test_codes_and_dates_in_garbled_text_stay() -> None:
    out = repair_text(SCAN).text
    assert [code for code in ("57-NQ/TW", "22/12/2024", "433-KH/TU", "28/02/2025") if code not in out] == []


def test_a_torn_syllable_is_joined() -> None:
    line = "trién khai thuc hién dich vu céng truc tuyén toan tr inh trén dia ban tinh theo quy dinh cia phap luat"
    assert "trực tuyến toàn trình trên địa bàn" in repair_text(line).text


def test_two_syllables_run_together_are_parted() -> None:
    line = "Uy ban nhan dan tinh yéu cau cac co quan trién khai thuchién nghiém tuc cac nhiém vu duoc giao tai Ké hoach"
    assert "triển khai thực hiện nghiêm túc" in repair_text(line).text


def test_a_joined_piece_is_one_change_that_spans_the_space() -> None:
    line = "trién khai thuc hién dich vu céng truc tuyén toan tr inh trén dia ban tinh theo quy dinh cia phap luat"
    joined = [change for change in repair_text(line).changes if " " in change.before]
    assert [(change.before, change.after) for change in joined] == [("tr inh", "trình")]


def test_the_letter_of_a_point_is_not_taken_for_a_word() -> None:
    line = "d) Thuc hién hgp tac quéc té vé ngudi cao tudi theo quy dinh cia phap luat vé ngudi cao tudi"
    assert repair_text(line).text.startswith("d) Thực hiện hợp tác quốc tế")


@needs_shared
def test_pages_read_by_an_english_engine_come_back() -> None:
    assert SHARED is not None
    rows = (SHARED / "garbled" / "pairs_2.jsonl").read_text("utf-8").splitlines()[:200]
    pairs = [json.loads(row) for row in rows]
    right, read = "\n".join(pair[0] for pair in pairs), "\n".join(pair[1] for pair in pairs)
    assert wrong_syllables(right, read) > 0.5
    assert wrong_syllables(right, repair_text(read).text) < 0.035


@needs_shared
def test_the_real_garbled_directive_names_its_office() -> None:
    assert SHARED is not None
    out = repair_text((SHARED / "seeds_text" / "directive_4.txt").read_text("utf-8")).text
    missing = [
        phrase
        for phrase in ("Đồng Nai", "Độc lập - Tự do - Hạnh phúc", "Kính gửi", "dịch vụ công trực tuyến", "433-KH/TU")
        if phrase not in out
    ]
    assert missing == []


@pytest.mark.parametrize("junk", ["\x00\x01\x02ÿþ" * 200, "@@##é6&" * 300, "|l1I" * 2500])
def test_junk_is_no_trouble(junk: str) -> None:
    assert repair_text(junk).text.count("\n") == junk.count("\n")
