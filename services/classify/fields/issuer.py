"""Who issued a paper: its name with its place, and where it stands when no letterhead names it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from services.classify.fields.common import sure
from services.classify.fields.head_lines import Printed
from services.classify.fields.letterhead import Letterhead
from services.classify.fields.places import (
    has_place,
    lowest_place,
    place_above,
    place_behind,
    place_of_council,
    place_of_day,
    starts_with_place,
)
from services.classify.fields.values import person_name
from services.classify.layout import Sheet
from services.classify.model import Value
from services.classify.text import key
from services.classify.titles import is_motto
from services.vietnamese import strip_marks


def fuller_name(head: Letterhead, sheets: Sequence[Sheet]) -> Printed:
    """The issuer's name with its place: as the body prints it, or with the place of the body above it in the head."""
    assert head.agency is not None
    agency = replace(head.agency, text=without_officer(head.agency.text))
    bare = key(agency.text)
    if (
        head.parent is not None
        and bare.startswith("chi nhanh ")
        and key(head.parent.text).startswith("van phong dang ky dat dai")
    ):
        office = " ".join(head.parent.text.split()[:6])
        words = agency.text.split()
        return replace(agency, text=f"{' '.join(words[:2])} {office} {' '.join(words[2:])}")
    if starts_with_place(bare):
        return _council_of(agency, head, sheets)
    if has_place(bare) or not bare.startswith(_OF_A_PLACE):
        return agency
    said = place_behind(agency.text, sheets) or place_above(agency.text, head.parent) or None
    if said is None and bare.startswith(_COUNCIL):
        said = place_of_council(sheets)
    if said is None and bare.startswith(_OF_A_COMMUNE):
        said = place_of_day(head.day_place, sheets)
    return replace(agency, text=f"{agency.text} {said}") if said else agency


_COUNCIL = ("uy ban nhan dan", "ubnd")
_OF_A_COMMUNE = (*_COUNCIL, "bo phan", "trung tam phuc vu")
# Bodies that every commune or district has one of: their name says nothing without the place.
_OF_A_PLACE = (
    *_OF_A_COMMUNE,
    "phong ",
    "van phong",
    "hoi dong ",
    "cong an",
    "doi ",
    "to cong tac",
    "ban chi ",
    "tram y te",
)


def _council_of(agency: Printed, head: Letterhead, sheets: Sequence[Sheet]) -> Printed:
    """Old forms head a paper with "TỈNH … / HUYỆN … / XÃ …" alone: the lowest place's committee, where the paper says
    that a committee issued it.
    """
    told = issuer_at_signature(sheets)
    if told is not None and has_place(key(told.value)):
        return replace(agency, text=told.value)
    lowest = lowest_place(agency.text)
    council = any(
        re.match(r"(t ?m )?(uy ban nhan dan|ubnd)$", segment.key) for sheet in sheets for segment in sheet.segments
    )
    signs = head.symbol is not None and key(head.symbol).endswith("ubnd")
    return replace(agency, text=f"ỦY BAN NHÂN DÂN {lowest}") if lowest and (council or signs) else agency


def value_of(printed: Printed, place: float) -> Value:
    return Value(
        printed.text, round(min(0.99, place * (0.35 + 0.65 * printed.confidence)), 4), printed.page, printed.box
    )


_ISSUER = re.compile(
    r"^(?:(?:tm|tl|kt|tuq|t m) )?(?:(?:pho )?(?:giam doc|cuc truong|truong|chu tich|hieu truong|chi cuc truong|thu "
    r"truong|truong phong) )?"
    r"(uy ban nhan dan|ubnd|so |van phong dang ky dat dai|chi nhanh van phong|cong an|phong |"
    r"chi cuc (?!truong)|cuc (?!truong)|truong (?!phong)|trung tam|benh vien|ban quan ly|bo |"
    r"bao hiem xa hoi|vien |thue )"
)
_OFFICER = re.compile(
    r"^(?:(?:t/?m|tl|kt|tuq)\s*[.,]?\s*)?(?:(?:pho )?(?:giam doc|chi cuc truong|cuc truong|chu tich|hieu truong|thu "
    r"truong|truong phong|truong(?! (?:dai hoc|cao dang|trung|tieu hoc|mam non|mau giao|thpt|thcs|pho thong|chinh tri|"
    r"nghe|day)))(?:\s+|$))?"
)


