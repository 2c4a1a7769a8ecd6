from __future__ import annotations

from dataclasses import replace

import pytest

from services.classify import understand
from services.classify.fields.offices import right_marks
from services.classify.model import Piece
from services.ocr.model import Box, Reading, Word
from tests.shared_data import SHARED, needs_shared

from .sheets import BIRTH, LETTER, MOTTO, qr, reading


def values(piece: Piece) -> dict[str, str]:
    return {name: value.value for name, value in piece.fields.items() if value}


def only(text: str, **page: object) -> Piece:
    (piece,) = understand(reading(text, **page))
    return piece


def test_a_birth_certificate_is_read_by_its_labels() -> None:
    piece = only(BIRTH)
    assert values(piece) == {
        "so_ky_hieu": "125/2025",
        "ngay_cap": "2025-03-12",
        "co_quan_cap": "Ủy ban nhân dân xã Long Thành, tỉnh Đồng Nai",
        "chu_so_huu": "NGUYỄN MINH AN",
        "dinh_danh": "075325001234",
        "nguoi_ky": "Lê Thị Dung",
    }
    assert (piece.more["me"].value, piece.more["cha"].value) == ("TRẦN THỊ BÌNH", "NGUYỄN VĂN CHÍN")


@pytest.mark.parametrize(
    ("read", "right"),
    [
        ("ỦY BẠN NHÂN DÂN XÃ LONG THÀNH", "ỦY BAN NHÂN DÂN XÃ LONG THÀNH"),
        ("Bộ phân Tiếp nhận và Trả kết qua xã Long Khanh", "Bộ phận Tiếp nhận và Trả kết quả xã Long Khánh"),
        ("Ủy ban nhân dân xã Long Thanh, tỉnh Đông Nai", "Ủy ban nhân dân xã Long Thành, tỉnh Đồng Nai"),
        ("Công ty TNHH Long Thanh", "Công ty TNHH Long Thanh"),
    ],
)
def test_lost_marks_of_public_bodies_come_back_and_no_place_becomes_another(read: str, right: str) -> None:
    assert right_marks(read) == right


def test_every_value_has_its_page_and_a_box_around_its_words() -> None:
    piece = only(BIRTH)
    name = piece.fields["chu_so_huu"]
    assert name is not None
    assert name.box is not None
    assert name.page == 1
    assert name.box.left > 300


def test_an_official_letter_is_read_by_its_geometry() -> None:
    assert values(only(LETTER)) == {
        "so_ky_hieu": "492/UBND-HCC",
        "ngay_cap": "2025-04-26",
        "co_quan_cap": "ỦY BAN NHÂN DÂN TỈNH ĐỒNG NAI",
        "trich_yeu": "khẩn trương thực hiện các chỉ tiêu năm 2025",
        "nguoi_ky": "Võ Tấn Dũng",
    }


def test_columns_read_as_one_line_are_cut_apart() -> None:
    found = reading(LETTER)
    page = found.pages[0]
    merged = tuple(
        replace(word, line=word.line - word.line % 2 if word.box.top < 260 else word.line) for word in page.words
    )
    (piece,) = understand(Reading((replace(page, words=merged),), found.media_type))
    assert values(piece)["so_ky_hieu"] == "492/UBND-HCC"
    assert values(piece)["co_quan_cap"] == "ỦY BAN NHÂN DÂN TỈNH ĐỒNG NAI"


def test_a_blank_number_and_day_are_null_and_never_invented() -> None:
    text = LETTER.replace("Số: 492/UBND-HCC", "Số:          /UBND-HCC").replace("ngày 26 tháng", "ngày      tháng")
    piece = only(text.replace("ngày 25/3/2025", ""))
    assert piece.fields["so_ky_hieu"] is None
    assert piece.fields["ngay_cap"] is None
    assert piece.unread["so_ky_hieu"] == "not-found"


def test_a_blank_number_under_ink_is_said_to_be_handwritten() -> None:
    text = LETTER.replace("Số: 492/UBND-HCC", "Số:          /UBND-HCC")
    piece = only(text, handwriting=(Box(180, 205, 330, 245),))
    assert piece.fields["so_ky_hieu"] is None
    assert piece.unread["so_ky_hieu"] == "handwritten"


