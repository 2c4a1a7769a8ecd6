from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ocr.accents import repair_text
from services.vietnamese import nfc, strip_marks
from tests.ocr.accents.measure import wrong_syllables
from tests.shared_data import SHARED, needs_shared

LETTER = """ỦY BAN NHÂN DÂN
TỈNH ĐỒNG NAI
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc

Kính gửi: Ủy ban nhân dân các xã, phường.

Căn cứ Nghị định số 61/2018/NĐ-CP ngày 23 tháng 4 năm 2018 của Chính phủ về thực hiện cơ chế
một cửa, một cửa liên thông trong giải quyết thủ tục hành chính;

Nơi nhận:
- Như trên;
- Lưu: VT.
KT. CHỦ TỊCH
PHÓ CHỦ TỊCH"""


def test_a_stripped_letter_gets_every_mark_back() -> None:
    assert repair_text(strip_marks(LETTER)).text == LETTER


def test_upper_case_stays_upper_case() -> None:
    assert repair_text("UY BAN NHAN DAN TINH DONG NAI").text == "ỦY BAN NHÂN DÂN TỈNH ĐỒNG NAI"


def test_small_d_with_stroke_alone_does_not_hide_that_the_rest_is_stripped() -> None:
    given_text = "Uy ban nhan dan tinh quyet đinh phe duyet ke hoach, giao So Noi vu huong dan cac đơn vi thuc hien."
    assert "quyết định phê duyệt kế hoạch" in repair_text(given_text).text


def test_text_in_nfd_is_taken_as_the_same_text_in_nfc() -> None:
    import unicodedata

    right = unicodedata.normalize("NFD", LETTER)
    assert repair_text(right).text == LETTER


def test_numbers_dates_and_codes_stay() -> None:
    line = "Theo Ke hoach so 433-KH/TU ngay 28/02/2025 va Nghi quyet so 57-NQ/TW, von 1.250.000 dong (35,5 %)."
    out = repair_text(line).text
    assert [code for code in ("433-KH/TU", "28/02/2025", "57-NQ/TW", "1.250.000", "35,5 %") if code not in out] == []


@pytest.mark.parametrize(("bare", "right"), [("766/QD-TTg", "766/QĐ-TTg"), ("HDND", "HĐND"), ("BCDTW", "BCĐTW")])
def test_an_acronym_gets_its_stroke_by_the_list(bare: str, right: str) -> None:
    assert right in repair_text(f"Thuc hien theo van ban {bare} cua co quan co tham quyen").text


def test_half_a_page_may_be_right_and_half_stripped() -> None:
    right = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025, xét đề nghị của Giám đốc Sở Nội vụ."
    bare = "Giam doc So Noi vu chiu trach nhiem trien khai thuc hien quyet dinh nay va bao cao ket qua truoc ngay 15."
    first, second = repair_text(f"{right}\n{bare}").text.split("\n")
    assert first == right
    assert second.startswith("Giám đốc Sở Nội vụ chịu trách nhiệm triển khai thực hiện quyết định này")


def test_one_stripped_line_in_a_right_page_is_repaired() -> None:
    page = "Kính gửi: Ủy ban nhân dân các xã.\nTHONG BAO\nVề việc nghỉ lễ Quốc khánh năm 2025"
    assert repair_text(page).text == page.replace("THONG BAO", "THÔNG BÁO")


def test_the_documents_own_tone_placement_is_kept() -> None:
    new_style = "Hoà bình, sức khoẻ, thuỷ lợi, uỷ ban là cách viết của văn bản này, từ đầu đến cuối không đổi."
    bare = "Thanh pho Hoa Binh bao cao tinh hinh suc khoe cua nhan dan va cong tac thuy loi tren dia ban."
    out = repair_text(f"{new_style}\n{new_style}\n{bare}").text.split("\n")[2]
    assert "Hoà Bình" in out
    assert "sức khoẻ" in out


def test_each_change_says_where_it_is_and_its_margin() -> None:
    given_text = "Kinh gui: Cac so, ban, nganh\nNoi nhan: Nhu tren"
    lines = given_text.split("\n")
    out = repair_text(given_text)
    assert out.changes
    for change in out.changes:
        assert lines[change.line][change.start : change.end] == change.before
        assert change.margin >= 0
        assert change.after != change.before
        assert change.sure == (change.margin >= 6.0)


def test_a_word_that_could_be_several_is_not_called_sure() -> None:
    changes = repair_text("Ong Hoang Van Tuan, ba Le Thi Hoa, chau Tran Duc Dung va chau Lam").changes
    assert any(not change.sure for change in changes)


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_keeps_its_number_of_lines(text: str) -> None:
    assert repair_text(text).text.count("\n") == nfc(text).count("\n")


@given(st.text(alphabet="abcdeghiklmnoprstuvxyé6@|&. ,\n", max_size=300))
@settings(max_examples=60, deadline=None)
def test_spaces_and_signs_between_words_stay(text: str) -> None:
    out = repair_text(text).text
    assert re.findall(r"\n", out) == re.findall(r"\n", text)


@pytest.mark.parametrize("text", ["", "\n\n", "   ", "\t\t\n", "12 34\n56", "…;:"])
def test_text_without_words_stays(text: str) -> None:
    assert repair_text(text).text == text


def test_a_line_of_ten_thousand_letters_is_repaired_whole() -> None:
    line = "Uy ban nhan dan tinh da ban hanh ke hoach trien khai thuc hien nhiem vu duoc giao; " * 120
    out = repair_text(line).text
    assert len(out) == len(line)
    assert out.count("kế hoạch triển khai thực hiện nhiệm vụ được giao") == 120


def test_tabs_and_runs_of_spaces_stay_where_they_are() -> None:
    out = repair_text(
        "Ho va ten:\tNguyen Van An\t\tNgay sinh:   01/02/1990\nNoi cu tru:\txa Long Thanh, tinh Dong Nai"
    ).text
    assert out.startswith("Họ và tên:\tNguyễn Văn An\t\tNgày sinh:   01/02/1990\nNơi cư trú:\t")


@needs_shared
@pytest.mark.parametrize("number", range(4))
def test_a_stripped_directive_comes_back(number: int) -> None:
    assert SHARED is not None
    right = nfc((SHARED / "seeds_text" / f"directive_{number}.txt").read_text("utf-8"))
    assert wrong_syllables(right, repair_text(strip_marks(right)).text) <= 0.013