def without_officer(text: str) -> str:
    """``GIÁM ĐỐC CÔNG AN TỈNH ĐỒNG NAI`` → ``CÔNG AN TỈNH ĐỒNG NAI``, whatever became of the marks."""
    text = text.strip(" .,:-")
    bare = strip_marks(text).lower()
    officer = _OFFICER.match(bare) if len(bare) == len(text) else None
    return re.sub(r"\s+(?:cấp|CẤP)$", "", text[officer.end() :] if officer else text).strip(" .,:-")


def issuer_at_signature(sheets: Sequence[Sheet]) -> Value | None:
    """The issuing body named in capitals above the signature, or under the title of a degree."""
    for sheet in reversed(sheets):
        rows = sheet.rows
        for position in range(len(rows) - 1, -1, -1):
            for segment in rows[position].segments:
                if segment.capitals < 0.75 or not 6 < len(segment.text) < 90 or not _ISSUER.match(segment.key):
                    continue
                text = without_officer(segment.text)
                below = rows[position + 1].segments if position + 1 < len(rows) else ()
                carried = next(
                    (
                        s
                        for s in below
                        if s.capitals > 0.75
                        and abs(s.middle - segment.middle) < 0.12 * sheet.width
                        and not _OFFICE_LINE.search(s.key)
                    ),
                    None,
                )
                if (
                    carried is not None
                    and not _is_name(carried.text)
                    and not is_motto(carried.key)
                    and (_OPEN_END.search(key(text)) or not _ISSUER.match(carried.key))
                ):
                    text = f"{text} {carried.text.lstrip(' -–.,')}".strip(" .,:-")
                if (
                    len(text) < 6
                    or re.search(r"\d{4}", text)
                    or key(text) in ("phong", "truong phong", "trung tam", "uy ban nhan dan")
                ):
                    continue
                return Value(text, sure(0.82, segment.confidence), sheet.number, segment.box)
    for sheet in sheets[:1]:
        for segment in sheet.segments:
            if (grants := _GRANTS.match(segment.text.strip())) is not None:
                return Value(grants.group(1).strip(" .,"), sure(0.82, segment.confidence), sheet.number, segment.box)
    for sheet in reversed(sheets):
        for segment in reversed(sheet.segments):
            told = _NATURAL.match(segment.text.strip())
            if told and len(segment.text) < 70:
                return Value(told.group(1).strip(" .,"), sure(0.75, segment.confidence), sheet.number, segment.box)
    return None


_GRANTS = re.compile(
    r"(?i:giám đốc|hiệu trưởng|viện trưởng|chủ tịch|cục trưởng|trưởng ban)\s+((?:Trung tâm|Trường|Học viện|Viện|Sở|Bộ|"
    r"Cục|Hội|Ủy ban nhân dân|Uỷ ban nhân dân|Bệnh viện|Đại học)\s[^:;,()]{3,70}?)\s+(?:cấp(?: cho)?|chứng nhận)\b"
)  # on certificates of a course
_NATURAL = re.compile(
    r"(?:TM\.?\s*|T/M\.?\s*)?((?:Ủy ban nhân dân|Uỷ ban nhân dân|UBND|Công an|Sở|Cục|Chi cục|Phòng|"
    r"Bệnh viện|Trung tâm|Trường|Bảo hiểm xã hội)\s+[^:;.,()\d]{3,50}?)"
    r"(?:\s+(?:chứng nhận|xác nhận)\b.*)?$"
)
_OPEN_END = re.compile(
    r"\b(va|moi|ke|cac|cua|hanh|dang ky|tai nguyen va|phuc vu|quan ly|tinh|huyen|xa|phuong|thanh pho)$"
)


def _is_name(text: str) -> bool:
    name = person_name(text)
    return name is not None and name.quality > 0.84


_OFFICE_LINE = re.compile(r"chu tich|giam doc|truong phong|ky |bang |giay |^the |^so bao|cap$|cuc truong|chung nhan")
