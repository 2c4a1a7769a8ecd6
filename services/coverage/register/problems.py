"""What can be wrong with a row of a register, each with a stable code and a sentence in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from services.errors import InputError


class Fault(Enum):
    """(code, Vietnamese, English). Faults keep a row out; the ones in ``WARNINGS`` let it in and are listed."""

    MISSING_CODE = ("missing-code", "Thiếu mã hồ sơ.", "The dossier code is missing.")
    BAD_CODE = (
        "bad-dossier-code",
        "Mã hồ sơ không đúng dạng, ví dụ đúng: H19.12-250725-0001.",
        "Not a dossier code; for example H19.12-250725-0001.",
    )
    MISSING_UNIT = ("missing-unit", "Thiếu đơn vị.", "The unit is missing.")
    UNKNOWN_UNIT = (
        "unknown-unit",
        "Không có đơn vị này trong danh mục đơn vị.",
        "No such unit in the list of units.",
    )
    OTHER_UNIT = (
        "other-unit",
        "Hồ sơ của đơn vị khác; bạn chỉ được nhập hồ sơ của đơn vị mình.",
        "Another unit's dossier; you may import your own unit's only.",
    )
    MISSING_STATUS = ("missing-status", "Thiếu trạng thái hồ sơ.", "The status is missing.")
    UNKNOWN_STATUS = (
        "unknown-status",
        "Trạng thái không nhận ra; dùng số 1–10 hoặc tên trạng thái của Cổng DVCQG.",
        "Unknown status; use 1–10 or a status name of the national portal.",
    )
    UNKNOWN_CHANNEL = (
        "unknown-channel",
        "Hình thức nộp không nhận ra; dùng 1 trực tiếp, 2 trực tuyến, 3 bưu chính.",
        "Unknown channel; use 1 direct, 2 online, 3 post.",
    )
    BAD_DATE = (
        "bad-date",
        "Không phải ngày; viết theo dạng dd/MM/yyyy.",
        "Not a date; write dd/MM/yyyy.",
    )
    IMPOSSIBLE_DATE = (
        "impossible-date",
        "Ngày không có thật; hãy kiểm tra ngày, tháng, năm.",
        "There is no such day; check day, month and year.",
    )
    BAD_YES_NO = ("bad-yes-no", "Chỉ nhận Có/Không hoặc 1/0.", "Write yes/no or 1/0.")
    BAD_NUMBER = ("bad-number", "Phải là số không âm.", "Must be a number, not negative.")
    BAD_PROCEDURE = (
        "bad-procedure-code",
        "Mã TTHC không đúng dạng, ví dụ đúng: 1.001193.",
        "Not a procedure code; for example 1.001193.",
    )
    UNKNOWN_OWNER_KIND = (
        "unknown-owner-kind",
        "Loại đối tượng không nhận ra; dùng cá nhân, tổ chức, hộ kinh doanh.",
        "Unknown kind of owner; use person, organisation or household business.",
    )
    BAD_POINTS = ("bad-points", "Điểm phải từ 0 đến 100.", "Points must be between 0 and 100.")
    # warnings
    DATE_MISMATCH = (
        "date-mismatch",
        "Ngày trong mã hồ sơ khác ngày tiếp nhận.",
        "The date in the dossier code is not the day of reception.",
    )
    NOT_A_DAY_IN_CODE = (
        "no-such-day-in-code",
        "Ngày trong mã hồ sơ không có thật.",
        "The date in the dossier code does not exist.",
    )
    NOT_COUNTED = (
        "no-received-date",
        "Không có ngày tiếp nhận nên hồ sơ chưa được tính.",
        "Without a day of reception the dossier is not counted.",
    )
    FUTURE = ("future-date", "Ngày tiếp nhận ở tương lai.", "The day of reception is in the future.")
    DATES_OUT_OF_ORDER = (
        "dates-out-of-order",
        "Ngày kết thúc trước ngày tiếp nhận.",
        "Finished before it was received.",
    )
    NEW_PROCEDURE = (
        "new-procedure",
        "Mã TTHC chưa có trong danh mục; đã thêm với thiết lập mặc định, hãy bổ sung vào cấu hình.",
        "Procedure not in the list; added with defaults, please complete the configuration.",
    )
    UNIT_NOT_IN_CODE = (
        "unit-not-in-code",
        "Mã đơn vị trong mã hồ sơ khác đơn vị của dòng.",
        "The unit in the dossier code is not the row's unit.",
    )
    TWICE = (
        "twice-in-file",
        "Mã hồ sơ lặp lại trong tệp; dòng sau cùng được dùng.",
        "Same code twice; the last row counts.",
    )

    def __init__(self, code: str, vi: str, en: str) -> None:
        self.code, self.vi, self.en = code, vi, en


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One bad cell. ``row`` is the spreadsheet's row number from 1, ``column`` the header as the file has it. ``value``
    is shortened, and masked where it could be a person's name or number.
    """

    row: int
    column: str
    value: str
    code: str
    vi: str
    en: str

    @property
    def sentence(self) -> str:
        return f"{self.vi} / {self.en}"


class Bad:
    """Stands for a cell that could not be converted."""

    __slots__ = ("fault",)

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


PERSONAL = frozenset({"owner_name", "owner_identifier"})


def problem(row: int, field: str, column: str, value: Any, fault: Fault) -> RowProblem:
    shown = "" if value is None else str(value)[:80]
    if field in PERSONAL and shown:
        shown = "***"
    return RowProblem(row, column, shown, fault.code, fault.vi, fault.en)


class NotARegister(InputError):
    code = "not-a-register"
    vi = "Không tìm thấy dòng tiêu đề có cột mã hồ sơ; hãy kiểm tra tệp hoặc khai báo tên cột."
    en = "No header row with a dossier-code column; check the file or name its columns in the configuration."


class UnreadableSheet(InputError):
    code = "unreadable-sheet"
    vi = "Không đọc được bảng tính; hãy lưu lại dưới dạng .xlsx hoặc .csv rồi gửi lại."
    en = "The spreadsheet cannot be read; save it again as .xlsx or .csv."


class SheetTooLarge(InputError):
    code = "sheet-too-large"
    http_status = 413
    vi = "Bảng tính quá lớn; hãy chia thành nhiều tệp, mỗi tệp không quá 1.000.000 dòng."
    en = "The spreadsheet is too large; split it into files of at most 1,000,000 rows."