def test_a_number_under_ink_is_never_given_with_high_confidence() -> None:
    piece = only(LETTER, handwriting=(Box(180, 205, 330, 245),))
    number = piece.fields["so_ky_hieu"]
    assert number is None or number.confidence <= 0.5


def test_a_label_over_two_lines_is_one_label() -> None:
    text = (
        MOTTO
        + """^!ĐƠN ĐĂNG KÝ BIẾN ĐỘNG ĐẤT ĐAI
Kính gửi: Chi nhánh Văn phòng Đăng ký đất đai
1. Người sử dụng đất, chủ sở hữu tài sản gắn liền với
đất, người quản lý đất: NGUYỄN VĂN AN
Căn cước công dân số: 075075001234
"""
    )
    assert values(only(text))["chu_so_huu"] == "NGUYỄN VĂN AN"
    assert values(only(text))["dinh_danh"] == "075075001234"


def test_a_dotted_leader_read_as_digits_is_no_number() -> None:
    found = reading(MOTTO + "^!TỜ KHAI LỆ PHÍ TRƯỚC BẠ\nTên người nộp thuế: CHÂU KIM HOA\nMã số thuế: 075300326953\n")
    page = found.pages[0]
    noise = [
        Word("2222212212121111", Box(600, 258, 900, 284), 0.02, 3, 0),
        Word("075300326953.........1121", Box(310, 304, 700, 330), 0.03, 4, 0),
    ]
    words = tuple(word for word in page.words if word.text != "075300326953") + tuple(noise)
    (piece,) = understand(Reading((replace(page, words=words),), found.media_type))
    assert values(piece)["chu_so_huu"] == "CHÂU KIM HOA"
    assert values(piece)["dinh_danh"] == "075300326953"


MARRIAGE = (
    MOTTO
    + """^!GIẤY CHỨNG NHẬN KẾT HÔN
^Số: 12/2024
Họ, chữ đệm, tên vợ: TRẦN THỊ BÌNH || Họ, chữ đệm, tên chồng: LÊ VĂN CƯỜNG
Ngày, tháng, năm sinh: 01/02/1996 || Ngày, tháng, năm sinh: 03/04/1994
Số định danh cá nhân: 075196001234 || Số định danh cá nhân: 075094004321
Nơi đăng ký kết hôn: Ủy ban nhân dân phường Trấn Biên
Ngày, tháng, năm đăng ký: 05/06/2024
"""
)


def test_both_spouses_own_a_marriage_certificate() -> None:
    owners = only(MARRIAGE).owners
    assert {(o.name, o.identifier, o.birth_date) for o in owners} == {
        ("LÊ VĂN CƯỜNG", "075094004321", "1994-04-03"),
        ("TRẦN THỊ BÌNH", "075196001234", "1996-02-01"),
    }


def test_a_land_certificate_s_number_is_its_serial() -> None:
    text = (
        MOTTO
        + "^!GIẤY CHỨNG NHẬN\n^!QUYỀN SỬ DỤNG ĐẤT\nÔng: NGUYỄN VĂN AN, CCCD số 075075001234\n"
        + "Số vào sổ cấp GCN: CS 01234\n"
    )
    piece = only(text + "^CS 123456\n")
    assert values(piece)["so_ky_hieu"] == "CS 123456"
    assert piece.more["so_vao_so"].value != values(piece)["so_ky_hieu"]


def test_a_company_s_certificate_is_filed_under_its_tax_code() -> None:
    text = (
        MOTTO
        + """^!GIẤY CHỨNG NHẬN ĐĂNG KÝ DOANH NGHIỆP
Mã số doanh nghiệp: 3600000014
Đăng ký lần đầu: ngày 07 tháng 11 năm 2019
Đăng ký thay đổi lần thứ: 1, ngày 21 tháng 12 năm 2021
Tên công ty viết bằng tiếng Việt: CÔNG TY TNHH MAY MẶC THÀNH VINH
"""
    )
    piece = only(text)
    found = values(piece)
    assert (found["dinh_danh"], found["so_ky_hieu"], found["ngay_cap"]) == ("3600000014", "3600000014", "2021-12-21")
    assert piece.owners[0].name == "CÔNG TY TNHH MAY MẶC THÀNH VINH"


