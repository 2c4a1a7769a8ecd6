"""The sample register of dossiers: what eight units of Đồng Nai exported from their case system in August 2025.

``STORY`` holds the dossiers whose papers lie in this folder; ``PLAN`` says how the rest of each unit's dossiers stand,
one word a dossier: ``ok`` or the causes it shows (DOMAIN §1.4), joined by ``+``. All people are invented.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from sample_docs.invented.people import cccd, full_name, mst

HEADERS = (
    "STT",
    "Mã hồ sơ",
    "Mã TTHC",
    "Tên thủ tục hành chính",
    "Đơn vị",
    "Chủ hồ sơ",
    "Loại đối tượng",
    "Số định danh",
    "Hình thức nộp",
    "Ngày nộp",
    "Ngày tiếp nhận",
    "Ngày hẹn trả",
    "Ngày trả kết quả",
    "Trạng thái hồ sơ",
    "Số tệp thành phần",
    "Đủ thành phần bắt buộc",
    "Số tệp kết quả",
    "Văn bản từ chối/dừng/rút",
    "Tái sử dụng",
    "Lấy từ kho DMQG",
    "Ký số lưu kho",
    "Xác thực VNeID",
    "Khai thác CSDLQG dân cư",
    "Đồng bộ Cổng DVCQG",
    "Thanh toán trực tuyến",
)
_FIRMS = ("Minh Khôi", "Tân Hưng Long", "Gia Khánh", "Hoàng Thiên Ân", "Bảo Tín Phát")
_DATES = ("Ngày nộp", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả kết quả")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the register: its name, the unit part of its dossier codes (invented below H19) and its procedures."""

    name: str
    mark: str
    procedures: tuple[str, ...]
    plan: str


