"""What a made-up paper says: people, numbers, dates, land, money, of one day. Words ask for them by path (``p.ten``).

A ``Facts`` remembers which paths were printed, so that the truth holds only what stands on the paper.
"""

from __future__ import annotations

import datetime as dt
import random

from bench.papers.habit import choose_habit
from sample_docs.invented.mrz import td1, td3
from sample_docs.invented.people import Company, Person, company, full_name, person, street
from sample_docs.invented.places import TWO_LEVELS_FROM, Place, home
from sample_docs.painter.sheet import BLANK

PEOPLE = {
    "p": {},
    "q": {},
    "m": {},
    "n": {},
    "kg": {"ages": (66, 92)},
    "ong": {"man": True, "ages": (24, 41)},
    "ba": {"man": False, "ages": (23, 39)},
    "con": {"ages": (0, 2)},
    "be": {"ages": (0, 0)},
}
_DEPARTMENTS = (
    "Xây dựng",
    "Nông nghiệp và Môi trường",
    "Tư pháp",
    "Y tế",
    "Công Thương",
    "Tài chính",
    "Nội vụ",
    "Giáo dục và Đào tạo",
    "Khoa học và Công nghệ",
)
_PROCEDURES = (
    "Đăng ký khai sinh",
    "Đăng ký kết hôn",
    "Cấp bản sao trích lục hộ tịch",
    "Cấp giấy xác nhận tình trạng hôn nhân",
    "Đăng ký thành lập hộ kinh doanh",
    "Cấp giấy phép xây dựng nhà ở riêng lẻ",
    "Đăng ký biến động quyền sử dụng đất",
    "Tách thửa hoặc hợp thửa đất",
    "Cấp Phiếu lý lịch tư pháp",
    "Cấp giấy chứng nhận đủ điều kiện an toàn thực phẩm",
    "Xác nhận thông tin hộ tịch",
    "Chuyển mục đích sử dụng đất",
    "Đăng ký thay đổi nội dung đăng ký doanh nghiệp",
)
_PURPOSES = (
    ("ODT", "Đất ở tại đô thị"),
    ("ONT", "Đất ở tại nông thôn"),
    ("CLN", "Đất trồng cây lâu năm"),
    ("HNK", "Đất trồng cây hàng năm khác"),
)
_DIGITS = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]


def money(amount: int) -> str:
    return f"{amount:,}".replace(",", ".")


def spell(amount: int) -> str:
    """A whole number in Vietnamese words, as receipts write it."""
    groups = []
    while amount:
        groups.append(amount % 1000)
        amount //= 1000
    names = ["", " nghìn", " triệu", " tỷ"]
    words = []
    for i in reversed(range(len(groups))):
        if groups[i]:
            words.append(_three(groups[i], full=i < len(groups) - 1) + names[i])
    return " ".join(words).strip().capitalize() if words else "Không"


def _three(number: int, *, full: bool) -> str:
    hundred, ten, one = number // 100, number // 10 % 10, number % 10
    out = []
    if hundred or full:
        out.append(f"{_DIGITS[hundred]} trăm")
    if ten == 0 and one and (hundred or full):
        out.append("lẻ")
    elif ten == 1:
        out.append("mười")
    elif ten > 1:
        out.append(f"{_DIGITS[ten]} mươi")
    if one:
        last = {1: "mốt", 4: "tư", 5: "lăm"}.get(one) if ten > 1 else ("lăm" if one == 5 and ten == 1 else None)
        out.append(last or _DIGITS[one])
    return " ".join(out)


