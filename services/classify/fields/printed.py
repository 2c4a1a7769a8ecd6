"""Values behind labels → fields: the kind a field wants, how sure, what cannot be its value."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.classify.catalogue import Kind, PaperType
from services.classify.codes import dates_in, kind_of_id
from services.classify.fields.common import FIRMS
from services.classify.fields.facts import Facts
from services.classify.fields.labelled import Found, continue_text, find_labelled
from services.classify.fields.labels import Label, label_set
from services.classify.fields.values import Parsed, parse
from services.classify.layout import Sheet
from services.classify.model import Value
from services.classify.text import key


def from_labels(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
    known = label_set(paper.label_items)
    read = sheets if len(sheets) <= 3 else [*sheets[:2], sheets[-1]]
    by_page = {sheet.number: sheet for sheet in sheets}
    seen: dict[str, int] = {}
    for one in find_labelled(read, known):
        sheet = by_page[one.page]
        kind = paper.kind_of(one.field)
        if kind == "text" and one.field != "thoi_han":
            one = continue_text(sheet, one, known)
        parsed = _parsed(one, kind, sheet, known)
        if parsed is None:
            continue
        if one.field == "so_ky_hieu" and not _good_number(parsed.value, one, paper):
            continue
        rank = seen.get(one.field, 0)
        seen[one.field] = rank + 1
        if one.field == "co_quan_cap" and re.match(r"ngay \d", key(parsed.value)):
            continue  # the day under a bank's or a body's signature
        if one.field == "co_quan_cap" and ":" in parsed.value:
            parsed = Parsed(parsed.value.rsplit(":", 1)[1].strip(), parsed.quality * 0.95)
        value = Value(parsed.value, round(_label_confidence(one, parsed, kind) * (0.65**rank), 4), one.page, one.box)
        if one.field == "thoi_han" and not _END_DATE.match(parsed.value):
            facts.put("thoi_han_ghi", value)
        else:
            facts.put(one.field, value)


_END_DATE = re.compile(r"\d{4}-\d{2}-\d{2}$|không thời hạn$|không xác định thời hạn$", re.IGNORECASE)


def _parsed(found: Found, kind: Kind, sheet: Sheet, known: Sequence[Label]) -> Parsed | None:
    if found.field == "thoi_han":
        kind = "date"
        bare = key(found.text)
        if "khong thoi han" in bare or "khong xac dinh thoi han" in bare:
            return Parsed("Không thời hạn", 0.95)
    parsed = parse(kind, found.text)
    if kind == "name" and parsed is not None and key(parsed.value).startswith(FIRMS):
        parsed = parse(kind, continue_text(sheet, found, known, rows=1).text) or parsed
        parsed = _carried_firm(sheet, found, parsed)
    if kind == "name" and parsed is None and len(found.text.split()) <= 2:
        parsed = _name_in_cell(sheet, found)
    if kind == "name" and parsed is not None and len(parsed.value.split()) <= 3:
        parsed = _carried_name(sheet, found, parsed)
    if kind == "date" and parsed is None and key(found.label).endswith("ngay"):
        parsed = parse(kind, f"ngày {found.text}")  # "Đăng ký ngày" took the day's first word
    if kind == "date" and parsed is None:
        parsed = _date_below(sheet, found)
        if parsed is None and found.field == "thoi_han":
            return parse("text", found.text)
    return parsed


def _name_in_cell(sheet: Sheet, found: Found) -> Parsed | None:
    """A name broken over two lines of a narrow cell: the rest stands in the same column on the next row."""
    for row in sheet.rows:
        for segment in row.segments:
            below = 0 < segment.box.top - found.box.top < 2.6 * sheet.letter_px
            if ":" in segment.text:
                continue  # the next label
            if below and segment.box.left < found.box.right and segment.box.right > found.label_box.left:
                return parse("name", f"{found.text} {segment.text}")
    return None


def _carried_firm(sheet: Sheet, found: Found, parsed: Parsed) -> Parsed:
    """A firm's name in capitals that goes on under itself, beside another column ("MSDN: …")."""
    at = next((i for i, row in enumerate(sheet.rows) if row.index == found.row), None)
    if at is None or at + 1 >= len(sheet.rows) or not sheet.boxed or not parsed.value.isupper():
        return parsed
    beside = any(segment.box.left >= found.box.right for segment in sheet.rows[at].segments)
    for segment in sheet.rows[at + 1].segments if beside else ():
        near = 0 < segment.box.top - found.box.top < 2.2 * sheet.letter_px
        column = segment.box.left < found.box.right and segment.box.right > found.label_box.left
        if near and column and segment.text.isupper() and ":" not in segment.text and len(segment.text.split()) <= 5:
            return Parsed(f"{parsed.value} {segment.text}".strip(" .,"), parsed.quality * 0.95)
    return parsed


