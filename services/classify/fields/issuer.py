"""Who issued a paper: its name with its place, and where it stands when no letterhead names it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.classify.fields.common import sure
from services.classify.fields.letterhead import Letterhead, Printed
from services.classify.fields.values import person_name
from services.classify.layout import Sheet
from services.classify.model import Value
from services.classify.text import key
from services.classify.titles import is_motto
from services.vietnamese import strip_marks

_PLACE = (
    r"(?-i:[ ]+(?:xã|phường|thị trấn|huyện|thành phố|thị xã|tỉnh)[ ]+"
    r"[A-ZĐÀ-Ỹ][\wÀ-ỹ]*(?:[ ]+[A-ZĐÀ-Ỹ0-9][\wÀ-ỹ]*){0,3})"
)


def fuller_name(head: Letterhead, sheets: Sequence[Sheet]) -> Printed:
    """The issuer's name with its place: as the body prints it, or with the place of the body above it in the head."""
    assert head.agency is not None
    agency = head.agency
    bare = key(agency.text)
    if (
        head.parent is not None
        and bare.startswith("chi nhanh ")
        and key(head.parent.text).startswith("van phong dang ky dat dai")
    ):
        office = " ".join(head.parent.text.split()[:6])
        return Printed(
            f"{' '.join(agency.text.split()[:2])} {office} {' '.join(agency.text.split()[2:])}",
            agency.box,
            agency.confidence,
            agency.page,
        )
    if not bare.startswith(("bo phan", "trung tam phuc vu", "phong ", "van phong", "hoi dong ")) or re.search(
        r"\b(xa|phuong|huyen|tinh|thanh pho|thi)\b", bare
    ):
        return agency
    words = [re.escape(word) for word in agency.text.split()]
    pattern = re.compile(r"\s+".join(words) + _PLACE, re.IGNORECASE)
    for sheet in sheets[:1]:
        text = "\n".join(segment.text for segment in sheet.segments)
        for match in pattern.finditer(text):
            if re.search(_PLACE, match.group()):
                return Printed(" ".join(match.group().split()), agency.box, agency.confidence, agency.page)
    if head.parent is not None and bare.startswith(("bo phan", "trung tam phuc vu")):
        place = re.search(r"\b(?:XÃ|PHƯỜNG|THỊ TRẤN|xã|phường|thị trấn)\s.+$", head.parent.text)
        if place:
            return Printed(f"{agency.text} {place.group()}", agency.box, agency.confidence, agency.page)
    return agency


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
    r"truong|truong phong|truong)(?:\s+|$))?"
)


def _without_officer(text: str) -> str:
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
                text = _without_officer(segment.text)
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
                    text = f"{text} {carried.text}".strip(" .,:-")
                if (
                    len(text) < 6
                    or re.search(r"\d{4}", text)
                    or key(text) in ("phong", "truong phong", "trung tam", "uy ban nhan dan")
                ):
                    continue
                return Value(text, sure(0.82, segment.confidence), sheet.number, segment.box)
    for sheet in reversed(sheets):
        for segment in reversed(sheet.segments):
            told = _NATURAL.match(segment.text.strip())
            if told and len(segment.text) < 70:
                return Value(told.group(1).strip(" .,"), sure(0.75, segment.confidence), sheet.number, segment.box)
    return None


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


_OFFICE_LINE = re.compile(r"chu tich|giam doc|truong phong|ky |bang |giay |cap$|cuc truong|chung nhan")