def long_date(day: dt.date, *, hand: bool = False) -> str:
    """``ngày 05 tháng 8 năm 2025``: days below 10 and months 1 and 2 take a nought (NĐ 30/2020)."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    number = f"<h>{day.day:02d}</h>" if hand else f"{day.day:02d}"
    return f"ngày {number} tháng {month} năm {day.year}"


class Facts:
    """The facts of one paper. ``get(path)`` prints a fact; ``used`` holds the paths printed."""

    def __init__(
        self,
        rng: random.Random,
        on: dt.date,
        *,
        number: str,
        hand: bool,
        blank: bool,
        extra: dict[str, str],
        part: str = "train",
    ) -> None:
        self.habit = choose_habit(rng, part)
        self.rng, self.on, self.hand, self.blank = rng, on, hand, blank
        self.used: set[str] = set()
        self.extra = extra
        self.place = home(rng, on)
        self.people: dict[str, Person] = {}
        self.firms: dict[str, Company] = {}
        self.dates = {
            "d": on,
            "d0": on - dt.timedelta(days=rng.randint(20, 500)),
            "d1": on + dt.timedelta(days=rng.randint(3, 25)),
            "dn": on - dt.timedelta(days=rng.randint(1, 15)),
            "exp": self._years_on(rng.choice([1, 3, 5, 10])),
            "exp10": self._years_on(10),
        }
        self.kept: dict[str, str] = {}
        self.number = number

    def _years_on(self, years: int) -> dt.date:
        return dt.date(self.on.year + years, self.on.month, min(self.on.day, 28))

    def person_of(self, key: str) -> Person:
        if key not in self.people:
            spec = dict(PEOPLE[key])
            if key in ("con", "be"):
                father = self.person_of("ong")
                spec["surname"] = father.ten.split()[0]
            self.people[key] = person(self.rng, self.on, **spec)  # type: ignore[arg-type]
        return self.people[key]

    def firm_of(self, key: str) -> Company:
        if key not in self.firms:
            self.firms[key] = company(self.rng, self.on, household=key == "hkd")
        return self.firms[key]

    def keep(self, key: str, make: object) -> str:
        if key not in self.kept:
            self.kept[key] = str(make() if callable(make) else make)
        return self.kept[key]

    def get(self, path: str) -> str:
        self.used.add(path)
        root, _, leaf = path.partition(".")
        self.used.add(root)
        if root in PEOPLE:
            return self._of_person(self.person_of(root), leaf)
        if root in self.dates:
            return self._of_date(root, leaf)
        if root in ("ct", "ct2", "hkd"):
            return self._of_firm(self.firm_of(root), leaf)
        if root in ("xa", "xa2"):
            place = self.place if root == "xa" else self._other_place()
            return self._of_place(place, leaf)
        if root == "so":
            return self._number(leaf)
        if root in self.extra:
            return self.extra[root].upper() if leaf == "hoa" else self.extra[root]
        if root == "sonn":
            name = self.keep("sonn", lambda: self.rng.choice(_DEPARTMENTS))
            return name.upper() if leaf == "TEN" else name
        return self.keep(path, lambda: self._single(root, leaf))

    def _other_place(self) -> Place:
        if not hasattr(self, "_second"):
            self._second = home(self.rng, self.on)
        return self._second

    def _of_person(self, who: Person, leaf: str) -> str:
        if leaf.startswith("mrz"):
            return td1(who.cccd, who.ten, who.sinh, self.dates["exp"], man=who.nam)[int(leaf[-1]) - 1]
        if leaf.startswith("pp"):
            lines = td3(self.number, who.ten, who.sinh, self.dates["exp10"], man=who.nam, personal=who.cccd)
            return lines[int(leaf[-1]) - 1]
        return {
            "ten": who.ten,
            "TEN": who.ten.upper(),
            "cccd": who.cccd,
            "cmnd": who.cmnd,
            "ns": self.habit.date(who.sinh),
            "ns_dai": long_date(who.sinh),
            "nam": str(who.sinh.year),
            "gioi": "Nam" if who.nam else "Nữ",
            "dc": who.dc,
            "que": f"{who.que}",
            "noisinh": who.noi_sinh,
            "cap": self.habit.date(who.cap),
            "cap_dai": long_date(who.cap),
            "sdt": who.dt_,
            "xh": "ông" if who.nam else "bà",
            "XH": "Ông" if who.nam else "Bà",
            "ns8": f"{who.sinh:%d%m%Y}",
            "cap8": f"{who.cap:%d%m%Y}",
            "ns_chu": self._spelled(who.sinh),
            "nhom": self._group(who.cccd),
        }[leaf]

    @staticmethod
    def _group(number: str) -> str:
        return " ".join(number[i : i + 3] for i in range(0, 12, 3))

    @staticmethod
    def _spelled(day: dt.date) -> str:
        first = "mùng " if day.day <= 10 else ""
        date, month = _three(day.day, full=False), _three(day.month, full=False)
        return f"Ngày {first}{date}, tháng {month}, năm {spell(day.year).lower()}"

    def _of_date(self, root: str, leaf: str) -> str:
        day = self.dates[root]
        hand = self.hand and root == "d"
        if self.blank and root == "d" and leaf == "dai":
            return f"ngày <h>{BLANK}</h> tháng <h>{BLANK}</h> năm {day.year}"
        return {
            "": self.habit.date(day),
            "dai": long_date(day, hand=hand),
            "nam": str(day.year),
            "cham": f"{day:%d.%m.%Y}",
            "gach": f"{day:%d-%m-%Y}",
            "iso": day.isoformat(),
            "ngay": f"{day.day:02d}",
            "thang": f"{day.month:02d}",
            "ym": f"{day:%y%m%d}",
        }[leaf]

    @staticmethod
    def _of_firm(firm: Company, leaf: str) -> str:
        return {
            "ten": firm.ten,
            "TEN": firm.ten.upper(),
            "mst": firm.mst,
            "dc": firm.dc,
            "nganh": firm.nganh,
            "ma": firm.ma_nganh,
            "von": money(firm.von),
            "vonchu": spell(firm.von),
            "msc": " ".join(firm.mst),
        }[leaf]

    @staticmethod
    def _of_place(place: Place, leaf: str) -> str:
        return {
            "ten": place.ten,
            "TEN": place.ten.upper(),
            "full": place.full,
            "huyen": place.huyen or place.tinh,
            "HUYEN": (place.huyen or place.tinh).upper(),
            "tinh": place.tinh,
            "TINH": place.tinh.upper(),
            "bare": place.bare,
            "tentinh": place.tinh.removeprefix("tỉnh "),
            "trong": place.ten.replace("xã ", "Xã ", 1).replace("phường ", "Phường ", 1),
        }[leaf]

    def _number(self, leaf: str) -> str:
        head, _, tail = self.number.partition("/")
        if leaf == "dau":
            return head
        if self.blank:
            return f"<h>{BLANK}{BLANK}</h>/{tail}" if tail else self.number
        if self.hand and tail:
            return f"<h>{head}</h>/{tail}"
        return self.number

    def _single(self, root: str, leaf: str) -> str:
        rng = self.rng
        if root in ("ky", "ky2", "cb"):
            return full_name(rng, rng.random() < 0.65)
        if root == "hs":
            unit = rng.choice(["H19", "H10"]) if self.on < TWO_LEVELS_FROM else "H19"
            day = self.dates["dn"]
            old = f"000.{rng.choice(['00', '12', '31'])}.{rng.randint(10, 60)}.{unit}-{day:%y%m%d}"
            return (
                f"{old}-{rng.randint(1, 260):04d}"
                if rng.random() < 0.55
                else f"{unit}.{rng.randint(1, 150)}{rng.choice(['', '.4'])}-{day:%y%m%d}-{rng.randint(1, 400):04d}"
            )
        if root in ("n1", "n2", "n3"):
            return str(rng.randint(2, 480))
        if root == "tt":
            return rng.choice(_PROCEDURES)
        if root == "dat":
            return self._plot(leaf)
        if root in ("tien", "tien2"):
            amount = int(
                self.keep(
                    f"{root}.raw",
                    lambda: rng.choice(
                        [
                            8_000,
                            15_000,
                            150_000,
                            1_250_000,
                            12_480_000,
                            86_500_000,
                            450_000_000,
                            1_200_000_000,
                            rng.randrange(100, 9000) * 10_000,
                        ]
                    ),
                )
            )
            return spell(amount) + " đồng" if leaf == "chu" else money(amount)
        if root == "duong":
            return street(rng)
        if root == "gio":
            return f"{rng.randint(7, 16)} giờ {rng.choice(['00', '15', '30', '45'])}"
        if root == "bv":
            return rng.choice(
                [
                    "Bệnh viện Đa khoa Đồng Nai",
                    "Bệnh viện Đa khoa Thống Nhất",
                    "Trung tâm Y tế Long Khánh",
                    "Bệnh viện Đa khoa Bình Phước",
                    "Bệnh viện Nhi đồng Đồng Nai",
                ]
            )
        if root == "mm":
            return "".join(rng.choice("0123456789") for _ in range(int(leaf or 8)))
        raise KeyError(root)

    def _plot(self, leaf: str) -> str:
        rng = self.rng
        purpose = _PURPOSES[int(self.keep("dat.k", lambda: rng.randrange(len(_PURPOSES))))]
        area = int(self.keep("dat.raw", lambda: rng.randint(72, 1900)))
        return {
            "thua": str(rng.randint(1, 620)),
            "to": str(rng.randint(1, 96)),
            "dt": f"{area},{rng.randint(0, 9)}",
            "dtchu": f"{spell(area)} mét vuông",
            "md": purpose[1],
            "ma": purpose[0],
            "han": "Lâu dài" if purpose[0] in ("ODT", "ONT") else f"Đến ngày 15/10/{rng.choice([2043, 2063, 2064])}",
            "seri": f"{rng.choice(['CS', 'DA', 'CK', 'BX', 'DK', 'CU'])} {rng.randint(100000, 999999)}"
            if self.on < dt.date(2024, 8, 1)
            else f"AA {rng.randint(1000000, 9999999):08d}",
            "vaoso": f"{rng.choice(['CS', 'CH', 'VP', 'CN'])} {rng.randint(1000, 99999):05d}",
        }[leaf]

    # truth --------------------------------------------------------------------------------------------------------

    def truth(self, path: str) -> str | None:
        """The value a field should have when its path was printed, else None. Dates are ISO 8601."""
        root, _, leaf = path.partition(".")
        if root in PEOPLE and not leaf:
            return self.person_of(root).ten if self.used & {f"{root}.ten", f"{root}.TEN"} else None
        if root in ("ct", "ct2", "hkd") and not leaf:
            return self.firm_of(root).ten if self.used & {f"{root}.ten", f"{root}.TEN"} else None
        if root in self.dates:
            return None if root not in self.used or (self.blank and root == "d") else self.dates[root].isoformat()
        if root == "so":
            return None if "so" not in self.used or self.blank else self.number
        if root in self.extra:
            return self.extra[root] if root in self.used or root == "cq" else None
        if path in self.used or (leaf == "cccd" and f"{root}.nhom" in self.used):
            if root in PEOPLE:
                who = self.person_of(root)
                return who.cap.isoformat() if leaf == "cap" else self._of_person(who, leaf)
            if root in ("ct", "ct2", "hkd"):
                return self._of_firm(self.firm_of(root), leaf)
            return self.get(path)
        return None
