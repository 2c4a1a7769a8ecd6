"""Numbers and dates as Vietnamese documents write them: decimal comma, thousands dot, dd/MM/yyyy, N/A as a dash."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

from services.coverage.metrics import two_decimals

NOTHING = "–"


def number(value: int | Decimal | Fraction | None, *, signed: bool = False) -> str:
    """``83.62`` → ``83,62``; ``12345`` → ``12.345``; ``None`` → ``–``."""
    if value is None:
        return NOTHING
    if isinstance(value, Fraction):
        value = two_decimals(value)
    whole, _, rest = f"{value:+,}".partition(".") if signed else f"{value:,}".partition(".")
    return whole.replace(",", ".") + ("," + rest if rest else "")


def percent(value: Fraction | None, *, signed: bool = False) -> str:
    """A share 0–1 as ``83,62%``."""
    return NOTHING if value is None else number(two_decimals(value * 100), signed=signed) + "%"


def day(value: dt.date) -> str:
    return value.strftime("%d/%m/%Y")


def met(value: bool | None) -> str:
    return NOTHING if value is None else "Đạt" if value else "Chưa đạt"


STATUS = {
    1: "Mới đăng ký",
    2: "Được tiếp nhận",
    3: "Không được tiếp nhận",
    4: "Đang xử lý",
    5: "Yêu cầu bổ sung giấy tờ",
    6: "Yêu cầu thực hiện nghĩa vụ tài chính",
    7: "Công dân yêu cầu rút hồ sơ",
    8: "Dừng xử lý",
    9: "Đã xử lý xong",
    10: "Đã trả kết quả",
}
