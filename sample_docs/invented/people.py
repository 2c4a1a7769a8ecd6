"""Made-up people, companies and officers with well-formed numbers (DOMAIN §8). No real person is meant."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from sample_docs.invented.places import OLD_PROVINCES, home

_SURNAMES = ["Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đinh", "Trịnh", "Mai", "Đào", "Lương", "Tạ", "Châu", "Điểu", "Thạch"]
_MEN_MIDDLE = ["Văn", "Văn", "Đức", "Minh", "Hữu", "Quốc", "Thanh", "Công", "Xuân", "Ngọc", "Đình", "Gia", "Nhật", "Trọng", "Tuấn", "Bá"]
_WOMEN_MIDDLE = ["Thị", "Thị", "Thị", "Ngọc", "Thanh", "Kim", "Thu", "Bích", "Mỹ", "Hồng", "Phương", "Khánh", "Hoài", "Thùy", "Minh", "Gia"]
_MEN = ["An", "Bảo", "Bình", "Cường", "Dũng", "Duy", "Đạt", "Hải", "Hậu", "Hiếu", "Hòa", "Hùng", "Huy", "Khang", "Khoa", "Kiên", "Lâm", "Lộc", "Long", "Luân", "Nam", "Nghĩa", "Nhân", "Phát", "Phong", "Phúc", "Quân", "Quang", "Sơn", "Tài", "Tâm", "Thắng", "Thịnh", "Tín", "Toàn", "Trí", "Trung", "Tuấn", "Việt", "Vinh"]
_WOMEN = ["Anh", "Châu", "Chi", "Dung", "Diệp", "Giang", "Hà", "Hạnh", "Hằng", "Hiền", "Hoa", "Hương", "Huyền", "Lan", "Liên", "Linh", "Loan", "Ly", "Mai", "My", "Nga", "Ngân", "Nhi", "Nhung", "Oanh", "Phượng", "Quyên", "Quỳnh", "Tâm", "Thảo", "Thoa", "Thúy", "Thủy", "Tiên", "Trang", "Trâm", "Tuyết", "Uyên", "Vân", "Xuân", "Yến"]
_TRADES = [
    ("Xây dựng", "Xây dựng nhà để ở", "4101"),
    ("Thương mại Dịch vụ", "Bán buôn tổng hợp", "4690"),
    ("Vận tải", "Vận tải hàng hóa bằng đường bộ", "4933"),
    ("Cơ khí", "Gia công cơ khí; xử lý và tráng phủ kim loại", "2592"),
    ("Nông sản", "Bán buôn nông, lâm sản nguyên liệu", "4620"),
    ("Thực phẩm", "Chế biến và bảo quản rau quả", "1030"),
    ("May mặc", "May trang phục (trừ trang phục từ da lông thú)", "1410"),
    ("Gỗ", "Sản xuất đồ gỗ xây dựng", "1622"),
    ("Bao bì", "Sản xuất sản phẩm từ plastic", "2220"),
    ("Dược phẩm", "Bán lẻ thuốc, dụng cụ y tế", "4772"),
]
_BRANDS = ["An Phú Thịnh", "Minh Khôi", "Đại Lộc Phát", "Tân Hưng Long", "Phước Bình An", "Gia Khánh", "Nam Đồng Tiến", "Hoàng Thiên Ân", "Sông Ray Xanh", "Trường Thịnh Đạt", "Bảo Tín Phát", "Lộc Ninh Xanh", "Thành Vinh", "Kim Ngân Hà", "Việt Trí Tín", "Hưng Thịnh Đồng Nai", "Phú Riềng Vàng", "Đất Đỏ Miền Đông"]


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person; ``cccd`` follows DOMAIN §8.1, ``cmnd`` the nine-digit form."""

    ten: str
    nam: bool
    sinh: dt.date
    cccd: str
    cmnd: str
    cap: dt.date
    dc: str
    que: str
    noi_sinh: str
    dt_: str


@dataclass(frozen=True, slots=True)
class Company:
    """A made-up company or household business."""

    ten: str
    mst: str
    dc: str
    nganh: str
    ma_nganh: str
    kieu: str
    von: int


