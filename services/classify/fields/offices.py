"""Names of public bodies and communes as they are written, to give back the marks a reader lost.

A closed vocabulary: a word is changed only when the whole phrase is there letter for letter but for marks (or one
slip in a long word), so that no body turns into another. Communes: DOMAIN §8.4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import Indel

from services.vietnamese import strip_marks

_PHRASES = """Ủy ban nhân dân;Trung tâm Phục vụ hành chính công;Bộ phận Tiếp nhận và Trả kết quả;Bộ phận Một cửa;
Công an;
Văn phòng Đăng ký đất đai;Chi nhánh;Phòng Đăng ký kinh doanh;Sở Kế hoạch và Đầu tư;Sở Tài chính;Sở Tư pháp;
Sở Xây dựng;Sở Y tế;
Sở Công Thương;Sở Nội vụ;Sở Giáo dục và Đào tạo;Sở Khoa học và Công nghệ;Sở Nông nghiệp và Môi trường;
Sở Tài nguyên và Môi trường;
Sở Giao thông vận tải;Sở Văn hóa, Thể thao và Du lịch;Sở Dân tộc và Tôn giáo;Phòng Tài chính - Kế hoạch;Phòng Kinh tế;
Ban Quản lý các Khu công nghiệp;Chi cục Thuế;Thuế cơ sở;Cục Thuế;Kho bạc Nhà nước;Bảo hiểm xã hội;Bệnh viện Đa khoa;
Trung tâm Y tế;Cục Quản lý xuất nhập cảnh;Cục Cảnh sát;Văn phòng công chứng;Hội đồng nhân dân;tỉnh Đồng Nai;
tỉnh Bình Phước;
thành phố Đồng Nai;thành phố Biên Hòa;thành phố Long Khánh;huyện Long Thành;huyện Nhơn Trạch;huyện Trảng Bom;
huyện Thống Nhất;
huyện Cẩm Mỹ;huyện Xuân Lộc;huyện Định Quán;huyện Tân Phú;huyện Vĩnh Cửu;thành phố Đồng Xoài;thị xã Bình Long;
thị xã Phước Long;
thị xã Chơn Thành;huyện Bù Đăng;huyện Lộc Ninh;huyện Đồng Phú;huyện Phú Riềng;huyện Hớn Quản;huyện Bù Đốp;
huyện Bù Gia Mập"""
_WARDS = """Bình Phước;Đồng Xoài;Phước Long;Phước Bình;Bình Long;An Lộc;Chơn Thành;Minh Hưng;Trảng Dài;Hố Nai;
Tam Hiệp;Long Bình;
Trấn Biên;Biên Hòa;Long Khánh;Bình Lộc;Bảo Vinh;Xuân Lập;Hàng Gòn;Tân Triều;Tam Phước;Phước Tân;Long Hưng"""
_COMMUNES = """Bù Gia Mập;Đăk Ơ;Đa Kia;Bình Tân;Phú Riềng;Long Hà;Phú Trung;Phú Nghĩa;Lộc Ninh;Lộc Tấn;Lộc Thạnh;
Lộc Quang;Lộc Thành;
Lộc Hưng;Thiện Hưng;Hưng Phước;Tân Tiến;Tân Hưng;Minh Đức;Tân Quan;Tân Khai;Đồng Phú;Tân Lợi;Thuận Lợi;Đồng Tâm;
Bù Đăng;Đak Nhau;
Thọ Sơn;Bom Bo;Nghĩa Trung;Phước Sơn;Nha Bích;Tân Phú;Đak Lua;Nam Cát Tiên;Tà Lài;Phú Lâm;Trị An;Phú Lý;Tân An;
Định Quán;Thanh Sơn;
Phú Vinh;Phú Hòa;La Ngà;Trảng Bom;Bàu Hàm;Bình Minh;Hưng Thịnh;An Viễn;Thống Nhất;Gia Kiệm;Dầu Giây;Xuân Quế;Cẩm Mỹ;
Xuân Đường;
Xuân Đông;Sông Ray;Long Thành;An Phước;Bình An;Long Phước;Phước Thái;Xuân Lộc;Xuân Bắc;Xuân Thành;Xuân Hòa;Xuân Phú;
Xuân Định;
Nhơn Trạch;Đại Phước;Phước An"""


_PLACE_WORDS = ("xã", "phường", "huyện", "thành", "thị", "tỉnh")


@lru_cache(maxsize=1)
def _known() -> tuple[tuple[str, ...], ...]:
    """Phrases as words, longest first; communes stand behind their "xã" or "phường"."""
    names = [phrase.strip() for phrase in _PHRASES.replace("\n", "").split(";")]
    places = [name.strip() for name in f"{_WARDS};{_COMMUNES}".replace("\n", "").split(";")]
    names += [f"{unit} {name}" for name in places for unit in ("phường", "xã")]
    return tuple(sorted((tuple(name.split()) for name in names), key=len, reverse=True))


def _bare(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", strip_marks(word).lower())


def right_marks(text: str) -> str:
    """The text with known phrases written with their marks, in the case they were printed in."""
    words = text.split()
    bare = [_bare(word) for word in words]
    at = 0
    while at < len(words):
        for phrase in _known():
            size = len(phrase)
            slips = size >= 4 and phrase[0] not in _PLACE_WORDS  # "Long Khánh" is one slip from "Long Thành"
            if at + size <= len(words) and _is_phrase(bare[at : at + size], phrase, slips=slips):
                for i, right in enumerate(phrase):
                    given = words[at + i]
                    tail = given[len(given.rstrip(",.;:")) :]
                    made = right.upper() if given[1:2].isupper() else right
                    if given[:1].isupper() and made[:1].islower():
                        made = made[:1].upper() + made[1:]
                    words[at + i] = made if made.endswith(tail) else made.rstrip(",") + tail
                at += size - 1
                break
        at += 1
    return " ".join(words)


def _is_phrase(given: Sequence[str], phrase: Sequence[str], *, slips: bool) -> bool:
    """Word for word the same, or all but one short word with one wrong letter in a phrase of four words and more."""
    wrong = [i for i, word in enumerate(phrase) if not _same(given[i], _bare(word), slips=slips)]
    if not wrong:
        return True
    if not slips or len(wrong) > 1:
        return False
    return Indel.distance(given[wrong[0]], _bare(phrase[wrong[0]])) <= 2 and len(given[wrong[0]]) >= 2


def _same(given: str, right: str, *, slips: bool) -> bool:
    if given == right:
        return True
    return (
        slips
        and len(right) >= 5
        and Indel.distance(given, right) <= 2
        and Indel.normalized_similarity(given, right) >= 0.8
    )
