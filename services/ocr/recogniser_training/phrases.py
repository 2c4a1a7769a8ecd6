"""What the lines say: running text, titles, numbers, dates, form labels, names, and the marks text rarely holds."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

_ORGANS = [
    "UBND",
    "HĐND",
    "BTC",
    "BNV",
    "STP",
    "SNV",
    "SGDĐT",
    "STNMT",
    "VPCP",
    "TTg",
    "CP",
    "BCT",
    "BTP",
    "BCA",
    "TAND",
    "VKSND",
    "SXD",
    "SYT",
    "LĐTBXH",
    "HCC",
    "TTHC",
]
_KINDS = [
    "QĐ",
    "TTr",
    "BC",
    "KH",
    "CV",
    "TB",
    "NQ",
    "NĐ",
    "TT",
    "GP",
    "GCN",
    "BB",
    "HĐ",
    "CT",
    "HD",
    "CTr",
    "GM",
    "PC",
    "SY",
]
_LABELS = [
    "Họ và tên",
    "Họ, chữ đệm, tên",
    "Ngày, tháng, năm sinh",
    "Giới tính",
    "Dân tộc",
    "Quốc tịch",
    "Quê quán",
    "Nơi cư trú",
    "Nơi thường trú",
    "Số CCCD",
    "Số định danh cá nhân",
    "Giấy tờ tùy thân",
    "Ngày cấp",
    "Nơi cấp",
    "Điện thoại",
    "Email",
    "Địa chỉ",
    "Nghề nghiệp",
    "Nơi sinh",
    "Mã số thuế",
    "Tên doanh nghiệp",
    "Người đại diện",
    "Chức vụ",
    "Diện tích",
    "Thửa đất số",
    "Tờ bản đồ số",
    "Mục đích sử dụng",
    "Thời hạn sử dụng",
    "Số tiền",
    "Bằng chữ",
    "Đơn vị tính",
    "Số lượng",
    "Thành tiền",
    "Ghi chú",
    "Kính gửi",
    "Tôi tên là",
    "Hộ khẩu",
    "Người nhận",
    "Người nộp",
    "Ngày hẹn trả",
    "Mã hồ sơ",
    "Lý do",
    "Đề nghị",
    "Căn cứ",
    "Thành phần hồ sơ",
    "Số bản",
]
_FORMULAS = [
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "ỦY BAN NHÂN DÂN",
    "UỶ BAN NHÂN DÂN",
    "Nơi nhận:",
    "KT. CHỦ TỊCH",
    "PHÓ CHỦ TỊCH",
    "TM. ỦY BAN NHÂN DÂN",
    "CHỦ TỊCH",
    "TL. GIÁM ĐỐC",
    "QUYẾT ĐỊNH",
    "CÔNG TY TNHH",
    "NGƯỜI LÀM ĐƠN",
    "(Ký và ghi rõ họ tên)",
    "(Ký, ghi rõ họ tên)",
    "XÁC NHẬN CỦA",
    "THÔNG BÁO",
    "TỜ TRÌNH",
    "BIÊN BẢN",
    "GIẤY KHAI SINH",
    "GIẤY CHỨNG NHẬN",
    "HỢP ĐỒNG",
    "ĐƠN ĐỀ NGHỊ",
    "TỜ KHAI",
    "PHIẾU YÊU CẦU",
    "- Như Điều 3;",
    "- Lưu: VT.",
    "Độc lập – Tự do – Hạnh phúc",
    "Căn cứ Luật Tổ chức chính quyền địa phương;",
    "Xét đề nghị của",
    "BAN HÀNH KÈM THEO",
    "PHỤ LỤC",
    "Mẫu số",
    "Quyển số",
    "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH",
]
_FAMILY = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Đoàn",
    "Trịnh",
    "Mai",
    "Tô",
    "Hà",
    "Lương",
    "Cao",
]
_MIDDLE = [
    "Văn",
    "Thị",
    "Đức",
    "Minh",
    "Hữu",
    "Ngọc",
    "Thanh",
    "Quang",
    "Xuân",
    "Hồng",
    "Kim",
    "Quốc",
    "Thành",
    "Như",
    "Bảo",
    "Anh",
    "Công",
    "Đình",
    "Mỹ",
    "Thu",
]
_GIVEN = [
    "An",
    "Bình",
    "Châu",
    "Dũng",
    "Đạt",
    "Giang",
    "Hà",
    "Hải",
    "Hằng",
    "Hạnh",
    "Hiếu",
    "Hoa",
    "Hùng",
    "Hương",
    "Khánh",
    "Lan",
    "Linh",
    "Long",
    "Mai",
    "Nam",
    "Nga",
    "Ngân",
    "Nghĩa",
    "Nhung",
    "Phong",
    "Phúc",
    "Phương",
    "Quân",
    "Quyên",
    "Sơn",
    "Tâm",
    "Thắng",
    "Thảo",
    "Thủy",
    "Trang",
    "Trí",
    "Trung",
    "Tuấn",
    "Tú",
    "Uyên",
    "Vân",
    "Việt",
    "Vinh",
    "Yến",
    "Ý",
    "Ước",
    "Ẩn",
]
_SYMBOLS = list("!?\"#$%&'*+/<=>@[]_{}|~≥≤±×°•→½²³§\\^“”‘’–—…")


class Phrases:
    """Phrases of about the length asked for, mixed as the lines of office papers are."""

    def __init__(self, corpus: Sequence[str]) -> None:
        self._corpus = corpus
        self._ways: list[tuple[Callable[[int], str], float]] = [
            (self._running, 52), (self._capitals, 8), (self._number, 8), (self._label, 8), (self._formula, 6),
            (self._name, 5), (self._shuffled, 7), (self._marked, 4), (self._figures, 5), (self._short, 3),
        ]  # fmt: skip

    def phrase(self, length: float) -> str:
        """A phrase of at most about ``length`` letters."""
        way = random.choices([w for w, _ in self._ways], [share for _, share in self._ways])[0]
        wanted = max(int(length * random.choice((1.0, 1.0, random.uniform(0.2, 1.0)))), 4)
        return way(wanted)

    def _line(self) -> str:
        return random.choice(self._corpus)

    def _running(self, length: int) -> str:
        line = self._line()
        while len(line) < length and random.random() < 0.8:
            line += " " + self._line()
        start = 0 if random.random() < 0.35 else random.randrange(max(len(line) - length, 1))
        if start:
            start = line.find(" ", start) + 1
        return line[start : start + length].rpartition(" ")[0] or line[:length]

    def _capitals(self, length: int) -> str:
        return self._running(length).upper()

    def _number(self, length: int) -> str:
        r = random.randint
        made = random.choice(
            (
                lambda: f"Số: {r(1, 9999)}/{random.choice(_KINDS)}-{random.choice(_ORGANS)}",
                lambda: f"Số: {r(1, 9999)} /{random.choice(_ORGANS)}-{random.choice(_ORGANS)}",
                lambda: f"{self._place()}, ngày {r(1, 31):02d} tháng {r(1, 12):02d} năm {r(1950, 2026)}",
                lambda: f"ngày {r(1, 31)}/{r(1, 12)}/{r(1950, 2026)}",
                lambda: f"{r(1, 999)}.{r(0, 999):03d}.{r(0, 999):03d} đồng",
                lambda: f"{r(0, 999999999999):012d}",
                lambda: f"Điện thoại: 0{r(10, 999)}.{r(100, 999)}.{r(1000, 9999)} - Fax: {r(100, 999)} {r(1000, 9999)}",
                lambda: (
                    f"(Ban hành kèm theo Quyết định số {r(1, 999)}/QĐ-{random.choice(_ORGANS)} ngày {r(1, 31)}/{r(1, 12)}/{r(2000, 2026)})"
                ),
                lambda: f"- Lưu: VT, {random.choice(_ORGANS)} ({r(1, 9)}b).",
                lambda: f"{r(1, 99)}. {self._running(length)}",
                lambda: f"Điều {r(1, 99)}. {self._running(length)}",
                lambda: f"{random.choice('abcdđeghik')}) {self._running(length)}",
                lambda: f"H{r(1, 99):02d}.{r(1, 99):02d}-{r(200000, 261231)}-{r(0, 9999):04d}",
                lambda: f"{r(1, 99)}{random.choice('ABCDEFGHKLMNPSTUVXYZ')}{r(1, 9)}-{r(100, 999)}.{r(10, 99)}",
            )
        )()
        return made if random.random() < 0.7 else f"{made} {self._running(length)}"

    def _label(self, length: int) -> str:
        parts: list[str] = []
        while sum(map(len, parts)) < length:
            value = random.choice((self._name(30), self._running(25), self._figures(12), "...." * random.randint(1, 8)))
            parts.append(f"{random.choice(_LABELS)}{random.choice((':', ':', ' :', ''))} {value}")
        return random.choice((" ", "  ", "; ")).join(parts)

    def _formula(self, length: int) -> str:
        return random.choice(_FORMULAS)

    def _name(self, length: int) -> str:
        name = f"{random.choice(_FAMILY)} {random.choice(_MIDDLE)} {random.choice(_GIVEN)}"
        if random.random() < 0.3:
            name = f"{random.choice(('Ông', 'Bà', 'ông', 'bà', 'Đồng chí', 'Anh', 'Chị'))} {name}"
        return name.upper() if random.random() < 0.35 else name

    def _shuffled(self, length: int) -> str:
        """Words without their neighbours: what is read must come from the picture."""
        words = (self._line() + " " + self._line() + " " + self._line()).split()
        random.shuffle(words)
        if random.random() < 0.3:
            words = [random.choice((w.capitalize(), w.upper(), w)) for w in words]
        return " ".join(words)[:length].rpartition(" ")[0]

    def _marked(self, length: int) -> str:
        words = self._running(length).split() or ["a"]
        for _ in range(random.randint(1, 4)):
            index = random.randrange(len(words))
            mark = random.choice(_SYMBOLS)
            words[index] = random.choice(
                (f"{words[index]}{mark}", f"{mark}{words[index]}", f"“{words[index]}”", f'"{words[index]}"', mark,
                 f"[{words[index]}]", f"({words[index]})", f"{words[index]}!", f"{words[index]}?")
            )  # fmt: skip
        return " ".join(words)

    def _figures(self, length: int) -> str:
        parts = []
        while sum(map(len, parts)) + len(parts) < length:
            digits = "".join(random.choices("0123456789", k=random.randint(1, 8)))
            joint = random.choice((".", ",", "/", "-", "", "", "%", "m²", ":"))
            parts.append(digits + joint + "".join(random.choices("0123456789", k=random.choice((0, 2, 3)))))
        return " ".join(parts)

    def _short(self, length: int) -> str:
        return random.choice(
            (str(random.randint(1, 300)), f"- {random.randint(1, 99)} -", f"Trang {random.randint(1, 99)}", self._running(12),
             random.choice(("I.", "II.", "III.", "IV.", "STT", "TT", "A", "B", "x", "X", "Có", "Không", "./."))),
        )  # fmt: skip

    def _place(self) -> str:
        return random.choice(("Hà Nội", "Đồng Nai", "Biên Hòa", "Long Thành", "TP. Hồ Chí Minh", self._name(20)))
