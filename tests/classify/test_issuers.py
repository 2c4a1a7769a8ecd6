from __future__ import annotations

import pytest

from services.classify import understand
from services.classify.text import key

from .sheets import MOTTO, reading


def issuer(text: str) -> str | None:
    (piece,) = understand(reading(text))
    value = piece.fields["co_quan_cap"]
    return value.value if value else None


def letter(first: str, second: str, third: str = "", *, place: str = "Trảng Bom", body: str = "") -> str:
    """An official letter whose head has these lines at the left."""
    lines = [line for line in (first, second, third) if line]
    right = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    head = [f"{line} || {right[i]}" if i < len(right) else line for i, line in enumerate(lines)]
    if len(lines) == 1:
        head.append(f"- || {right[1]}")
    return "\n".join(
        (
            *head,
            f"Số: 12/CV-HC || {place}, ngày 26 tháng 4 năm 2025",
            "V/v phối hợp thực hiện",
            "",
            "Kính gửi: Các phòng, ban",
            "Căn cứ Kế hoạch số 15/KH-UBND ngày 25/3/2025 của Ủy ban nhân dân tỉnh về chuyển đổi số,",
            body or "đề nghị các đơn vị tổng hợp, báo cáo trước ngày 20 hằng tháng.",
            "Nơi nhận: || CHỦ TỊCH",
            "- Lưu: VT. || Võ Tấn Dũng",
        )
    )


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("ỦY BAN NHÂN DÂN", "PHƯỜNG TRẤN BIÊN"), "ỦY BAN NHÂN DÂN PHƯỜNG TRẤN BIÊN"),
        (("SỞ TƯ PHÁP", "TRUNG TÂM TRỢ GIÚP PHÁP LÝ", "NHÀ NƯỚC"), "TRUNG TÂM TRỢ GIÚP PHÁP LÝ NHÀ NƯỚC"),
        (("UBND XÃ TÂN QUAN", "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG"), "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG XÃ TÂN QUAN"),
        (("CÔNG AN HUYỆN ĐỊNH QUÁN", "CÔNG AN XÃ PHÚ TÚC"), "CÔNG AN XÃ PHÚ TÚC"),
        (("UBND PHƯỜNG LONG BÌNH", "PHÒNG VĂN HÓA - XÃ HỘI"), "PHÒNG VĂN HÓA - XÃ HỘI PHƯỜNG LONG BÌNH"),
        (("UBND HUYỆN XUÂN LỘC", "PHÒNG QUẢN LÝ ĐÔ THỊ"), "PHÒNG QUẢN LÝ ĐÔ THỊ HUYỆN XUÂN LỘC"),
        (("UBND TỈNH ĐỒNG NAI", "SỞ TÀI CHÍNH"), "SỞ TÀI CHÍNH"),
    ],
)
def test_a_two_level_head_gives_the_lower_body_with_its_place(lines: tuple[str, ...], name: str) -> None:
    assert issuer(letter(*lines)) == name


def test_a_committee_without_place_takes_it_from_the_line_that_names_it_or_from_the_head_s_day() -> None:
    named = letter("ỦY BAN NHÂN DÂN", "", body="Ủy ban nhân dân xã Trảng Bom đề nghị các đơn vị tổng hợp.")
    dated = letter("BỘ PHẬN MỘT CỬA", "", place="xã Trảng Bom")
    assert issuer(named) == "ỦY BAN NHÂN DÂN xã Trảng Bom"
    assert issuer(dated) == "BỘ PHẬN MỘT CỬA xã Trảng Bom"


def test_a_committee_gets_no_place_where_the_paper_names_two_or_none() -> None:
    two = "Ủy ban nhân dân xã Trảng Bom phối hợp với Ủy ban nhân dân xã Bàu Hàm thực hiện."
    assert issuer(letter("ỦY BAN NHÂN DÂN", "", place="Đồng Nai", body=two)) == "ỦY BAN NHÂN DÂN"
    assert issuer(letter("ỦY BAN NHÂN DÂN", "")) == "ỦY BAN NHÂN DÂN"


OLD = """
TỈNH ĐỒNG NAI || CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
HUYỆN TÂN PHÚ || Độc lập - Tự do - Hạnh phúc
XÃ PHÚ AN
^Số: 84 Quyển số: 01
^!GIẤY KHAI SINH
Họ và tên: ĐỖ XUÂN KHANG || Nam hay nữ: Nam
Sinh ngày: 19/02/2004
Nơi sinh: Bệnh viện Đa khoa Đồng Nai
Đăng ký ngày: 01/12/2004
"""


@pytest.mark.parametrize("signature", ["TM. UBND XÃ PHÚ AN", "TM. ỦY BAN NHÂN DÂN"])
def test_an_old_form_headed_by_places_alone_was_issued_by_the_lowest_one_s_committee(signature: str) -> None:
    found = issuer(f"{OLD}- || {signature}\n- || CHỦ TỊCH\n\n- || Phan Gia Hiếu")
    assert key(found or "").replace("uy ban nhan dan", "ubnd") == "ubnd xa phu an"


def test_places_alone_are_no_issuer_where_no_committee_is_named() -> None:
    found = issuer(f"{OLD}- || NGƯỜI KÝ\n\n- || Phan Gia Hiếu")
    assert found is None or not key(found).startswith(("ubnd", "uy ban"))


COURSE = (
    MOTTO
    + """^!CHỨNG CHỈ
^ỨNG DỤNG CÔNG NGHỆ THÔNG TIN CƠ BẢN
^Hiệu trưởng Trường Cao đẳng Y tế Đồng Nai cấp cho: HOÀNG ĐÌNH PHÁT
Sinh ngày: 01/08/1984 || Nơi sinh: Bình Định
Số hiệu: 814915 || Số vào sổ: 418
- || Đồng Nai, ngày 29 tháng 01 năm 2021
- || HIỆU TRƯỞNG

- || Lý Quốc Hiếu
"""
)


def test_a_certificate_is_issued_by_the_school_whose_head_grants_it() -> None:
    assert issuer(COURSE) == "Trường Cao đẳng Y tế Đồng Nai"


def test_a_child_s_birth_is_certified_by_the_hospital_it_was_born_in_when_no_head_names_one() -> None:
    text = (
        MOTTO
        + """^!GIẤY CHỨNG SINH
^Số: 385/2026
Họ tên mẹ hoặc người nuôi dưỡng: Phạm Bích Lan
Số CCCD: 052188958186
Đã sinh con lúc: 7 giờ 00, ngày 04/06/2026
Nơi sinh: Trung tâm Y tế huyện Tân Phú
Con trai/gái: Nữ
Người ghi phiếu || GIÁM ĐỐC
Nguyễn Tuấn Hậu || Trần Thanh Yến
"""
    )
    assert issuer(text) == "Trung tâm Y tế huyện Tân Phú"