def full_name(rng: random.Random, man: bool) -> str:
    surname = rng.choice(_SURNAMES)
    middle = rng.choice(_MEN_MIDDLE if man else _WOMEN_MIDDLE)
    given = rng.choice(_MEN if man else _WOMEN)
    if rng.random() < 0.3:
        middle += " " + rng.choice([m for m in (_MEN if man else _WOMEN) if m != given])
    return f"{surname} {middle} {given}"


def cccd(rng: random.Random, man: bool, born: dt.date) -> str:
    province = rng.choice(["075"] * 6 + ["070"] * 3 + ["001", "036", "040", "079", "082", "096", "052"])
    century = 0 if born.year < 2000 else 2
    return f"{province}{century + (0 if man else 1)}{born.year % 100:02d}{rng.randrange(1_000_000):06d}"


def mst(rng: random.Random) -> str:
    """A ten-digit tax code with its check digit (DOMAIN §8.3)."""
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    while True:
        head = rng.choice(["36", "38", "03", "37"]) + f"{rng.randrange(10_000_000):07d}"
        check = 10 - sum(w * int(d) for w, d in zip(weights, head, strict=True)) % 11
        if 0 <= check <= 9:
            return f"{head}{check}"


def person(
    rng: random.Random,
    on: dt.date,
    *,
    man: bool | None = None,
    ages: tuple[int, int] = (20, 68),
    surname: str | None = None,
) -> Person:
    """A person as of a day; addresses have the levels of that day."""
    man = rng.random() < 0.5 if man is None else man
    days = rng.randint(ages[0] * 365 + 20, max(ages[0] * 365 + 40, ages[1] * 365))
    born = on - dt.timedelta(days=days)
    name = full_name(rng, man)
    if surname:
        name = f"{surname} {name.split(' ', 1)[1]}"
    at = home(rng, on)
    given = min(
        max(born + dt.timedelta(days=15 * 366), dt.date(2021, 3, 1) + dt.timedelta(days=rng.randrange(1400))), on
    )
    return Person(
        name,
        man,
        born,
        cccd(rng, man, born),
        f"27{rng.randrange(10_000_000):07d}",
        given,
        f"{street(rng)}, {at.full}",
        f"{rng.choice(OLD_PROVINCES)}",
        rng.choice(
            [
                f"Bệnh viện Đa khoa {rng.choice(['Đồng Nai', 'Thống Nhất', 'Long Khánh', 'Bình Phước'])}",
                f"Trung tâm Y tế {home(rng, on).ten}",
            ]
        ),
        f"0{rng.choice('389')}{rng.randrange(100_000_000):08d}",
    )


def street(rng: random.Random) -> str:
    """Number and street, hamlet or quarter."""
    kind = rng.randrange(4)
    if kind == 0:
        return f"Số {rng.randint(2, 480)}{rng.choice(['', '', 'A', '/12', '/5'])} đường {rng.choice(['Nguyễn Ái Quốc', 'Hùng Vương', 'Cách Mạng Tháng Tám', 'Đồng Khởi', 'Phú Riềng Đỏ', '30 Tháng 4', 'Bùi Văn Hòa', 'Lê Duẩn'])}"
    if kind == 1:
        return f"Tổ {rng.randint(1, 40)}, khu phố {rng.randint(1, 12)}{rng.choice(['', 'A', 'B'])}"
    if kind == 2:
        return f"{rng.randint(3, 310)}/{rng.randint(1, 9)}, ấp {rng.choice(['Tân Thành', 'Bình Tiến', 'Suối Râm', 'Lộ Đức', 'Thanh Hóa', 'Tân Bắc', 'Suối Cát', 'Trà Cổ', 'Phước Lộc'])}"
    return f"Thôn {rng.randint(1, 14)}"


def company(rng: random.Random, on: dt.date, *, household: bool = False) -> Company:
    trade, line, code = rng.choice(_TRADES)
    brand = rng.choice(_BRANDS)
    at = f"{street(rng)}, {home(rng, on).full}"
    if household:
        return Company(
            f"Hộ kinh doanh {brand}", mst(rng), at, line, code, "HKD", rng.choice([50, 100, 200, 300, 500]) * 1_000_000
        )
    kind = rng.choice(["TNHH", "TNHH", "TNHH Một thành viên", "Cổ phần"])
    von = rng.choice([1, 2, 3, 5, 9, 10, 20, 50]) * 1_000_000_000
    return Company(f"Công ty {kind} {trade} {brand}", mst(rng), at, line, code, kind, von)
