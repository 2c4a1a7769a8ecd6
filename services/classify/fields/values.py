"""The text behind a label → a value of its kind, or None where it is none. Nothing is repaired but spacing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.classify.catalogue import Kind
from services.classify.codes import dates_in, dossier_in, ids_in, kind_of_id
from services.classify.text import FAMILY_NAMES, clean_leaders, key, upper_share
from services.vietnamese import strip_marks

_HONORIFIC = re.compile(
    r"^(?:(?:hộ\s+)?(?:gia đình\s+)?(?:ông|bà|anh|chị|cô)\b(?:\s*(?:/|,|\(|và)\s*(?:ông|bà|anh|chị|tổ chức)\)?)*|"
    r"\(ông/bà\)|công dân|vợ|chồng|mr|mrs|ms|và)\s*[:.]?\s*",
    re.IGNORECASE,
)
_BODY_START = re.compile(
    r"^(?:công ty|cty|doanh nghiệp|hợp tác xã|htx|trường|cơ sở|hộ kinh doanh|chi nhánh|ngân hàng|văn phòng|trung "
    r"tâm|ủy ban|uỷ ban|ubnd|sở|ban|phòng|bệnh viện|tập đoàn|tổng công ty|quỹ|hội|nhà thuốc|quầy thuốc|quán|cửa "
    r"hàng|nhà hàng|khách sạn|xưởng|lò|tiệm|phòng khám|tổ hợp tác|viện|cục|chi cục|công an|thuế|kho bạc|siêu thị|"
    r"trang trại|đại lý)\b",
    re.IGNORECASE,
)
_NAME_END = re.compile(
    r"[,;:()/\d\[\]{}|=<>“”\"\n]|\s[-–—]\s|\b(?:Sinh|SINH|Giới|GIỚI|Nam:|Nữ:|CCCD|CMND|CMTND|Số|Dân tộc|Quốc tịch|"
    r"Ngày|Năm sinh|Điện|ĐT|Địa|Chức|Mã số|MST|Thường trú|Hộ khẩu|Quan hệ|Nơi)\b"
)
_NOT_A_NAME = re.compile(
    r"^(pho (truong|chi|vien|chanh|tong|chu|giam|cuc|hieu)|chi cuc|chanh |chu tich|pho chu tich|giam doc|pho giam "
    r"doc|truong phong|chu ho|chu dau tu|can cu|kinh gui|cong hoa|doc lap|uy ban|viet nam|truong ban|can bo|ho ten|"
    r"ho so|chu so|dong nai|ha noi|van phong|nguoi |ly do|ly lich|cong ty|ta ky|da ky|son tay|thua dat|tong so|dai "
    r"dien|ban sao|phu luc|to ban|vu truong|cao dang|dai hoc|trung cap|ma so|quan ly|luu vt|tu phap|ho khau|ho kinh|"
    r"ton giao|ho tich|cong chung|chuyen vien|thanh pho|binh phuoc|bien hoa|long thanh|long khanh|uy vien|bien lai|"
    r"chung thuc|tl chu|tm uy|kt chu|phong |van ban|kien nghi|thai do|truong (dai|cao|trung|tieu|mam)|ve trat|trat "
    r"tu|xa hoi|nhan dan|tai nguyen|moi truong|ngan hang|kho bac|cuc canh|trung tam|pho cuc|pho tong|quyet dinh|"
    r"thong bao|bien ban|y kien|xac nhan|thong tin|dau vet|nguyen quan|ho chieu|ban giao|noi nhan|dia chinh|tai "
    r"chinh|ke hoach|xay dung|nong nghiep|van hoa|giao duc|cong thuong|lao dong|khoa hoc)"
)
_MONEY = re.compile(r"\d{1,3}(?:[.,]\d{3})+|\d{4,}")
_NUMBER_TOKEN = re.compile(r"[0-9A-ZĐa-z][0-9A-Za-zÀ-ỹĐđ./&\-–]*")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value of its kind. ``quality`` 0 to 1: how well formed it is."""

    value: str
    quality: float


def parse(kind: Kind, text: str) -> Parsed | None:
    """The value of this kind in the text, or None."""
    text = clean_leaders(text)
    if kind == "name":
        return parse_name(text)
    if kind == "date":
        found = dates_in(text)
        return Parsed(found[0].iso, 1.0) if found else None
    if kind == "id":
        return parse_id(text)
    if kind == "dossier":
        code = dossier_in(text)
        return Parsed(code, 1.0) if code else None
    if kind == "money":
        match = _MONEY.search(text)
        return Parsed(match.group(), 0.95) if match else None
    if kind == "number":
        return parse_number(text)
    if kind == "word":
        words = re.findall(r"[A-Za-zÀ-ỹ]+", text)
        return Parsed(words[0], 0.9) if words else None
    text = text.strip(" .,;:-–—_*|~'`")
    return Parsed(text, 0.9) if any(c.isalnum() for c in text) else None