CARD = """
^CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
^!CĂN CƯỚC CÔNG DÂN
^Citizen Identity Card
Số / No.: 075190001284
Họ và tên / Full name:
NGUYỄN THỊ AN
Ngày sinh / Date of birth: 01/02/1990
Giới tính / Sex: Nữ || Quốc tịch / Nationality: Việt Nam
"""


def test_the_qr_code_of_a_card_overrules_its_print() -> None:
    told = "075190001234||Nguyễn Thị An|01021990|Nữ|Xã Long Thành, Đồng Nai|15082021"
    found = values(only(CARD, codes=(qr(told),)))
    assert (found["dinh_danh"], found["so_ky_hieu"], found["ngay_cap"]) == (
        "075190001234",
        "075190001234",
        "2021-08-15",
    )


def test_a_number_that_contradicts_the_birth_year_asks_a_person() -> None:
    piece = only(CARD.replace("01/02/1990", "01/02/1980"))
    assert (piece.needs_review, piece.reason) == (True, "field-conflict")
    assert piece.fields["dinh_danh"] is not None
    assert piece.fields["dinh_danh"].confidence <= 0.55


def test_the_receiver_owns_a_gift_contract() -> None:
    text = (
        MOTTO
        + """^!HỢP ĐỒNG TẶNG CHO QUYỀN SỬ DỤNG ĐẤT
Hôm nay, ngày 07 tháng 10 năm 2024, tại Văn phòng công chứng Phan Đình Dũng, chúng tôi gồm:
BÊN TẶNG CHO (Bên A):
Ông: ĐẶNG CÔNG SƠN, sinh năm 1956, CCCD số 040056342768
BÊN ĐƯỢC TẶNG CHO (Bên B):
Ông: ĐẶNG THANH QUANG, sinh năm 1998, CCCD số 075098523793
Điều 1. Quyền sử dụng đất tặng cho
Số công chứng: 410/2024/CCGD
"""
    )
    found = values(only(text))
    assert (found["chu_so_huu"], found["dinh_danh"]) == ("ĐẶNG THANH QUANG", "075098523793")
    assert (found["so_ky_hieu"], found["ngay_cap"]) == ("410/2024/CCGD", "2024-10-07")
    assert found["co_quan_cap"] == "Văn phòng công chứng Phan Đình Dũng"


def test_text_without_positions_is_understood_and_gives_no_boxes() -> None:
    found = reading(BIRTH.replace(" || ", "          "))
    page = replace(found.pages[0], words=(), text=BIRTH.replace(" || ", "          ").replace("^", "").replace("!", ""))
    (piece,) = understand(Reading((page,), "text/plain"))
    assert piece.code == "KS"
    assert values(piece)["dinh_danh"] == "075325001234"
    assert all(value.box is None for value in piece.fields.values() if value)


def test_an_empty_file_gives_no_paper() -> None:
    assert understand(Reading((), "application/pdf")) == ()


@needs_shared
@pytest.mark.parametrize(
    ("number", "code", "so", "ngay"),
    [
        (0, "CV", None, None),
        (1, "CV", "492/UBND-HCC", "2025-04-26"),
        (2, "CV", None, None),
        (3, "TB", "18/KH-UBND", "2025-07-24"),
    ],
)
def test_the_provincial_directives_are_read_and_their_blanks_left_blank(
    number: int, code: str, so: str, ngay: str
) -> None:
    assert SHARED is not None
    text = (SHARED / "seeds_text" / f"directive_{number}.txt").read_text("utf-8").replace("**", "")
    (piece,) = understand(Reading((replace(reading("x").pages[0], words=(), text=text),), "text/plain"))
    assert (piece.code, values(piece).get("so_ky_hieu"), values(piece).get("ngay_cap")) == (code, so, ngay)