def _carried_name(sheet: Sheet, found: Found, parsed: Parsed) -> Parsed:
    """The name with its last words, where a narrow cell put them on the next line."""
    for row in sheet.rows:
        for segment in row.segments:
            below = 0 < segment.box.top - found.box.top < 2.2 * sheet.letter_px
            column = segment.box.left < found.box.right and segment.box.right > found.label_box.left
            words = segment.text.split()
            like = len(words) <= 2 and all(word.isalpha() and word[0].isupper() for word in words)
            if below and column and like and segment.text.isupper() == parsed.value.isupper() and len(row.segments) > 1:
                return parse("name", f"{parsed.value} {segment.text}") or parsed
    return parsed


def _date_below(sheet: Sheet, found: Found) -> Parsed | None:
    """A date in the label's column within the next four rows, where a card stacks label, translation and value."""
    if found.field not in ("thoi_han", "ngay_cap", "ngay_sinh"):
        return None
    place = found.label_box
    for row in sheet.rows:
        for segment in row.segments:
            if not 0 <= segment.box.top - place.top < 5 * sheet.letter_px or len(segment.text) > 26:
                continue
            near = segment.box.left < place.right + 4 * sheet.letter_px and segment.box.right > place.left
            days = dates_in(segment.text)
            if days and near:
                return Parsed(days[0].iso, 0.9)
    return None


def _label_confidence(found: Found, parsed: Parsed, kind: Kind) -> float:
    place = found.fit * (1.0 if found.colon else 0.93) * (0.95 if found.below else 1.0)
    digits = kind in ("id", "number", "date", "dossier")
    read = found.confidence_of(parsed.value) if digits and kind != "date" else found.confidence_of(parsed.value) ** 0.7
    return round(min(0.99, place * parsed.quality * (0.35 + 0.65 * read)), 4)


_ADDRESS = re.compile(r"^\W*\S+\s+(?:đường|phố|ấp|thôn|tổ|khu|hẻm|ngõ|quốc lộ|tỉnh lộ|bản|điện thoại)\b", re.IGNORECASE)


def _good_number(value: str, found: Found, paper: PaperType) -> bool:
    """Whether a token behind "Số" can be the paper's number: identity numbers, streets and amounts are not."""
    if paper.head not in ("card", "money") and paper.owner not in ("company", "investor"):
        if (kind_of_id(value) in ("cccd", "cmnd") and "Mã số" not in found.label) or _ADDRESS.match(found.text):
            return False
        if found.label in ("Số", "No") and not found.colon and paper.like in ("contract", "land", "business", "form"):
            return False
        if found.label in ("Số", "No") and re.fullmatch(r"\d{1,2}", value) and paper.like != "civil":
            return False
    if paper.owner == "company" and not re.fullmatch(r"\d{10}(-\d{3})?", value):
        return False
    if paper.code == "DTDT" and not re.fullmatch(r"\d{10,13}|.*/.*", value):
        return False
    return any(c.isdigit() for c in value)
