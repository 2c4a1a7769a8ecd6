from __future__ import annotations

from dataclasses import replace

import pytest

from services.classify import understand
from services.ocr.model import Reading, Signature

from .sheets import LETTER, MOTTO, reading

BODY, _, _ = LETTER.partition("Nơi nhận:")


def signer(block: str) -> str | None:
    (piece,) = understand(reading(BODY + block))
    value = piece.fields["nguoi_ky"]
    return value.value if value else None


@pytest.mark.parametrize(
    ("block", "name"),
    [
        ("- Như trên; || TM. ỦY BAN NHÂN DÂN\n- || KT. CHỦ TỊCH\n- || PHÓ CHỦ TỊCH\n\n- || Lê Văn Sáu", "Lê Văn Sáu"),
        ("Nơi nhận: || TL. CHỦ TỊCH\n- Như trên; || CHÁNH VĂN PHÒNG\n\n- || NGUYỄN THỊ KIM CHI", "NGUYỄN THỊ KIM CHI"),
        ("- Như trên; || TUQ. GIÁM ĐỐC\n- || TRƯỞNG PHÒNG TỔ CHỨC\n\n- || ThS. Phan Thanh Bình", "Phan Thanh Bình"),
        ("Nơi nhận: || GIÁM ĐỐC\n\n- || BS CKII. Trịnh Công Hậu", "Trịnh Công Hậu"),
        ("Nơi nhận: || GIÁM ĐỐC\n\n- || PGS.TS. Đặng Hữu Phước", "Đặng Hữu Phước"),
        ("Nơi nhận: || TRƯỞNG VĂN PHÒNG\n- || CÔNG CHỨNG VIÊN\n\n- || Luật sư Đỗ Mạnh Hà", "Đỗ Mạnh Hà"),
        ("Nơi nhận: || TRƯỞNG CÔNG AN\n\n- || Thượng tá, ThS. Vũ Đình Nam", "Vũ Đình Nam"),
        ("Nơi nhận: || CHỦ TỊCH\n- || (Đã ký)\n- || Võ Tấn Dũng", "Võ Tấn Dũng"),
    ],
)  # fmt: skip
def test_the_signer_is_named_without_rank_under_every_kind_of_heading(block: str, name: str) -> None:
    assert signer(block) == name


@pytest.mark.parametrize("heading", ["Ủ TỊCH", "M ĐỐC", "ĐỐC SỞ"])
def test_a_heading_half_under_the_seal_still_heads_the_signer(heading: str) -> None:
    assert signer(f"Nơi nhận: || {heading}\n- Như trên; || \n- Lưu: VT. || Trần Quốc Toản") == "Trần Quốc Toản"


@pytest.mark.parametrize("left", ["Gia Oanh Nhi", "Thị Thoa", "Văn Huy", "Tạ Gi a", "Ủ TỊCH"])
def test_a_name_that_a_seal_broke_is_not_given(left: str) -> None:
    assert signer(f"Nơi nhận: || CHỦ TỊCH\n- Như trên;\n- Lưu: VT. || {left}") is None


def test_a_signer_whose_heading_is_gone_is_found_beside_the_list_of_receivers() -> None:
    block = "Nơi nhận:\n- Như trên;\n- Thường trực Tỉnh ủy;\n- Lưu: VT, VHXH.\n\n- || Đinh Thanh Nga"
    assert signer(block) == "Đinh Thanh Nga"


def test_a_name_over_two_lines_is_one_name() -> None:
    found = reading(BODY + "Nơi nhận: || GIÁM ĐỐC\n\n- || NGUYỄN PHAN\n- || HOÀNG ANH")
    page = found.pages[0]
    bottom = max(word.box.bottom for word in page.words)
    words = tuple(  # the second line close under the first, as one name is set
        replace(word, box=word.box._replace(top=word.box.top - 12, bottom=word.box.bottom - 12))
        if word.box.bottom == bottom
        else word
        for word in page.words
    )
    (piece,) = understand(Reading((replace(page, words=words),), found.media_type))
    value = piece.fields["nguoi_ky"]
    assert value is not None
    assert value.value == "NGUYỄN PHAN HOÀNG ANH"


