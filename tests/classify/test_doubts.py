"""What another hand's papers showed: what could be wrong is not given as sure, and a doubtful title asks."""

from __future__ import annotations

import pytest

from services.classify import understand
from services.classify.fields.offices import right_marks
from services.classify.model import Piece
from services.classify.naming import FILE_ALONE
from services.vietnamese import strip_marks
from tests.classify.sheets import BIRTH, MOTTO, reading

SURE = 0.93


def only(text: str) -> Piece:
    (piece,) = understand(reading(text))
    return piece


def confidence(piece: Piece, name: str) -> float:
    value = piece.fields[name]
    assert value is not None, name
    return value.confidence


@pytest.mark.parametrize("name", ["NGUYỄN AN", "THỊ MINH AN", "NGUYỄN MINH ANG"])
def test_a_name_that_may_have_lost_a_word_or_a_letter_is_not_sure(name: str) -> None:
    whole = only(BIRTH)
    assert confidence(whole, "chu_so_huu") >= SURE
    piece = only(BIRTH.replace("NGUYỄN MINH AN", name.replace("ANG", "ANQ")))
    assert confidence(piece, "chu_so_huu") < SURE


def test_on_a_page_that_lost_its_marks_no_name_is_sure() -> None:
    piece = only(strip_marks(BIRTH))
    assert piece.code == "KS"
    assert confidence(piece, "chu_so_huu") < SURE
    assert piece.fields["dinh_danh"] is not None


PROXY = (
    MOTTO
    + """
!^HỢP ĐỒNG ỦY QUYỀN
Hôm nay, ngày 11 tháng 01 năm 2025, chúng tôi gồm:
BÊN ỦY QUYỀN (Bên A):
{giver}
CCCD số: 082191664843
Thường trú: xã Xuân An, tỉnh Đồng Nai
BÊN ĐƯỢC ỦY QUYỀN (Bên B):
Ông: ĐÀO QUỐC HẢI, sinh năm 1952
CCCD số: 075052934516
ĐIỀU 1. Phạm vi ủy quyền: Bên B được thay mặt Bên A nộp hồ sơ
"""
)


@pytest.mark.parametrize("giver", ["Bà: PHẠM MINH TRANG, sinh năm 1991", "ÔnglBà: PHẠM MINH TRANG", "0ng~ '.: |"])
def test_a_giver_whose_name_was_not_read_is_not_replaced_by_the_taker(giver: str) -> None:
    piece = only(PROXY.format(giver=giver))
    assert piece.code == "HDUQ"
    owner, number = piece.fields["chu_so_huu"], piece.fields["dinh_danh"]
    assert owner is None or owner.value == "PHẠM MINH TRANG"
    assert number is None or number.value == "082191664843"


NOTICE = """
ỦY BAN NHÂN DÂN || CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
XÃ GIA KIỆM || Độc lập - Tự do - Hạnh phúc
Số: 96/TB-UBND || {place}
!^THÔNG BÁO
^Kết luận tại cuộc họp về tiến độ số hóa hồ sơ
Ngày 08 tháng 6 năm 2025, đồng chí Phó Chủ tịch đã chủ trì cuộc họp. Sau khi nghe báo cáo,
Chủ tịch Ủy ban nhân dân xã kết luận như sau:
Nơi nhận: || CHỦ TỊCH
- Lưu: VT. || Nguyễn Văn Hòa
"""


def test_a_day_that_begins_a_sentence_is_not_the_papers_day_and_no_part_of_its_abstract() -> None:
    piece = only(NOTICE.format(place="Gia Kiệm, ngày tháng năm"))
    assert piece.fields["ngay_cap"] is None
    about = piece.fields["trich_yeu"]
    assert about is not None
    assert about.value == "Kết luận tại cuộc họp về tiến độ số hóa hồ sơ"


@pytest.mark.parametrize("place", ["Bàu Hàm 2, ngày 12 tháng 6 năm 2025", "Gia Kiệm, ngày 12 tháng 6 năm ˆ 2025"])
def test_a_day_is_read_behind_a_numbered_place_and_over_a_speck(place: str) -> None:
    form = MOTTO + "!^ĐƠN ĐỀ NGHỊ TÁCH THỬA ĐẤT\nTên người sử dụng đất: PHAN HOÀI TRANG\n || " + place
    for piece in (only(NOTICE.format(place=place)), only(form + "\n || Người viết đơn\n || Phan Hoài Trang")):
        day = piece.fields["ngay_cap"]
        assert day is not None
        assert day.value == "2025-06-12"


def test_a_title_that_lost_a_word_in_its_middle_asks() -> None:
    told = NOTICE.format(place="Gia Kiệm, ngày 12 tháng 6 năm 2025")
    assert only(told).confidence >= FILE_ALONE
    broken = only(told.replace("!^THÔNG BÁO", "!^THÔNG BÁO        QUYẾT"))
    assert broken.confidence < FILE_ALONE
    assert broken.needs_review


def test_one_wrong_letter_in_a_public_bodys_name_is_mended_two_are_not() -> None:
    assert right_marks("ỦY BAN iHÂN DÂN XÃ LONG AN") == "ỦY BAN NHÂN DÂN XÃ LONG AN"
    assert right_marks("ỦY BAX KHẨN DÂN XÃ LONG AN") == "ỦY BAX KHẨN DÂN XÃ LONG AN"


def test_an_officers_rank_is_no_part_of_his_name() -> None:
    piece = only(
        "CÔNG AN TỈNH ĐỒNG NAI || CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n"
        "CÔNG AN XÃ BOM BO || Độc lập - Tự do - Hạnh phúc\n"
        "Số: 118/XN || Bom Bo, ngày 18 tháng 02 năm 2025\n!^XÁC NHẬN THÔNG TIN VỀ CƯ TRÚ\n"
        "Họ, chữ đệm và tên: NGUYỄN THỊ MỸ\nNơi nhận || TRƯỞNG CÔNG AN XÃ\n- Lưu || Trung tá Vũ Quốc Quang"
    )
    signer = piece.fields["nguoi_ky"]
    assert signer is not None
    assert signer.value == "Vũ Quốc Quang"