PROCEDURES = {
    "1.001193": "Đăng ký khai sinh",
    "1.000894": "Đăng ký kết hôn",
    "1.004873": "Cấp Giấy xác nhận tình trạng hôn nhân",
    "2.000635": "Cấp bản sao Trích lục hộ tịch, bản sao Giấy khai sinh",
    "1.004859": "Thay đổi, cải chính, bổ sung thông tin hộ tịch, xác định lại dân tộc",
    "2.000815": "Chứng thực bản sao từ bản chính giấy tờ, văn bản",
    "2.001035": "Chứng thực hợp đồng, giao dịch liên quan đến quyền sử dụng đất",
    "1.012781": "Đăng ký biến động đất đai do chuyển nhượng, tặng cho, thừa kế",
    "1.012784": "Tách thửa đất, hợp thửa đất",
    "1.012786": "Cấp lại Giấy chứng nhận quyền sử dụng đất bị mất",
    "1.012808": "Chuyển mục đích sử dụng đất",
    "1.009994": "Cấp giấy phép xây dựng mới đối với nhà ở riêng lẻ",
    "1.009974": "Cấp giấy phép xây dựng mới đối với công trình cấp đặc biệt, cấp I, cấp II",
    "1.001612": "Đăng ký thành lập hộ kinh doanh",
    "2.001610": "Đăng ký thành lập doanh nghiệp tư nhân, công ty",
    "2.001996": "Đăng ký thay đổi nội dung đăng ký doanh nghiệp",
    "1.001776": "Thực hiện, điều chỉnh, thôi hưởng trợ cấp xã hội hằng tháng",
}
UNITS = (
    Unit("Phường Trấn Biên", "H19.41", ("1.001193", "1.000894", "2.000635", "2.000815"), "ok ok ok ok C3 ok ok C7"),
    Unit("Phường Long Khánh", "H19.80", ("1.009994", "1.001193", "1.004873", "2.000815"), "ok C1 ok C1 ok C7"),
    Unit("Xã Trảng Bom", "H19.48", ("1.001776", "2.000635", "1.001612", "1.000894"), "ok ok C2 ok C2+C6"),
    Unit("Xã Bàu Hàm", "H19.54", ("2.000815", "1.012808", "1.001193"), "C2 ok C4:3 C2+C3 C6 ok"),
    Unit("Xã Bù Đăng", "H19.96", ("1.004873", "2.000635", "1.001193"), "ok C4:7 C4:8 C2b ok C3"),
    Unit("Sở Tài chính", "H19.05", ("2.001610", "2.001996"), "ok ok C2b ok C7 C2b+C6 ok"),
    Unit("Sở Xây dựng", "H19.08", ("1.009974",), "ok C1 ok C6 ok stop8 ok"),
    Unit("Văn phòng Đăng ký đất đai", "H19.30", ("1.012781", "1.012784"), "ok C1+C7 C7 ok C6 ok"),
)
# unit, code, procedure, owner, identifier, channel, received, due, finished, status and the cells that are not usual.
STORY: tuple[dict[str, str], ...] = (
    {
        "Đơn vị": "Phường Trấn Biên",
        "Mã hồ sơ": "H19.41-250801-0012",
        "Mã TTHC": "1.001193",
        "Chủ hồ sơ": "Trần Quốc Bảo",
        "Số định danh": "075091004182",
        "Ngày hẹn trả": "06/08/2025",
        "Ngày trả kết quả": "04/08/2025",
        "Trạng thái hồ sơ": "Đã trả kết quả",
    },
    {
        "Đơn vị": "Phường Trấn Biên",
        "Mã hồ sơ": "H19.41-250818-0007",
        "Mã TTHC": "1.004859",
        "Chủ hồ sơ": "Trần Gia Hân",
        "Số định danh": "075325001947",
        "Ngày hẹn trả": "21/08/2025",
        "Trạng thái hồ sơ": "Đang xử lý",
    },
    {
        "Đơn vị": "Văn phòng Đăng ký đất đai",
        "Mã hồ sơ": "H19.30-250806-0003",
        "Mã TTHC": "1.012786",
        "Chủ hồ sơ": "Nguyễn Văn Thành",
        "Số định danh": "075068003915",
        "Ngày hẹn trả": "22/08/2025",
        "Ngày trả kết quả": "21/08/2025",
        "Trạng thái hồ sơ": "Đã trả kết quả",
    },
    {
        "Đơn vị": "Văn phòng Đăng ký đất đai",
        "Mã hồ sơ": "H19.30-250812-0009",
        "Mã TTHC": "1.012781",
        "Chủ hồ sơ": "Nguyễn Minh Khoa",
        "Số định danh": "075096011273",
        "Ngày hẹn trả": "28/08/2025",
        "Trạng thái hồ sơ": "Đang xử lý",
    },
    {
        "Đơn vị": "Phường Long Khánh",
        "Mã hồ sơ": "H19.80-250804-0021",
        "Mã TTHC": "1.009994",
        "Chủ hồ sơ": "Đặng Thị Mỹ Linh",
        "Số định danh": "075187006420",
        "Ngày hẹn trả": "18/08/2025",
        "Ngày trả kết quả": "15/08/2025",
        "Trạng thái hồ sơ": "Đã trả kết quả",
        "Số tệp thành phần": "3",
    },
    {
        "Đơn vị": "Xã Trảng Bom",
        "Mã hồ sơ": "H19.48-250811-0005",
        "Mã TTHC": "1.001612",
        "Chủ hồ sơ": "Phạm Thị Kim Oanh",
        "Số định danh": "075182009934",
        "Ngày hẹn trả": "14/08/2025",
        "Ngày trả kết quả": "13/08/2025",
        "Trạng thái hồ sơ": "Đã trả kết quả",
    },
    {
        "Đơn vị": "Xã Trảng Bom",
        "Mã hồ sơ": "H19.48-250804-0011",
        "Mã TTHC": "1.001776",
        "Chủ hồ sơ": "Dương Thị Bích Liên",
        "Số định danh": "075145000836",
        "Ngày hẹn trả": "25/08/2025",
        "Ngày trả kết quả": "15/08/2025",
        "Trạng thái hồ sơ": "Đã xử lý xong",
        "Số tệp thành phần": "2",
    },
    {
        "Đơn vị": "Sở Tài chính",
        "Mã hồ sơ": "H19.05-250807-0002",
        "Mã TTHC": "2.001996",
        "Loại đối tượng": "Doanh nghiệp",
        "Chủ hồ sơ": "Công ty TNHH Nông sản Sông Ray Xanh",
        "Số định danh": "3600000014",
        "Ngày hẹn trả": "12/08/2025",
        "Trạng thái hồ sơ": "Đang xử lý",
    },
    {
        "Đơn vị": "Xã Bàu Hàm",
        "Mã hồ sơ": "H19.54-250812-0004",
        "Mã TTHC": "1.012808",
        "Chủ hồ sơ": "Võ Đức Hải",
        "Số định danh": "075085007718",
        "Trạng thái hồ sơ": "Không được tiếp nhận",
        "Số tệp thành phần": "2",
    },
    {
        "Đơn vị": "Xã Bàu Hàm",
        "Mã hồ sơ": "H19.54-250811-0002",
        "Mã TTHC": "2.000815",
        "Chủ hồ sơ": "Huỳnh Văn Sáu",
        "Số định danh": "075060002284",
        "Ngày hẹn trả": "12/08/2025",
        "Trạng thái hồ sơ": "Đang xử lý",
    },
    {
        "Đơn vị": "Xã Bù Đăng",
        "Mã hồ sơ": "H19.96-250805-0003",
        "Mã TTHC": "2.001035",
        "Chủ hồ sơ": "Lý Thanh Phong",
        "Số định danh": "070075004409",
        "Ngày hẹn trả": "07/08/2025",
        "Trạng thái hồ sơ": "Công dân yêu cầu rút hồ sơ",
        "Số tệp thành phần": "2",
    },
    {
        "Đơn vị": "Xã Bù Đăng",
        "Mã hồ sơ": "H19.96-250804-0008",
        "Mã TTHC": "1.004873",
        "Chủ hồ sơ": "Điểu Văn Tuấn",
        "Số định danh": "070098005127",
        "Ngày hẹn trả": "07/08/2025",
        "Ngày trả kết quả": "07/08/2025",
        "Trạng thái hồ sơ": "Đã trả kết quả",
        "Số tệp thành phần": "1",
    },
)
_USUAL = {
    "Loại đối tượng": "Cá nhân",
    "Hình thức nộp": "Trực tiếp",
    "Số tệp thành phần": "0",
    "Đủ thành phần bắt buộc": "",
    "Số tệp kết quả": "0",
    "Văn bản từ chối/dừng/rút": "",
    "Tái sử dụng": "Không",
    "Lấy từ kho DMQG": "Không",
    "Ký số lưu kho": "Không",
    "Xác thực VNeID": "Có",
    "Khai thác CSDLQG dân cư": "Không",
    "Đồng bộ Cổng DVCQG": "Có",
    "Thanh toán trực tuyến": "Không",
    "Ngày trả kết quả": "",
    "Ngày hẹn trả": "",
}


