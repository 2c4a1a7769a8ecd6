from __future__ import annotations

from dataclasses import replace

from services.classify import understand
from services.classify.model import CopyKind
from services.classify.split import reorder_one_sided
from services.ocr.model import Box, Code, Reading

from .sheets import BIRTH, LETTER, MOTTO, blank, qr, reading

CERTIFIED = """
CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH
Số chứng thực: 9515 Quyển số: 01/2025-SCT/BS
Ngày 02 tháng 10 năm 2025
PHÓ CHỦ TỊCH
Thạch Đức Hải
"""


def joined(*parts: Reading) -> Reading:
    pages = [page for part in parts for page in part.pages]
    return Reading(tuple(replace(page, number=n) for n, page in enumerate(pages, 1)), "application/pdf")


def test_a_certifying_stamp_is_not_the_paper_s_own_number_day_or_signer() -> None:
    (piece,) = understand(reading(BIRTH + "\n\n" + CERTIFIED))
    assert piece.copy_kind is CopyKind.SAO_CHUNG_THUC
    values = {name: value.value for name, value in piece.fields.items() if value}
    assert (values["so_ky_hieu"], values["ngay_cap"], values["nguoi_ky"]) == ("125/2025", "2025-03-12", "Lê Thị Dung")


def test_sao_y_over_a_letter_is_a_mark_and_not_its_title() -> None:
    (piece,) = understand(reading("SAO Y\n" + LETTER))
    assert (piece.code, piece.copy_kind) == ("CV", CopyKind.SAO_Y)
    assert piece.fields["co_quan_cap"] is not None
    assert piece.fields["co_quan_cap"].value == "ỦY BAN NHÂN DÂN TỈNH ĐỒNG NAI"


def test_a_stack_of_two_papers_is_cut_in_two() -> None:
    pieces = understand(joined(reading(BIRTH), reading(LETTER)))
    assert [(p.first_page, p.last_page, p.code) for p in pieces] == [(1, 1, "KS"), (2, 2, "CV")]


def test_blank_backs_belong_to_no_paper() -> None:
    stack = Reading(
        (*reading(BIRTH).pages, blank(2), replace(reading(LETTER).pages[0], number=3), blank(4)), "application/pdf"
    )
    assert [(p.first_page, p.last_page) for p in understand(stack)] == [(1, 1), (3, 3)]


def test_pages_that_count_on_stay_together() -> None:
    form = MOTTO + "^!TỜ KHAI ĐĂNG KÝ KHAI SINH\nKính gửi: UBND xã\nTrang 1/2"
    stack = joined(reading(form), reading("^!GIẤY KHAI SINH\nĐề nghị cấp bản sao\nTrang 2/2"))
    assert [(p.first_page, p.last_page) for p in understand(stack)] == [(1, 2)]


def test_later_pages_of_a_land_certificate_belong_to_it() -> None:
    first = MOTTO + "^!GIẤY CHỨNG NHẬN\n^!QUYỀN SỬ DỤNG ĐẤT\nÔng: NGUYỄN VĂN AN\nCS 123456"
    stack = joined(
        reading(first), reading("^NHỮNG THAY ĐỔI SAU KHI CẤP GIẤY CHỨNG NHẬN\nNội dung thay đổi và cơ sở pháp lý")
    )
    assert [(p.first_page, p.last_page) for p in understand(stack)] == [(1, 2)]


def test_a_separator_sheet_cuts_and_is_dropped() -> None:
    sheet = replace(reading("^!TỜ PHÂN CÁCH").pages[0], codes=(Code("QRCode", "SOHOA-TACH", Box(0, 0, 9, 9)),))
    page_two = "và các bên cam kết thực hiện đúng những điều đã ghi trong văn bản này"
    stack = joined(reading(BIRTH), Reading((sheet,), "application/pdf"), reading(page_two))
    assert [(p.first_page, p.last_page) for p in understand(stack)] == [(1, 1), (3, 3)]


def test_the_dossier_code_in_a_qr_code_is_read() -> None:
    text = MOTTO + "^!GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ\nTiếp nhận hồ sơ của: NGUYỄN VĂN AN\n"
    (piece,) = understand(reading(text, codes=(qr("MaHoSo=H19.12-250725-0001;MaTTHC=1.012766"),)))
    assert piece.fields["ma_ho_so"] is not None
    assert piece.fields["ma_ho_so"].value == "H19.12-250725-0001"


def test_a_one_sided_stack_is_put_back_in_order() -> None:
    pages = [blank(n) for n in (1, 3, 5, 6, 4, 2)]
    assert [page.number for page in reorder_one_sided(pages)] == [1, 2, 3, 4, 5, 6]
    assert [page.number for page in reorder_one_sided([blank(n) for n in (1, 3, 5, 4, 2)])] == [1, 2, 3, 4, 5]
