from __future__ import annotations

import pytest

from services.classify import understand
from services.vietnamese import strip_marks

from .sheets import LETTER, MOTTO, reading


def code_of(text: str) -> str:
    (piece,) = understand(reading(text), model=None)
    return piece.code


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("GIẤY KHAI SINH", "KS"),
        ("TỜ KHAI ĐĂNG KÝ KHAI SINH", "TKHT"),
        ("TRÍCH LỤC KHAI SINH", "TLKS"),
        ("GIẤY CHỨNG NHẬN KẾT HÔN", "KH"),
        ("TRÍCH LỤC KẾT HÔN", "TLKH"),
        ("TỜ KHAI CẤP GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN", "TKHT"),
        ("GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN", "TTHN"),
        ("HỢP ĐỒNG ỦY QUYỀN", "HDUQ"),
        ("GIẤY UỶ QUYỀN", "GUQ"),
        ("HỢP ĐỒNG CHUYỂN NHƯỢNG QUYỀN SỬ DỤNG ĐẤT", "HDCQ"),
        ("HỢP ĐỒNG THUÊ NHÀ", "HD"),
        ("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG", "DXPXD"),
        ("GIẤY PHÉP XÂY DỰNG", "GPXD"),
        ("ĐƠN ĐỀ NGHỊ CẤP GIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT", "DDKBD"),
        ("TRÍCH LỤC BẢN ĐỒ ĐỊA CHÍNH", "TLBD"),
        ("GIẤY ĐỀ NGHỊ ĐĂNG KÝ HỘ KINH DOANH", "DNDK"),
        ("GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH", "HKD"),
        ("GIẤY CHỨNG NHẬN ĐĂNG KÝ DOANH NGHIỆP", "DKDN"),
        ("ĐƠN XIN RÚT HỒ SƠ", "RUT"),
        ("THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ", "TBD"),
        ("THÔNG BÁO NỘP LỆ PHÍ TRƯỚC BẠ NHÀ, ĐẤT", "TBT"),
        ("PHIẾU LÝ LỊCH TƯ PHÁP SỐ 1", "LLTP"),
    ],
)
def test_the_title_names_the_type_with_marks_and_without(title: str, code: str) -> None:
    assert code_of(f"{MOTTO}^!{title}\nHọ và tên: NGUYỄN VĂN AN\n") == code
    assert code_of(strip_marks(f"{MOTTO}^!{title}\nHọ và tên: NGUYỄN VĂN AN\n")) == code


def test_a_title_over_two_lines_is_one_title() -> None:
    assert code_of(f"{MOTTO}^!GIẤY CHỨNG NHẬN\n^!QUYỀN SỬ DỤNG ĐẤT\nÔng: NGUYỄN VĂN AN\n") == "GCNQSDD"


def test_a_reader_s_slips_in_a_title_are_forgiven() -> None:
    assert code_of(f"{MOTTO}^!GlẤY CHỨNG NHÂN KẾT HỐN\nHọ và tên vợ: TRẦN THỊ B\n") == "KH"


def test_names_of_other_papers_in_the_body_change_nothing() -> None:
    text = (
        f"{MOTTO}^!GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ\nMã hồ sơ: H19.12-250725-0001\nThành phần hồ sơ nộp gồm:\n"
    )
    assert code_of(f"{text}1. GIẤY KHAI SINH\n2. GIẤY CHỨNG NHẬN KẾT HÔN\n") == "GTN"


def test_a_decision_that_quotes_a_certificate_is_a_decision() -> None:
    text = f"{MOTTO}^!QUYẾT ĐỊNH\n^Về việc thu hồi Giấy chứng nhận quyền sử dụng đất\nCăn cứ Luật Đất đai;\nĐiều 1."
    assert code_of(text) == "QD"


def test_a_letter_has_no_title_but_its_subject_under_the_number() -> None:
    assert code_of(LETTER) == "CV"


@pytest.mark.parametrize(
    "title", ["GIẤY MỜI", "ĐƠN THUỐC", "BẰNG KHEN", "SƠ YẾU LÝ LỊCH", "GIẤY CHỨNG NHẬN ĐĂNG KÝ XE"]
)
def test_strangers_are_shown_to_a_person(title: str) -> None:
    (piece,) = understand(reading(f"{MOTTO}^!{title}\nHọ và tên: NGUYỄN VĂN AN\n"))
    assert piece.needs_review
    assert piece.code == "KHAC"


def test_a_decision_with_a_notices_number_is_shown_to_a_person() -> None:
    text = LETTER.replace("492/UBND-HCC", "12/TB-UBND").replace("V/v khẩn trương thực hiện", "")
    (piece,) = understand(reading(text.replace("các chỉ tiêu năm 2025", "^!QUYẾT ĐỊNH")), model=None)
    assert (piece.code, piece.reason) == ("QD", "symbol-conflict")
