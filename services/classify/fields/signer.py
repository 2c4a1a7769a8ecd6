"""Who signed: the last name under the signing heading, at the right of the paper's end.

Stamps and pen strokes lie over this place, so the name must look like one; a broken one is not given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.classify.fields.values import Parsed, person_name
from services.classify.layout import Segment, Sheet
from services.classify.text import clean_leaders
from services.ocr.model import Box

_OFFICE = re.compile(
    r"(chu tich|giam doc|truong phong|pho truong|cuc truong|chi cuc truong|truong cong an|cong chung vien|hieu "
    r"truong|^(tm|kt|tl|tuq|q) |chanh van phong|"
    r"nguoi ky|thu truong|truong ban|tong giam doc|bo truong|thu tuong|vien truong|doi truong|truong tram|ke toan "
    r"truong|nguoi ket luan|vu truong|"
    r"can bo tiep nhan|nguoi do|nguoi ve|nguoi trich luc|nguoi thuc hien|nguoi tiep nhan|cong chuc|chu nhiem|bi thu|"
    r"rector|thue truong|nguoi thu tien|ky va ghi|ky ghi ro|ky ten|dong dau|nguoi ban hang|truong thue|uy vien|"
    r"chuyen vien|chu tri|"
    r"pho giam doc|truong bo phan|chanh thanh tra|^so giao thong|^so xay dung)"
)
_PERSON = re.compile(
    r"(nguoi (lam don|khai|yeu cau|de nghi|viet don|nop|uy quyen|lap|su dung dat|dang ky|ke khai|to cao)|chu dau tu|"
    r"chu ho|dai dien|ben [ab]\b|ben (chuyen|tang|uy|nhan|cho|thue)|nguyen don|nop don|thu quy|thua ke|nguoi lap di "
    r"chuc)"
)


@dataclass(frozen=True, slots=True)
class Signer:
    name: str
    box: Box
    page: int
    confidence: float
    quality: float
    right: bool  # stands in the right half of the page, where an office signs
    office: bool  # under an office's heading, not a person's own


_SIGN_HERE = re.compile(r"\W*(nguoi than )?(ky|dong dau|ghi ro|va|ho ten|ho va ten|chuc vu|chu ky|ten| |,)+\W*")


_RANK = re.compile(
    r"^(?:(?:ThS|TS|BS|CN|KS|NHS|PGS|GS|Bác sĩ|BSCKI{1,2}|BS\.? ?CK ?I{1,2})\.?\s*|"
    r"(?:Đại|Thượng|Trung|Thiếu|Dai|Thuong|Thieu)\s+(?:t[áa]|[úu]y|t[ưu][ớo]ng)\.?\s+)",
    re.IGNORECASE,
)  # of a doctor, of the police


def find_signers(sheets: Sequence[Sheet]) -> list[Signer]:
    """Names under signing headings, the last page first; within a page the lowest and rightmost first."""
    found: list[Signer] = []
    for sheet in reversed(sheets):
        names = [(segment, name, office) for segment, name, office in _names(sheet)]
        names.sort(key=lambda one: (not one[2], -one[0].middle if sheet.boxed else 0, -one[0].top))
        found += [
            Signer(
                name.value, segment.box, sheet.number, segment.confidence, name.quality,
                not sheet.boxed or segment.middle > 0.45 * sheet.width, office,
            )
            for segment, name, office in names
        ]  # fmt: skip
        if found:
            break
    return found


def _names(sheet: Sheet) -> list[tuple[Segment, Parsed, bool]]:
    """Name-like segments that stand alone under a heading in their column."""
    made = []
    segments = sheet.segments
    for position, segment in enumerate(segments):
        text = clean_leaders(segment.text)
        if ":" in text or len(text) > 46:
            continue
        # Pen strokes and seal edges before the name are read as a sign or a lone letter.
        text = re.sub(r"^(?:[^\W\d_]?[^\w]+|[^\W\d_]\s+)+(?=[^\W\d_]{2})", "", text)
        bare = _RANK.sub("", text)
        name = person_name(bare)
        if name is None or name.quality < 0.8 or len(name.value) < len(bare.strip(" .,*'`~-–—_|")) - 5:
            continue
        heading = _heading_above(sheet, segments[:position], segment)
        if heading is None and _alone_at_the_end(sheet, segments, position):
            heading = True
        if heading is not None:
            made.append((segment, name, heading))
    return made


def _alone_at_the_end(sheet: Sheet, segments: Sequence[Segment], position: int) -> bool:
    """The last words of the page, at the right, far below the text: a signer whose heading the seal has swallowed."""
    segment = segments[position]
    if not sheet.boxed or segment.middle < 0.52 * sheet.width or len(segment.words) < 2:
        return False
    later = [s for s in segments[position + 1 :] if len(s.text) > 8 and s.confidence > 0.6]
    before = max(
        (s.bottom for s in segments[:position] if s.confidence > 0.6 and len(s.text) > 12), default=segment.top
    )
    return not later and segment.top - before > 3 * sheet.letter_px


_NOTARY = re.compile(
    r"[Tt]ôi,?\s+(?:là\s+)?([A-ZĐÀ-Ỹ][^,;.()]{4,40}?),?\s+(?:[Cc]ông chứng viên|[Pp]hó [Cc]hủ tịch|[Cc]hủ tịch|"
    r"[Cc]ông chức)"
)


def notary_in(text: str) -> str | None:
    """The notary (or the official) who attests a contract: "Tôi, Huỳnh Hoài Tâm, công chứng viên …"."""
    for match in _NOTARY.finditer(text):
        name = person_name(match.group(1))
        if name is not None and name.quality > 0.8:
            return name.value
    return None


def _heading_above(sheet: Sheet, above: Sequence[Segment], name: Segment) -> bool | None:
    """True under an office's heading, False under a person's, None under neither."""
    reach = 16 * sheet.letter_px if sheet.boxed else 10 * 40
    for segment in reversed(above):
        if name.top - segment.bottom > reach:
            return None
        near = not sheet.boxed or abs(segment.middle - name.middle) < 0.17 * sheet.width
        if not near or len(segment.text) > 90:
            continue
        if _PERSON.search(segment.key) and len(segment.text) < 50:
            return False
        if _OFFICE.search(segment.key) and not _SIGN_HERE.fullmatch(segment.key):
            person = any(
                _PERSON.search(other.key)
                and other.capitals > 0.5
                and abs(other.middle - name.middle) < 0.17 * sheet.width
                for other in above
                if 0 <= segment.top - other.top < 5 * sheet.letter_px
            )
            return not person
    return None