def rows() -> list[dict[str, str]]:
    """All dossiers by unit and code; values as a register prints them (dates dd/MM/yyyy)."""
    rng = random.Random("sample register")
    out = [_finish({**_USUAL, **row}) for row in STORY]
    for unit in UNITS:
        for number, state in enumerate(unit.plan.split(" ")):
            out.append(_finish(_planned(unit, number, state, rng)))
    order = [unit.name for unit in UNITS]
    out.sort(key=lambda row: (order.index(row["Đơn vị"]), row["Mã hồ sơ"]))
    for number, row in enumerate(out, 1):
        row["STT"] = str(number)
    return out


def _finish(row: dict[str, str]) -> dict[str, str]:
    code = row["Mã hồ sơ"]
    day = f"{code[-7:-5]}/{code[-9:-7]}/20{code[-11:-9]}"
    return {**row, "Tên thủ tục hành chính": PROCEDURES[row["Mã TTHC"]], "Ngày nộp": day, "Ngày tiếp nhận": day}


def _planned(unit: Unit, number: int, state: str, rng: random.Random) -> dict[str, str]:
    causes = set(state.replace(":", "+").split("+"))
    procedure = unit.procedures[number % len(unit.procedures)]
    firm = unit.name in ("Sở Tài chính", "Sở Xây dựng")
    received = dt.date(2025, 7, 25) + dt.timedelta(days=rng.randrange(28))
    while received.weekday() > 4:
        received += dt.timedelta(days=1)
    man = rng.random() < 0.5
    born = dt.date(rng.randint(1960, 2003), rng.randint(1, 12), rng.randint(1, 28))
    online = "C2b" in causes or (firm and "ok" in causes)
    wanting = "C2b" in causes
    row = {
        **_USUAL,
        "Đơn vị": unit.name,
        "Mã hồ sơ": f"{unit.mark}-{received:%y%m%d}-{rng.randint(30, 220):04d}",
        "Mã TTHC": procedure,
        "Chủ hồ sơ": f"Công ty TNHH {rng.choice(_FIRMS)}" if firm else full_name(rng, man),
        "Loại đối tượng": "Doanh nghiệp" if firm else "Cá nhân",
        "Số định danh": mst(rng) if firm else cccd(rng, man, born),
        "Hình thức nộp": "Trực tuyến"
        if online
        else rng.choice(["Trực tiếp", "Trực tiếp", "Trực tiếp", "Bưu chính công ích"]),
        "Ngày hẹn trả": f"{received + dt.timedelta(days=7):%d/%m/%Y}",
        "Ngày trả kết quả": f"{received + dt.timedelta(days=5):%d/%m/%Y}",
        "Trạng thái hồ sơ": "Đã trả kết quả",
        "Số tệp thành phần": "4",
        "Đủ thành phần bắt buộc": "Có",
        "Số tệp kết quả": "1",
        "Tái sử dụng": rng.choice(["Có", "Không"]),
        "Lấy từ kho DMQG": rng.choice(["Có", "Không", "Không"]),
        "Ký số lưu kho": "Có",
        "Thanh toán trực tuyến": "Có" if online else "Không",
    }
    if "C1" in causes:
        row |= {"Số tệp kết quả": "0", "Ký số lưu kho": "Không"}
    if "C2" in causes:
        row |= {
            "Số tệp thành phần": "0",
            "Đủ thành phần bắt buộc": "Không",
            "Tái sử dụng": "Không",
            "Lấy từ kho DMQG": "Không",
        }
    if wanting:
        row |= {
            "Số tệp thành phần": "0",
            "Đủ thành phần bắt buộc": "Không",
            "Tái sử dụng": "Không",
            "Lấy từ kho DMQG": "Không",
        }
    if "C3" in causes:
        row |= {"Xác thực VNeID": "Không", "Khai thác CSDLQG dân cư": "Không"}
    if "C6" in causes:
        row |= {"Đồng bộ Cổng DVCQG": "Chưa"}
    if "C7" in causes and "C1" not in causes:
        row |= {"Ký số lưu kho": "Không", "Lấy từ kho DMQG": "Không"}
    stopped = {"3": "Không được tiếp nhận", "7": "Công dân yêu cầu rút hồ sơ", "8": "Dừng xử lý"}
    for status, words in stopped.items():
        if status in causes or f"stop{status}" in causes:
            written = f"stop{status}" in causes
            row |= {
                "Trạng thái hồ sơ": words,
                "Ngày trả kết quả": "",
                "Số tệp kết quả": "0",
                "Ký số lưu kho": "Không",
                "Văn bản từ chối/dừng/rút": "Có" if written else "Không",
            }
    return row


