from __future__ import annotations

from services.classify import understand

from .sheets import MOTTO, reading

REFUSAL = """
UBND XÃ PHÚ AN || CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
BỘ PHẬN TIẾP NHẬN VÀ TRẢ KẾT QUẢ || Độc lập - Tự do - Hạnh phúc
Số: 130/TCHS || Phú An, ngày 01 tháng 3 năm 2024
^!PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ
Tiếp nhận hồ sơ của: Nguyễn Xuân Trung || CCCD: 075095943495
Địa chỉ: Số 306 đường Lê Duẩn, xã Phú An, tỉnh Đồng Nai
Mã hồ sơ: H10.102.4-240224-0329
Lý do: Giấy chứng nhận đã bị thu hồi.
Xin thông báo cho ông Nguyễn Xuân Trung Duy được biết.
NGƯỜI NỘP HỒ SƠ || NGƯỜI TIẾP NHẬN HỒ SƠ

Nguyễn Xuân Trung Duy || Lương Ngọc Trung
"""


def owner(text: str) -> tuple[str | None, list[str | None]]:
    (piece,) = understand(reading(text))
    value = piece.fields["chu_so_huu"]
    return value.value if value else None, [one.name for one in piece.owners]


def test_a_name_that_its_cell_cut_is_whole_where_the_paper_tells_it_whole() -> None:
    assert owner(REFUSAL) == ("Nguyễn Xuân Trung Duy", ["Nguyễn Xuân Trung Duy"])


def test_a_name_told_in_full_elsewhere_is_not_lengthened_to_another_person_s() -> None:
    text = REFUSAL.replace("cho ông Nguyễn Xuân Trung Duy được", "cho ông Nguyễn Xuân Trung được")
    assert owner(text)[0] == "Nguyễn Xuân Trung"


COMPANY = (
    MOTTO
    + """^!GIẤY CHỨNG NHẬN ĐĂNG KÝ HOẠT ĐỘNG CHI NHÁNH
Mã số chi nhánh: 3618199626-001
Đăng ký lần đầu, ngày 05 tháng 02 năm 2023
1. Tên chi nhánh: CHI NHÁNH CÔNG TY TNHH MỘT THÀNH VIÊN THỰC PHẨM MINH KHÔI TẠI LONG KHÁNH
2. Địa chỉ: Thôn 8, phường Xuân Hòa, thành phố Long Khánh, tỉnh Đồng Nai
"""
)


def test_the_number_of_the_next_item_is_no_part_of_a_firm_s_name() -> None:
    found, _ = owner(COMPANY)
    assert found is not None
    assert found.endswith("MINH KHÔI TẠI LONG KHÁNH")


def test_parties_numbered_at_the_start_of_their_line_are_told_apart() -> None:
    text = (
        MOTTO
        + """^!HỢP ĐỒNG TẶNG CHO QUYỀN SỬ DỤNG ĐẤT
Tại trụ sở Ủy ban nhân dân xã Xuân Tây, ngày 24/08/2022, chúng tôi gồm có:
1. Bên A: ông Hồ Đức Duy, sinh ngày 10/03/1985, CCCD số 075085418229, cư trú tại xã Minh Hưng.
2. Bên B: ông Đào Minh Duy, sinh ngày 27/12/1954, CCCD số 070054555205, cư trú tại xã Bình Minh.
Điều 1. Thửa đất số 546, tờ bản đồ số 35, tại xã Xuân Tây
"""
    )
    assert owner(text)[0] == "Đào Minh Duy"


def test_a_firm_s_name_goes_on_under_itself_beside_another_column() -> None:
    text = """
UBND TỈNH ĐỒNG NAI || CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
SỞ TÀI CHÍNH || Độc lập - Tự do - Hạnh phúc
^!GIẤY CHỨNG NHẬN ĐĂNG KÝ ĐẦU TƯ
Mã số dự án: 1002981959 || Chứng nhận lần đầu: 02/08/2025
Nhà đầu tư: CÔNG TY TNHH MỘT THÀNH VIÊN VẬN TẢI ĐẤT ĐỎ || MSDN:
MIỀN ĐÔNG || 3853684196
Trụ sở: Tổ 14, khu phố 12, xã Bù Đăng, tỉnh Đồng Nai
"""
    assert owner(text)[0] == "CÔNG TY TNHH MỘT THÀNH VIÊN VẬN TẢI ĐẤT ĐỎ MIỀN ĐÔNG"
