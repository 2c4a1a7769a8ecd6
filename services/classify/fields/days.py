"""The day a paper was made, where no letterhead and no label says it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.classify.catalogue import PaperType
from services.classify.codes import DateFound, dates_in
from services.classify.fields.facts import Facts
from services.classify.layout import Segment, Sheet
from services.classify.model import Value
from services.classify.text import key
from services.vietnamese import strip_marks

_NOT_ISSUE = re.compile(
    r"(sinh|cccd|cmnd|ho chieu|can cuoc|dinh danh|het han|hieu luc|gia tri|den|tu|can cu|theo|quyet dinh|luat|thong tu|"
    r"nghi dinh|chet|mat|hen tra|hen|nhan ho so|tra ket qua|han nop|cham nhat|cuoi|chung thuc|giay chung nhan.{0,30}|"
    r"tiep nhan|truoc|ke tu|khai tu|thoi gian.{0,12}|\d)\W*(ngay)?\W*$"
)
_ISSUE = re.compile(
    r"(^|[,;] ?|^.{2,40}, )((dang ky (thay doi )?lan (dau|thu \S{1,6}( \S{2,5})?)|"
    r"lap|lam|viet|ky|cap|xac nhan|khai|nop|kham|thu|ban hanh|phat hanh|cong chung|chung nhan)"
    r"( tai [^,]{2,40},?)?\W*(ngay)?|ngay( (lap|ky|cap|xac nhan|khai|nop|kham|thu|viet|lam)[a-z ]{0,16})?|"
    r"ngay,? thang,? nam( cap| ky| lap)?)\W*$"
)


_PLACE_LABEL = re.compile(r"^(lam|lap|viet|khai) tai\s*:\s*")


def signing_day(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
    """The day a paper was made: "…, ngày … tháng … năm …", "Ngày 23/03/2021", "Lập ngày …"; the last one."""
    if paper.code == "PKS":
        return
    best: Value | None = None
    rank = 0
    contract = paper.like == "contract"
    for sheet in sheets:
        for segment, text in _lines(sheet):
            end = 0
            for day in dates_in(text):
                if len(text) - end > 75 and not contract:
                    end = day.end
                    continue
                found = _issue_rank(text[end:], replace(day, start=day.start - end, end=day.end - end), contract)
                end = day.end
                if found and (found > rank if contract else found >= rank):
                    rank = found
                    place = (0.0, 0.7, 0.88, 0.92)[found]
                    best = Value(
                        day.iso, round(place * (0.35 + 0.65 * segment.confidence), 4), sheet.number, segment.box
                    )
    facts.put("ngay_cap", best)
    received = facts.more.get("ngay_tiep_nhan")
    if facts.fields["ngay_cap"] is None and received is not None:
        facts.put("ngay_cap", replace(received, confidence=received.confidence * 0.8))


def _lines(sheet: Sheet) -> Iterator[tuple[Segment, str]]:
    """The page's segments; a line that ends with "năm" goes on with the year under it, and a date in a table's cell
    says what its row's label says.
    """
    rows = sheet.rows
    for row, below in zip(rows, (*rows[1:], None), strict=False):
        for segment in row.segments:
            text = segment.text
            if below is not None and _YEAR_BELOW.search(text):
                year = next((s.text for s in below.segments if re.fullmatch(r"\W*(?:19|20)\d\d\W*", s.text)), "")
                text = f"{text} {year}".strip()
            label = row.segments[0].key
            if segment is row.segments[0] or not re.match(r"(ngay|nam|ngay thang nam) sinh|sinh (ngay|nam)", label):
                yield segment, text


_YEAR_BELOW = re.compile(r"\bn[ăa]m\s*$", re.IGNORECASE)


def _issue_rank(text: str, day: DateFound, contract: bool) -> int:
    """How clearly a date in a line is the day of making, 0 (not at all) to 3."""
    before = re.split(r" [-–] ", strip_marks(text[: day.start]).lower())[-1]  # "Số: 47… - Đăng ký lần đầu, ngày …"
    before = _PLACE_LABEL.sub("", before.strip(" .:-"))
    long = re.match(r"ng", key(text[day.start :]) or "-") is not None
    if ":" in before or re.search(r"\bgio\b", before):
        return 0
    numbered_place = long and re.fullmatch(r"[a-z ]{2,24} \d{1,2},", before) is not None  # "Hố Nai 3, ngày …"
    if _NOT_ISSUE.search(before[-34:]) and not _ISSUE.search(before) and not numbered_place:
        return 0
    alone = before == "" or (before.endswith(",") and len(before.split()) <= 6)
    if _ISSUE.search(before) or (long and alone):
        return 3
    if contract and (long or re.search(r"(hom nay|ngay|,)\W*$", before)):
        return 2
    return 1 if alone and len(text) < 30 else 0