def parse_id(text: str) -> Parsed | None:
    """The first identity or tax number; one that fits no known kind is of low quality."""
    best: Parsed | None = None
    for number, _, _ in ids_in(text):
        quality = {"cccd": 1.0, "mst": 1.0, "cmnd": 0.85, "bhxh": 0.7, "bad": 0.3}[kind_of_id(number)]
        if best is None or quality > best.quality:
            best = Parsed(number, quality)
    return best


def parse_name(text: str) -> Parsed | None:
    """A person's name (capitals or capitalised words) or a body's name. Titles of address are taken off."""
    text = text.strip(" .,;:-–—_*|~'`\"“”«»()")
    before = None
    while before != text:
        before = text
        text = _HONORIFIC.sub("", text).strip(" .,;:-–—_*|~'`")
    if _BODY_START.match(text):
        body = re.split(
            r"\s*[;(]|\s{2,}|[,\s]\s*(?:địa chỉ|mã số|mst\b|msdn\b|trụ sở|đại diện)", text, flags=re.IGNORECASE
        )[0].strip(" .,-–—…·")
        return Parsed(body, 0.9) if len(body.split()) >= 2 else None
    return person_name(text)


def person_name(text: str) -> Parsed | None:
    """The person's name the text begins with."""
    end = _NAME_END.search(text)
    if end and end.start() == 0:
        return None
    cut = text[: end.start()] if end else text
    words: list[str] = []
    for word in cut.split():
        bare = word.strip(".'`*_~-–—•·…")
        if words and words[0].isupper() and not bare.isupper() and upper_share(bare) > 0.6:
            bare = bare.upper()
        if not bare or not bare[0].isupper() or not bare.replace("'", "").replace("-", "").isalpha() or len(bare) > 8:
            break
        if words and words[0].isupper() != bare.isupper() and len(words[0]) > 1 and len(bare) > 1:
            break
        words.append(bare)
        if bare != word.rstrip("'`") and word.endswith("."):
            break
        if len(words) == 7:
            break
    if len(words) < 2:
        return None
    if _NOT_A_NAME.match(key(" ".join(words))):
        return None
    words = [_right_marks(word, place) for place, word in enumerate(words)]
    known = strip_marks(words[0]).lower() in FAMILY_NAMES
    marked = any(word != strip_marks(word) for word in words)
    return Parsed(" ".join(words), (0.97 if known else 0.7) - (0.0 if marked else 0.12))


# Family names and middle names that cannot be written otherwise: a wrong mark there is the reader's.
_MARKED = {
    strip_marks(name).lower(): name
    for name in (
        "Nguyễn", "Trần", "Phạm", "Hoàng", "Huỳnh", "Đặng", "Bùi", "Ngô", "Dương", "Đinh", "Đoàn", "Trịnh",
        "Trương", "Điểu", "Lương", "Thạch", "Châu", "Đào", "Vương", "Phùng", "Triệu", "Nông", "Quách", "Kiều",
        "Lưu", "Nghiêm", "Chử", "Khổng", "Đậu", "Đồng", "Giáp", "Giàng", "Hứa", "Khương", "Lục", "Mạc", "Ninh",
        "Tống", "Ứng", "Văng", "Tiêu", "Thiều",
    )
}  # fmt: skip
_MARKED_MIDDLE = {"thi": "Thị"}
_OTHER_FAMILY = {
    "ĐÔ": "ĐỖ",
    "ĐỐ": "ĐỖ",
    "DỖ": "ĐỖ",
    "LỂ": "LÊ",
    "MÁI": "MAI",
    "MẢI": "MAI",
    "LÉ": "LÊ",
    "LẾ": "LÊ",
    "HÔ": "HỒ",
    "HỐ": "HỒ",
    "VỦ": "VŨ",
    "VÔ": "VÕ",
    "LỶ": "LÝ",
    "TỌ": "TÔ",
    "TẬ": "TẠ",
}


def _right_marks(word: str, place: int) -> str:
    """The word with the marks of the only family name (or "Thị") it can be."""
    bare = strip_marks(word).lower()
    right = _MARKED.get(bare) if place == 0 else _MARKED_MIDDLE.get(bare) if place == 1 else None
    if right is not None:
        return right.upper() if word.isupper() else right
    other = _OTHER_FAMILY.get(word.upper()) if place == 0 else None
    return (other if word.isupper() else other.capitalize()) if other else word


def parse_number(text: str) -> Parsed | None:
    """The first token that holds a digit, parts around slashes and dashes put together."""
    tight = re.sub(r"\s*/\s*", "/", text.replace("Ð", "Đ"))
    slash = tight.find("/")
    if slash >= 0:
        tight = tight[:slash] + re.sub(r"(?<=[\w])\s*[-–]\s*(?=[A-ZĐ0-9])", "-", tight[slash:])
    for match in _NUMBER_TOKEN.finditer(tight):
        token = match.group().strip(".,-–/")
        if any(c.isdigit() for c in token):
            return Parsed(token, 0.9)
    return None


def same_name(one: str, other: str) -> bool:
    """The same person's name after folding marks, case and spacing."""
    return key(one) == key(other)
