from __future__ import annotations

from services.classify import understand
from services.classify.catalogue import catalogue
from services.classify.fields.days import signing_day
from services.classify.fields.facts import Facts
from services.classify.layout import lay_out

from .sheets import LETTER, MOTTO, blank, reading


def day(text: str) -> str | None:
    (piece,) = understand(reading(text))
    value = piece.fields["ngay_cap"]
    return value.value if value else None


def test_a_day_in_the_head_goes_on_with_the_year_under_it() -> None:
    text = LETTER.replace(
        "ngày 26 tháng 4 năm 2025\nV/v khẩn trương thực hiện", "ngày 26 tháng 4 năm\nV/v khẩn trương thực hiện || 2025"
    )
    assert day(text) == "2025-04-26"


def test_the_day_until_which_a_proxy_runs_is_not_the_day_it_was_made() -> None:
    text = (
        MOTTO
        + """^!HỢP ĐỒNG ỦY QUYỀN
Bên ủy quyền: HỒ CÔNG LONG, sinh ngày 19/02/1964, CCCD 075064214971
Bên được ủy quyền: PHẠM TUẤN HIẾU, sinh ngày 27/06/1979, CCCD 075079120337
Thời hạn: đến ngày 08/01/2029.
Phòng Công chứng số 9 tỉnh Đồng Nai chứng nhận, ngày 08 tháng 01 năm 2024, số công chứng 292/2024.
- || CÔNG CHỨNG VIÊN

- || Lương Ngọc Thảo
"""
    )
    assert day(text) == "2024-01-08"


HOUSEHOLD = """
ỦY BAN NHÂN DÂN || CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
XÃ DẦU GIÂY || Độc lập - Tự do - Hạnh phúc
^!GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH
^Số: 4730049603 - Đăng ký thay đổi lần thứ 2, ngày 25/11/2025
Tên hộ kinh doanh || HỘ KINH DOANH MINH KHÔI
Chủ hộ || TRẦN BÁ VIỆT
Số định danh cá nhân || 082200161424
Ngày sinh || 31/01/2000
- || CHỦ TỊCH
- || Châu Gia Tiên
"""


def test_a_birth_date_in_a_table_is_not_the_day_of_issue() -> None:
    assert day(HOUSEHOLD) == "2025-11-25"
    assert day(HOUSEHOLD.replace(" - Đăng ký thay đổi lần thứ 2, ngày 25/11/2025", "")) is None


def test_a_second_date_on_a_line_is_judged_by_the_words_before_it_alone() -> None:
    text = """
^BẢO HIỂM XÃ HỘI TỈNH ĐỒNG NAI
^!THẺ BẢO HIỂM Y TẾ
Mã số: DN 4 75 2000400087
Họ và tên: TRẦN THỊ GIANG
Giá trị sử dụng: từ ngày 09/12/2025
Thời điểm đủ 05 năm liên tục: từ ngày 09/12/2030 Đồng Nai, ngày 09 tháng 12 năm 2025
- || GIÁM ĐỐC
- || Mai Văn Luân
"""
    assert day(text) == "2025-12-09"


def test_a_page_without_words_gives_no_day() -> None:
    facts = Facts()
    signing_day(facts, [lay_out(blank(1))], catalogue()["DON"])
    assert facts.fields["ngay_cap"] is None
