"""Readings made from lines, for tests: what a reader would give for a page laid out like this, without pictures.

A line is left-aligned; ``^`` at its start centres it, ``left || right`` puts its parts into two columns.
``!`` makes the line a third larger. A form feed begins a new page.
"""

from __future__ import annotations

from services.ocr.model import Box, Code, Page, Quality, Reading, Word

WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dpi
_LETTER = 13
_ROW = 46


def reading(text: str, **page: object) -> Reading:
    """One file; ``page`` overrides fields of its first page."""
    pages = [_page(part, number) for number, part in enumerate(text.strip("\n").split("\f"), 1)]
    if page:
        pages[0] = Page(**{**{name: getattr(pages[0], name) for name in Page.__slots__}, **page})
    return Reading(tuple(pages), "application/pdf")


def qr(text: str) -> Code:
    return Code("QRCode", text, Box(100, 100, 300, 300))


def blank(number: int) -> Page:
    return Page(number, WIDTH, HEIGHT, 200, 0, 0.0, "recognised", Quality(blank=True), "")


def _page(text: str, number: int) -> Page:
    words: list[Word] = []
    line = 0
    for row, raw in enumerate(text.strip("\n").split("\n")):
        top = 120 + row * _ROW
        size = 34 if raw.lstrip().startswith("!") else 26
        raw = raw.strip().lstrip("!")
        parts = raw.split(" || ")
        starts = [150, 900] if len(parts) == 2 else [150]
        for part, start in zip(parts, starts, strict=True):
            shown = part.strip()
            if shown.startswith("^"):
                shown = shown[1:].strip()
                start = (WIDTH - len(shown) * _LETTER) // 2
            words += _line(shown, start, top, size, line)
            line += 1
    return Page(number, WIDTH, HEIGHT, 200, 0, 0.0, "recognised", Quality(), text, tuple(words))


def _line(text: str, left: int, top: int, size: int, line: int) -> list[Word]:
    words = []
    at = left
    for token in text.split(" "):
        if token:
            words.append(Word(token, Box(at, top, at + len(token) * _LETTER, top + size), 0.96, line, 0))
        at += (len(token) + 1) * _LETTER
    return words


MOTTO = "^CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n^Độc lập - Tự do - Hạnh phúc\n"

BIRTH = (
    MOTTO
    + """
^!GIẤY KHAI SINH
^Số: 125/2025
Họ, chữ đệm, tên: ........NGUYỄN MINH AN........
Ngày, tháng, năm sinh: 01/02/2025 || Giới tính: Nữ
Dân tộc: Kinh || Quốc tịch: Việt Nam
Nơi sinh: Bệnh viện Đa khoa Đồng Nai
Số định danh cá nhân: 075325001234
Họ, chữ đệm, tên người mẹ: TRẦN THỊ BÌNH
Họ, chữ đệm, tên người cha: NGUYỄN VĂN CHÍN
Nơi đăng ký khai sinh: Ủy ban nhân dân xã Long Thành, tỉnh Đồng Nai
Ngày, tháng, năm đăng ký: 12/03/2025
NGƯỜI ĐI KHAI SINH || NGƯỜI KÝ GIẤY KHAI SINH
Nguyễn Văn Chín || Lê Thị Dung
"""
)

LETTER = """
ỦY BAN NHÂN DÂN || CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
TỈNH ĐỒNG NAI || Độc lập - Tự do - Hạnh phúc
Số: 492/UBND-HCC || Đồng Nai, ngày 26 tháng 4 năm 2025
V/v khẩn trương thực hiện
các chỉ tiêu năm 2025

Kính gửi: Các sở, ban, ngành tỉnh
Căn cứ Thông báo số 01-CV/BCĐTW ngày 25/3/2025 của Ban Chỉ đạo Trung ương về chuyển đổi số,
Chủ tịch Ủy ban nhân dân tỉnh giao thủ trưởng các sở, ban, ngành tỉnh thực hiện.
Nơi nhận: || CHỦ TỊCH
- Như trên; || (Đã ký)
- Lưu: VT. || Võ Tấn Dũng
"""
