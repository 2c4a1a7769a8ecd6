"""Who signed: the last name under the signing heading, at the right of the paper's end.

Stamps and pen strokes lie over this place, so the name must look like one; a broken one is not given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.classify.fields.told import Told, mended_name
from services.classify.fields.values import Parsed, person_name
from services.classify.layout import Segment, Sheet
from services.classify.text import clean_leaders, is_syllable, looks_like_name
from services.ocr.model import Box

_OFFICE = re.compile(
    r"(chu tich|giam doc|truong phong|pho truong|cuc truong|chi cuc truong|truong cong an|cong chung vien|hieu "
    r"truong|^(tm|kt|tl|tuq|q) |chanh van phong|"
    r"nguoi ky|thu truong|truong ban|tong giam doc|bo truong|thu tuong|vien truong|doi truong|truong tram|ke toan "
    r"truong|nguoi ket luan|vu truong|"
    r"can bo (tiep nhan|huong dan|thu ly)|nguoi do|nguoi ve|nguoi trich luc|nguoi thuc hien|nguoi tiep nhan|cong chuc|"
    r"chu nhiem|bi thu|"
    r"rector|thue truong|nguoi thu tien|ky va ghi|ky ghi ro|ky ten|dong dau|nguoi ban hang|truong thue|uy vien|"
    r"chuyen vien|chu tri|nguoi huong dan|nguoi lap phieu|tham phan|chap hanh vien|kiem sat vien|chi huy truong|"
    r"hieu pho|vien pho|doi pho|cuc pho|truong khoa|truong chi nhanh|truong dai dien|thua phat lai|"
    r"pho giam doc|truong bo phan|chanh thanh tra|chanh an|^so giao thong|^so xay dung)"
)
# What a seal leaves of "CHỦ TỊCH" and "GIÁM ĐỐC".
_OFFICE_LEFT = re.compile(r"(?:^|.* )[a-z]{0,2}(?:u tich|m doc)|doc(?: [a-z]+){0,2}")
# A body in capitals right above the name: "PHÒNG CẢNH SÁT GIAO THÔNG" on a card, where no office is named.
_BODY = re.compile(
    r"(phong|so|cong an|cuc|chi cuc|uy ban|ubnd|van phong|trung tam|bao hiem|thue|benh vien|toa an|kho bac) [a-z]"
)
_PERSON = re.compile(
    r"(nguoi (lam don|khai|yeu cau|de nghi|viet don|nop|uy quyen|lap|su dung dat|dang ky|ke khai|to cao)|chu dau tu|"
    r"chu ho\b|dai dien|ben [ab]\b|ben (chuyen|tang|uy|nhan|cho|thue)|nguyen don|nop don|thu quy|thua ke|nguoi lap di "
    r"chuc)"
)
_CELL_OF_TABLE = re.compile(r"(quan he|ho ten|ho va ten|ngay|so) ")  # "Quan hệ với chủ hộ" heads a column, no signature


@dataclass(frozen=True, slots=True)
class Signer:
    name: str
    box: Box
    page: int
    confidence: float
    quality: float
    right: bool  # stands in the right half of the page, where an office signs
    office: bool  # under an office's heading, not a person's own
    heading: str  # the key of the heading; empty where none was read

    @property
    def receives(self) -> bool:
        """Whether this officer took the paper in and is not who wrote it."""
        return _RECEIVES.search(self.heading) is not None


_SIGN_HERE = re.compile(
    r"\W*(nguoi than )?(ky|dong dau|ghi ro|va|ho ten|ho va ten|ho|chu dem|chuc vu|chu ky|ten|neu co| |,)+\W*"
)
_RECEIVES = re.compile(r"(nguoi|can bo|cong chuc).{0,12}(tiep nhan|nhan ho so|kiem tra|thu ly)")


_RANK = re.compile(
    r"^(?:(?:ThS|TS|BS|CN|KS|KTS|DS|LS|NHS|PGS|GS|CVP|TTƯT|TTUT|TTND|NGƯT|NGND|Ths)(?:\s*CK\s*I{1,2})?[.,\s–-]+|"
    r"(?:BS\s?\.?\s?|DS\s?\.?\s?)?CK\s?I{1,2}[.,\s–-]+|"
    r"(?:(?:Bác|Dược|Thạc|Tiến|Luật)\s+s[ĩỹiyư]|Kỹ sư|Kiến trúc sư|Cử nhân|Công chứng viên|Giáo sư)"
    r"(?:\s+chuyên khoa\s+(?:I{1,2}|cấp \d|[12]))?[.,:]?\s+|"
    r"(?:Đại|Thượng|Trung|Thiếu|Dai|Thuong|Thieu)\s+(?:t[áa]|[úu]y|t[ưu][ớo]ng)[.,]?\s+)+",
    re.IGNORECASE,
)  # of doctors, lawyers and engineers, of the police
_SIGNED = re.compile(r"^\W*(?:đã ký|da ky)\W*(?=[^\W\d_]{2})", re.IGNORECASE)


def find_signers(sheets: Sequence[Sheet], told: Sequence[Told] = ()) -> list[Signer]:
    """Names under signing headings, the last page first; within a page the lowest and rightmost first.

    A broken name is mended where the paper tells it elsewhere (``told``), and otherwise left out.
    """
    found: list[Signer] = []
    for sheet in reversed(sheets):
        names = _names(sheet, told)
        names.sort(key=lambda one: (not one[2][0], -one[0].middle if sheet.boxed else 0, -one[0].top))
        found += [
            Signer(
                name.value, segment.box, sheet.number, segment.confidence, name.quality,
                not sheet.boxed or segment.middle > 0.45 * sheet.width, office, heading,
            )
            for segment, name, (office, heading) in names
        ]  # fmt: skip
        if found:
            break
    return found


def _names(sheet: Sheet, told: Sequence[Told]) -> list[tuple[Segment, Parsed, tuple[bool, str]]]:
    """Name-like segments that stand alone under a heading in their column."""
    made = []
    segments = sheet.segments
    for position, segment in enumerate(segments):
        name = _name_in(segment)
        if name is None and (not told or not _may_be_broken(segment)):
            continue
        heading = _heading_above(sheet, segments[:position], segment)
        if heading is None and name is not None and _alone_at_the_end(sheet, segments, position):
            heading = (True, "")
        if heading is None:
            continue
        if name is not None:
            segment, name = _with_second_line(sheet, segments[position + 1 :], segment, name)
        if name is None or _broken(segment, name) or not all(map(is_syllable, name.value.split())):
            mended = mended_name(segment.text, segment.box, told)
            kept = None if name is None or _broken(segment, name) else name
            name = Parsed(mended, _MENDED) if mended else kept
        if name is not None:
            made.append((segment, name, heading))
    return made


_MENDED = 0.85  # of a name put together from two places of the paper


def _may_be_broken(segment: Segment) -> bool:
    words = segment.text.split()
    if ":" in segment.text or not 2 <= len(words) <= 5 or _OFFICE.search(segment.key) or _PERSON.search(segment.key):
        return False
    return sum(word[0].isupper() for word in words) >= 2


def _name_in(segment: Segment) -> Parsed | None:
    """The name that a segment is, rank and crumbs of pen strokes apart."""
    text = clean_leaders(segment.text)
    if ":" in text or len(text) > 60 or (segment.capitals > 0.7 and _OFFICE_LEFT.fullmatch(segment.key)):
        return None
    # Pen strokes and seal edges before the name are read as a sign or a lone letter.
    text = re.sub(r"^(?:[^\W\d_]?[^\w]+|[^\W\d_]\s+)+(?=[^\W\d_]{2})", "", _SIGNED.sub("", text))
    bare = _RANK.sub("", text)
    name = person_name(bare)
    if name is None or len(bare) > 46:
        return None
    rest = bare.strip(" .,*'`~-–—_|")[len(name.value) :].strip()
    cut = len(name.value.split()) == 2 and rest[:1].islower()  # "Tạ Gi a": a seal broke the last word
    return None if name.quality < 0.8 or len(rest) >= 5 or cut else name


def _with_second_line(sheet: Sheet, later: Sequence[Segment], segment: Segment, name: Parsed) -> tuple[Segment, Parsed]:
    """A name over two lines: one or two more words in its style right under it."""
    below = next(
        (s for s in later if s.top > segment.top and abs(s.middle - segment.middle) < 0.17 * sheet.width), None
    )
    if not sheet.boxed or below is None or len(name.value.split()) > 3:
        return segment, name
    words = below.text.split()
    fits = (
        below.top - segment.bottom < 0.9 * sheet.letter_px
        and abs(below.middle - segment.middle) < 0.05 * sheet.width
        and 1 <= len(words) <= 2
        and all(is_syllable(word) and word[0].isupper() for word in words)
        and below.text.isupper() == name.value.isupper()
        and not _OFFICE.search(below.key)
    )
    if not fits or (len(words) == 2 and looks_like_name(words) and len(name.value.split()) > 2):
        return segment, name
    whole = person_name(f"{name.value} {below.text}")
    if whole is None or len(whole.value.split()) != len(name.value.split()) + len(words):
        return segment, name
    return Segment(segment.words + below.words, segment.top, below.bottom), whole


_MIDDLE_FIRST = frozenset(("Thị", "Hữu", "Đình"))  # never a family name with these marks
_RARE_FIRST = frozenset(("Văn", "Kim", "Ngọc", "Quang", "Phương", "Long", "Việt", "Sơn", "Phú", "Như", "Xuân"))
_READ_WELL = 0.9


def _broken(segment: Segment, name: Parsed) -> bool:
    """Whether a seal seems to have eaten the family name, or a word that was read with doubt is no syllable."""
    words = [word.capitalize() for word in name.value.split()]
    if words[0] in _MIDDLE_FIRST or (len(words) == 2 and words[0] in _RARE_FIRST):
        return True
    doubted = {word.text.strip(" .,").casefold() for word in segment.words if word.confidence < _READ_WELL}
    return any(not is_syllable(word) and word.casefold() in doubted for word in words)


def _alone_at_the_end(sheet: Sheet, segments: Sequence[Segment], position: int) -> bool:
    """The last words of the right column, far below its text: a signer whose heading the seal has swallowed."""
    segment = segments[position]
    if not sheet.boxed or segment.middle < 0.52 * sheet.width or len(segment.words) < 2:
        return False
    later = [s for s in segments[position + 1 :] if len(s.text) > 8 and s.confidence > 0.6 and s.top > segment.bottom]
    before = max(
        (
            s.bottom
            for s in segments[:position]
            if s.confidence > 0.6 and len(s.text) > 12 and s.box.right > segment.box.left and s.top < segment.top
        ),
        default=segment.top,
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


def _heading_above(sheet: Sheet, above: Sequence[Segment], name: Segment) -> tuple[bool, str] | None:
    """Whether an office's heading stands above, not a person's own, and that heading; None under neither."""
    reach = 16 * sheet.letter_px if sheet.boxed else 10 * 40
    for segment in reversed(above):
        if name.top - segment.bottom > reach:
            return None
        near = not sheet.boxed or abs(segment.middle - name.middle) < 0.17 * sheet.width
        if not near or len(segment.text) > 90 or _CELL_OF_TABLE.match(segment.key):
            continue
        if _PERSON.search(segment.key) and len(segment.text) < 50:
            return False, segment.key
        if _is_office(sheet, segment) and not _SIGN_HERE.fullmatch(segment.key):
            person = any(
                _PERSON.search(other.key)
                and other.capitals > 0.5
                and abs(other.middle - name.middle) < 0.17 * sheet.width
                for other in above
                if 0 <= segment.top - other.top < 5 * sheet.letter_px
            )
            return not person, segment.key
    return None


def _is_office(sheet: Sheet, segment: Segment) -> bool:
    if _OFFICE.search(segment.key):
        return True
    if segment.capitals < 0.7 or not sheet.boxed or segment.middle < 0.52 * sheet.width:
        return False
    left_over = len(segment.text) < 26 and _OFFICE_LEFT.fullmatch(segment.key) is not None
    return left_over or (_BODY.match(segment.key) is not None and segment.top > 0.12 * sheet.height)
