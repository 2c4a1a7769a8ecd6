"""Places of Đồng Nai before and after 1 July 2025: three levels before, two after (DOMAIN §8.4)."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

TWO_LEVELS_FROM = dt.date(2025, 7, 1)

_NEW = """P.Bình Phước; P.Đồng Xoài; P.Phước Long; P.Phước Bình; X.Bù Gia Mập; X.Đăk Ơ; X.Đa Kia; X.Bình Tân; X.Phú Riềng; X.Long Hà;
X.Phú Trung; X.Phú Nghĩa; X.Lộc Ninh; X.Lộc Tấn; X.Lộc Thạnh; X.Lộc Quang; X.Lộc Thành; X.Lộc Hưng; X.Thiện Hưng; X.Hưng Phước;
X.Tân Tiến; P.Bình Long; P.An Lộc; X.Tân Hưng; X.Minh Đức; X.Tân Quan; X.Tân Khai; X.Đồng Phú; X.Tân Lợi; X.Thuận Lợi; X.Đồng Tâm;
X.Bù Đăng; X.Đak Nhau; X.Thọ Sơn; X.Bom Bo; X.Nghĩa Trung; X.Phước Sơn; P.Chơn Thành; P.Minh Hưng; X.Nha Bích; P.Trảng Dài;
P.Hố Nai; P.Tam Hiệp; P.Long Bình; P.Trấn Biên; P.Biên Hòa; P.Long Khánh; P.Bình Lộc; P.Bảo Vinh; P.Xuân Lập; P.Hàng Gòn;
X.Tân Phú; X.Đak Lua; X.Nam Cát Tiên; X.Tà Lài; X.Phú Lâm; X.Trị An; X.Phú Lý; X.Tân An; P.Tân Triều; X.Định Quán; X.Thanh Sơn;
X.Phú Vinh; X.Phú Hòa; X.La Ngà; X.Trảng Bom; X.Bàu Hàm; X.Bình Minh; X.Hưng Thịnh; X.An Viễn; X.Thống Nhất; X.Gia Kiệm;
X.Dầu Giây; X.Xuân Quế; X.Cẩm Mỹ; X.Xuân Đường; X.Xuân Đông; X.Sông Ray; X.Long Thành; P.Tam Phước; P.Phước Tân; P.Long Hưng;
X.An Phước; X.Bình An; X.Long Phước; X.Phước Thái; X.Xuân Lộc; X.Xuân Bắc; X.Xuân Thành; X.Xuân Hòa; X.Xuân Phú; X.Xuân Định;
X.Nhơn Trạch; X.Đại Phước; X.Phước An"""
NEW_COMMUNES = tuple(
    ("phường " if part.strip()[0] == "P" else "xã ") + part.strip()[2:] for part in _NEW.replace("\n", " ").split(";")
)
_OLD = """xã Bình Minh,huyện Trảng Bom;thị trấn Trảng Bom,huyện Trảng Bom;xã Hố Nai 3,huyện Trảng Bom;phường Tân Phong,thành phố Biên Hòa;
phường Trung Dũng,thành phố Biên Hòa;phường Long Bình,thành phố Biên Hòa;phường Hố Nai,thành phố Biên Hòa;phường Quyết Thắng,thành phố Biên Hòa;
xã Phú Hữu,huyện Nhơn Trạch;xã Phước Thiền,huyện Nhơn Trạch;xã Xuân Hiệp,huyện Xuân Lộc;thị trấn Gia Ray,huyện Xuân Lộc;
phường Xuân An,thành phố Long Khánh;phường Xuân Hòa,thành phố Long Khánh;xã Phú Túc,huyện Định Quán;thị trấn Định Quán,huyện Định Quán;
xã Phú An,huyện Tân Phú;xã Thạnh Phú,huyện Vĩnh Cửu;thị trấn Vĩnh An,huyện Vĩnh Cửu;xã Sông Nhạn,huyện Cẩm Mỹ;xã Xuân Tây,huyện Cẩm Mỹ;
xã Gia Tân 1,huyện Thống Nhất;xã Bàu Hàm 2,huyện Thống Nhất;xã Long An,huyện Long Thành;xã Phước Bình,huyện Long Thành"""
OLD_COMMUNES = tuple(
    (*(half.strip() for half in pair.split(",")), "tỉnh Đồng Nai") for pair in _OLD.replace("\n", " ").split(";")
) + (
    ("xã Tân Lập", "huyện Đồng Phú", "tỉnh Bình Phước"), ("phường Tân Bình", "thành phố Đồng Xoài", "tỉnh Bình Phước"),
    ("xã Minh Hưng", "huyện Bù Đăng", "tỉnh Bình Phước"), ("xã Lộc Thái", "huyện Lộc Ninh", "tỉnh Bình Phước"),
    ("phường Hưng Chiến", "thị xã Bình Long", "tỉnh Bình Phước"),
)  # fmt: skip
OLD_PROVINCES = (
    "Nam Định", "Nghệ An", "Thanh Hóa", "Hà Tĩnh", "Quảng Ngãi", "Bình Định", "Thái Bình", "Hưng Yên", "Quảng Nam",
    "Đồng Nai", "Bình Phước", "Bến Tre", "Cà Mau", "An Giang", "Thừa Thiên Huế", "Hải Dương", "Phú Thọ", "Quảng Trị",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A commune of its day; ``huyen`` is empty after June 2025."""

    ten: str
    huyen: str
    tinh: str

    @property
    def full(self) -> str:
        return ", ".join(part for part in (self.ten, self.huyen, self.tinh) if part)

    @property
    def bare(self) -> str:
        """The name without "xã", "phường", "thị trấn"."""
        return self.ten.removeprefix("xã ").removeprefix("phường ").removeprefix("thị trấn ")


def home(rng: random.Random, on: dt.date) -> Place:
    """A commune as named on a day."""
    if on >= TWO_LEVELS_FROM:
        return Place(rng.choice(NEW_COMMUNES), "", "tỉnh Đồng Nai")
    return Place(*rng.choice(OLD_COMMUNES))