def write_registers(folder: Path) -> None:
    """``dossiers.xlsx`` as a case system exports it (a title above the table, real dates) and the same as CSV."""
    table = rows()
    with (folder / "dossiers.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, HEADERS)
        writer.writeheader()
        writer.writerows({name: row[name] for name in HEADERS} for row in table)
    book = xlsxwriter.Workbook(folder / "dossiers.xlsx")
    book.set_properties({"title": "Danh sách hồ sơ", "created": dt.datetime(2025, 8, 25)})
    sheet = book.add_worksheet("Hồ sơ")
    bold, frame = book.add_format({"bold": True, "font_size": 13}), {"border": 1, "font_size": 10}
    head = book.add_format(
        {**frame, "bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "bg_color": "#DDEBF7"}
    )
    cell, day = book.add_format(frame), book.add_format({**frame, "num_format": "dd/mm/yyyy"})
    sheet.write(0, 0, "DANH SÁCH HỒ SƠ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH", bold)
    sheet.write(1, 0, "Từ ngày 25/7/2025 đến ngày 25/8/2025 (dữ liệu mẫu, mọi cá nhân, tổ chức đều không có thật)")
    for column, name in enumerate(HEADERS):
        sheet.write(3, column, name, head)
        sheet.set_column(
            column, column, {"Tên thủ tục hành chính": 44, "Mã hồ sơ": 21, "Chủ hồ sơ": 28, "Đơn vị": 24}.get(name, 13)
        )
    for line, row in enumerate(table, 4):
        for column, name in enumerate(HEADERS):
            value = row[name]
            if name in _DATES and value:
                sheet.write_datetime(line, column, dt.datetime.strptime(value, "%d/%m/%Y"), day)
            elif name in ("STT", "Số tệp thành phần", "Số tệp kết quả"):
                sheet.write_number(line, column, int(value), cell)
            else:
                sheet.write_string(line, column, value, cell)
    sheet.freeze_panes(4, 2)
    book.close()