FORM = (
    MOTTO
    + """^!TỜ KHAI ĐĂNG KÝ KHAI SINH
Kính gửi: Ủy ban nhân dân xã Long Thành
Họ, chữ đệm, tên người yêu cầu: LÊ MINH TUẤN
Số định danh cá nhân: 075075001234
Họ, chữ đệm, tên: LÊ MINH AN
Long Thành, ngày 10 tháng 5 năm 2021
"""
)


def test_the_officer_who_takes_a_form_in_is_not_its_signer() -> None:
    both = understand(
        reading(FORM + "NGƯỜI YÊU CẦU || NGƯỜI TIẾP NHẬN HỒ SƠ\n(Ký, ghi rõ họ tên)\nLê Minh Tuấn || Trần Thị Hoa")
    )
    officer = understand(reading(FORM + "- || NGƯỜI TIẾP NHẬN HỒ SƠ\n\n- || Trần Thị Hoa"))
    assert both[0].fields["nguoi_ky"] is not None
    assert both[0].fields["nguoi_ky"].value == "Lê Minh Tuấn"
    assert officer[0].fields["nguoi_ky"] is None


def test_the_day_and_name_of_a_sao_y_block_on_a_later_page_are_not_the_paper_s() -> None:
    copy = """ỦY BAN NHÂN DÂN || SAO Y BẢN CHÍNH
XÃ LONG THÀNH || Long Thành, ngày 04 tháng 7 năm 2025
Số: 77/SY-UBND || CHỦ TỊCH

- || Đặng Quốc Huy"""
    (piece,) = understand(reading(LETTER + "\f" + copy))
    value = piece.fields["nguoi_ky"]
    assert value is not None
    assert value.value == "Võ Tấn Dũng"


@pytest.mark.parametrize("left", ["Gia Oanh Nhi", "Hồ Gia Oanb Nbi"])
def test_a_broken_signer_s_name_comes_back_from_another_place_of_the_paper_alone(left: str) -> None:
    block = f"Nơi nhận: || CHỦ TỊCH\n- Như trên;\n- Lưu: VT. || {left}"
    said = "Mọi vướng mắc xin liên hệ bà Hồ Gia Oanh Nhi, điện thoại 0251 3649627.\n"
    other = said + "Đầu mối khác là bà Lê Gia Oanh Nhi, phó phòng.\n"
    assert signer(said + block) == "Hồ Gia Oanh Nhi"
    assert signer(other + block) != "Lê Gia Oanh Nhi"


def test_a_broken_name_is_left_out_where_two_names_would_mend_it() -> None:
    block = "Nơi nhận: || CHỦ TỊCH\n- Như trên;\n- Lưu: VT. || Gia Oanh Nhi"
    said = "Xin liên hệ bà Hồ Gia Oanh Nhi, hoặc bà Lê Gia Oanh Nhi, điện thoại 0251 3649627.\n"
    assert signer(said + block) is None


@pytest.mark.parametrize("signed", ["Võ Tấn Dũng", "Ủy ban nhân dân tỉnh Đồng Nai"])
def test_the_person_of_the_digital_signature_signs_where_no_name_was_read(signed: str) -> None:
    found = replace(
        reading(BODY + "Nơi nhận: || CHỦ TỊCH\n- Lưu: VT."),
        signatures=(Signature(signed, None, None, covers_whole_file=True, intact=True),),
    )
    (piece,) = understand(found)
    value = piece.fields["nguoi_ky"]
    assert (value.value if value else None) == ("Võ Tấn Dũng" if signed == "Võ Tấn Dũng" else None)


def test_the_signature_caption_names_the_signer_whose_printed_name_is_gone() -> None:
    caption = "- || CHỦ TỊCH\n- || Người ký: Võ Tấn Dũng\n- || Thời gian ký: 26.04.2025 08:15:52 +07:00"
    assert signer(caption) == "Võ Tấn Dũng"
