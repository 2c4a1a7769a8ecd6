"""All fields of one paper: candidates from labels, the letterhead, codes and signatures; the best valid one is given.

A value's confidence is the product of how well its place was recognised, how surely the reader read it, and how well it
is formed. Two sources that say the same raise it, two that differ lower it. Ink that a pen left is never trusted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from services.classify.catalogue import Kind, PaperType
from services.classify.codes import (
    DateFound,
    cccd_birth_year,
    cccd_sex,
    dates_in,
    dossier_in,
    ids_in,
    kind_of_id,
    parse_cccd_qr,
    parse_mrz,
    valid_cccd,
)
from services.classify.fields.facts import Facts
from services.classify.fields.labels import Found, Label, continue_text, find_labelled, label_set
from services.classify.fields.letterhead import Letterhead, Printed, read_letterhead
from services.classify.fields.offices import right_marks
from services.classify.fields.signer import find_signers
from services.classify.fields.special import SPECIAL, issuer_at_signature
from services.classify.fields.values import Parsed, parse
from services.classify.layout import Row, Segment, Sheet, union
from services.classify.model import CONTRACT_FIELDS, Value
from services.classify.text import clean_leaders, key
from services.classify.titles import Named
from services.ocr.model import Box, Page
from services.vietnamese import strip_marks

_LONG_FIELDS = {"co_quan_cap", "trich_yeu"}
_OFFICIAL_HEADS = ("official", "process", "minutes", "permit")


def extract(sheets: Sequence[Sheet], paper: PaperType, named: Named | None) -> Facts:
    """The fields of a paper of this type that stands on these sheets (copy marks already taken off)."""
    facts = Facts()
    if not sheets:
        return facts
    head = read_letterhead(sheets[0], named.rows[0] if named and named.rows else None)
    _from_labels(facts, sheets, paper)
    _from_letterhead(facts, head, paper, sheets)
    _abstract(facts, head, sheets[0], paper, named)
    _signer(facts, sheets, paper)
    _from_codes(facts, [sheet.page for sheet in sheets], paper)
    special = SPECIAL.get(paper.code)
    if special:
        special(facts, sheets, paper, head)
    _number_after_owner(facts, sheets, paper)
    _only_number(facts, sheets, paper)
    _issuer_if_missing(facts, sheets, paper)
    _dossier_code(facts, sheets, paper)
    _check(facts, sheets, paper)
    _handwriting(facts, sheets, head)
    issuer = facts.fields["co_quan_cap"]
    if issuer is not None:
        facts.fields["co_quan_cap"] = replace(issuer, value=right_marks(issuer.value))
    for name in CONTRACT_FIELDS:
        if facts.fields[name] is None:
            facts.unread.setdefault(name, "not-found")
    return facts


# ---------------------------------------------------------------- labels


def _from_labels(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
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
    if kind == "name" and parsed is not None and key(parsed.value).startswith(_FIRMS):
        parsed = parse(kind, continue_text(sheet, found, known, rows=1).text) or parsed
    if kind == "date" and parsed is None:
        parsed = _date_below(sheet, found)
        if parsed is None and found.field == "thoi_han":
            return parse("text", found.text)
    return parsed


_FIRMS = ("cong ty", "doanh nghiep", "hop tac xa", "ho kinh doanh", "chi nhanh")


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
        if found.label in ("Số", "No") and re.fullmatch(r"\d{1,2}", value) and paper.like != "civil":
            return False
    if paper.owner == "company" and not re.fullmatch(r"\d{10}(-\d{3})?", value):
        return False
    if paper.owner == "investor" and not re.fullmatch(r"\d{10,13}|.*/.*", value):
        return False
    return any(c.isdigit() for c in value)


# ---------------------------------------------------------------- head, abstract, signer


def _from_letterhead(facts: Facts, head: Letterhead, paper: PaperType, sheets: Sequence[Sheet]) -> None:
    own = paper.head == "form"
    if head.number and not own and paper.head not in ("card", "money"):
        facts.put("so_ky_hieu", _value(head.number, 0.97))
    if head.day and head.day_place:
        day = Printed(head.day.iso, head.day_place.box, head.day_place.confidence, head.day_place.page)
        facts.put("ngay_cap", _value(day, 0.96 if paper.head in _OFFICIAL_HEADS or own else 0.9))
    if head.agency and not own and paper.head not in ("contract", "deed", "proxy"):
        facts.put("co_quan_cap", _value(_fuller_name(head, sheets), 0.93))
    if paper.head == "extract" and paper.like == "civil":
        _extract_head(facts, head, sheets)
    if facts.fields["so_ky_hieu"] is None and head.blank_number is not None:
        facts.unread["so_ky_hieu"] = "handwritten" if _inked(sheets[0].page, head.blank_number) else "not-found"
        if head.symbol:
            facts.more["ky_hieu"] = Value(head.symbol, 0.8, sheets[0].number, head.blank_number)
    if facts.fields["ngay_cap"] is None:
        _signing_day(facts, sheets, paper)
    if facts.fields["ngay_cap"] is None and head.blank_day is not None:
        facts.unread["ngay_cap"] = "handwritten" if _inked(sheets[0].page, head.blank_day) else "not-found"


_PLACE = (
    r"(?-i:[ ]+(?:xã|phường|thị trấn|huyện|thành phố|thị xã|tỉnh)[ ]+"
    r"[A-ZĐÀ-Ỹ][\wÀ-ỹ]*(?:[ ]+[A-ZĐÀ-Ỹ0-9][\wÀ-ỹ]*){0,3})"
)


def _fuller_name(head: Letterhead, sheets: Sequence[Sheet]) -> Printed:
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
    if not bare.startswith(("bo phan", "trung tam phuc vu", "phong ", "van phong")) or re.search(
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


def _value(printed: Printed, place: float) -> Value:
    return Value(
        printed.text, round(min(0.99, place * (0.35 + 0.65 * printed.confidence)), 4), printed.page, printed.box
    )


def _extract_head(facts: Facts, head: Letterhead, sheets: Sequence[Sheet]) -> None:
    """An extract repeats the number, day and place of the first registration in its body; its own stand in its head."""
    if head.number is not None:
        facts.fields["so_ky_hieu"] = _value(head.number, 0.97)
    if head.agency is not None:
        facts.fields["co_quan_cap"] = _value(head.agency, 0.93)
    if head.day is not None and head.day_place is not None:
        place = head.day_place
        facts.fields["ngay_cap"] = _value(Printed(head.day.iso, place.box, place.confidence, place.page), 0.96)
    elif head.agency is not None:
        facts.fields["ngay_cap"] = None


_NOT_ISSUE = re.compile(
    r"(sinh|cccd|cmnd|ho chieu|can cuoc|dinh danh|het han|hieu luc|gia tri|den|tu|can cu|theo|quyet dinh|luat|thong tu|"
    r"nghi dinh|chet|mat|hen tra|hen|nhan ho so|tra ket qua|han nop|cham nhat|cuoi|chung thuc|giay chung nhan.{0,30}|"
    r"tiep nhan|truoc|ke tu|khai tu|thoi gian.{0,12}|\d)\W*(ngay)?\W*$"
)
_ISSUE = re.compile(
    r"(^|[,;] ?|^.{2,40}, )((lap|lam|viet|ky|cap|xac nhan|khai|nop|kham|thu|ban hanh|phat hanh|cong chung|chung nhan)"
    r"( tai [^,]{2,40},?)?\W*(ngay)?|ngay( (lap|ky|cap|xac nhan|khai|nop|kham|thu|viet|lam)[a-z ]{0,16})?|"
    r"ngay,? thang,? nam( cap| ky| lap)?)\W*$"
)


def _signing_day(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
    """The day a paper was made: "…, ngày … tháng … năm …", "Ngày 23/03/2021", "Lập ngày …" on a short line; the last one."""
    best: Value | None = None
    rank = 0
    contract = paper.like == "contract"
    for sheet in sheets:
        for segment in sheet.segments:
            if len(segment.text) > 75 and not contract:
                continue
            for day in dates_in(segment.text):
                found = _issue_rank(segment.text, day, contract)
                if found and (found > rank if contract else found >= rank):
                    rank = found
                    place = (0.0, 0.7, 0.88, 0.92)[found]
                    best = Value(
                        day.iso, round(place * (0.35 + 0.65 * segment.confidence), 4), sheet.number, segment.box
                    )
    facts.put("ngay_cap", best)


def _issue_rank(text: str, day: DateFound, contract: bool) -> int:
    """How clearly a date in a line is the day of making, 0 (not at all) to 3."""
    before = strip_marks(text[: day.start]).lower().strip(" .:-")
    long = re.match(r"ng", key(text[day.start :]) or "-") is not None
    if _NOT_ISSUE.search(before[-34:]) and not _ISSUE.search(before):
        return 0
    alone = before == "" or (before.endswith(",") and len(before.split()) <= 6)
    if _ISSUE.search(before) or (long and alone):
        return 3
    if contract and (long or re.search(r"(hom nay|ngay|,)\W*$", before)):
        return 2
    return 1 if alone and len(text) < 30 else 0


def _abstract(facts: Facts, head: Letterhead, first: Sheet, paper: PaperType, named: Named | None) -> None:
    """Trích yếu: behind "V/v" of a công văn, or the lines under the title."""
    facts.fields["trich_yeu"] = None
    if paper.like != "official" or paper.head == "permit":
        return
    if head.about and paper.code == "CV":
        facts.put("trich_yeu", _value(head.about, 0.95))
        return
    if named is None or not named.rows:
        return
    if paper.head == "minutes":
        named = replace(named, rows=named.rows[:1])
    rows = [row for row in first.rows if row.index > max(named.rows)]
    title = next((row for row in first.rows if row.index == named.rows[0]), None)
    parts: list[Segment] = []
    last = max((row for row in first.rows if row.index in named.rows), key=lambda row: row.index, default=None)
    bottom = last.bottom if last else 0.0
    for row in rows[:6]:
        text = row.key
        if row.top - bottom > 2.0 * first.letter_px and parts and first.boxed:
            break
        if re.match(
            r"^(kinh gui|can cu|dieu 1|i |1 |phan |thuc hien |chu tich|uy ban nhan dan|giam doc|hom nay|bo truong|thu tuong|truong )",
            text,
        ) or re.fullmatch(r"\W*", row.text):
            break
        if (
            row.segments[0].capitals > 0.9
            and not parts
            and not re.match(r"ve viec", text)
            and paper.head == "official"
            and _is_body(text)
        ):
            break
        if len(row.segments) > 1:
            break
        if (
            first.boxed
            and title is not None
            and parts
            and abs(row.segments[0].middle - title.segments[0].middle) > 0.14 * first.width
        ):
            break
        parts.append(row.segments[0])
        bottom = row.bottom
    if parts:
        text = clean_leaders(" ".join(part.text for part in parts)).strip(" .,-–—_*|~'`:")
        if len(text) >= 8:
            sure = sum(part.confidence for part in parts) / len(parts)
            facts.put(
                "trich_yeu",
                Value(text, round(0.92 * (0.35 + 0.65 * sure), 4), first.number, union(part.box for part in parts)),
            )


def _is_body(text: str) -> bool:
    return re.match(r"^(uy ban|ubnd|chu tich|giam doc|so |truong|hoi dong|bo )", text) is not None


def _signer(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
    signers = find_signers(sheets)
    if not signers:
        return
    wanted = (
        [one for one in signers if one.office]
        if paper.head not in ("form", "proxy")
        else [one for one in signers if not one.office] or signers
    )
    if not wanted:
        return
    one = wanted[0]
    sure = 0.93 * one.quality * (0.35 + 0.65 * one.confidence) * (0.9 if len(wanted) > 1 else 1.0)
    stamped = any(
        _meets(stamp, one.box) for sheet in sheets if sheet.number == one.page for stamp in sheet.page.red_stamps
    )
    facts.put("nguoi_ky", Value(one.name, round(sure * (0.95 if stamped else 1.0), 4), one.page, one.box))


# ---------------------------------------------------------------- QR codes and machine lines


def _from_codes(facts: Facts, pages: Sequence[Page], paper: PaperType) -> None:
    """QR before machine lines before print (DOMAIN §8.2); what a code says is kept over what was read."""
    for page in pages:
        for code in page.codes:
            card = parse_cccd_qr(code.text)
            if card and paper.code == "CCCD":
                _overrule(facts, "so_ky_hieu", card["id"], page.number, code.box)
                _overrule(facts, "dinh_danh", card["id"], page.number, code.box)
                _overrule(facts, "chu_so_huu", card["name"], page.number, code.box)
                facts.more["ngay_sinh"] = Value(card["dob"], 0.99, page.number, code.box)
                facts.more["gioi_tinh"] = Value(card["sex"], 0.99, page.number, code.box)
                facts.more["noi_cu_tru"] = Value(card["address"], 0.99, page.number, code.box)
                if "issued" in card:
                    _overrule(facts, "ngay_cap", card["issued"], page.number, code.box)
            elif (dossier := dossier_in(code.text)) is not None:
                facts.put("ma_ho_so", Value(dossier, 0.99, page.number, code.box))
    if paper.code not in ("CCCD", "HC"):
        return
    for page in pages:
        lines = [
            line.replace(" ", "") for line in page.text.splitlines() if "<" in line or "IDVNM" in line.replace(" ", "")
        ]
        machine = parse_mrz(lines)
        if machine is None:
            continue
        if "id" in machine:
            _confirm(facts, "dinh_danh", machine["id"], page.number)
            if paper.code == "CCCD":
                _confirm(facts, "so_ky_hieu", machine["id"], page.number)
        if "number" in machine:
            _confirm(facts, "so_ky_hieu", machine["number"], page.number)
        if "expires" in machine:
            _confirm(facts, "thoi_han", machine["expires"], page.number)
        if "dob" in machine:
            facts.more["ngay_sinh"] = Value(machine["dob"], 0.98, page.number, None)
        facts.more.setdefault("gioi_tinh", Value(machine["sex"], 0.98, page.number, None))


def _overrule(facts: Facts, name: str, value: str, page: int, box: Box) -> None:
    facts.fields[name] = Value(value, 0.99, page, box)


def _confirm(facts: Facts, name: str, value: str, page: int) -> None:
    """Machine lines have check digits: they set the value unless a QR code already did."""
    old = facts.fields[name]
    if old is not None and old.value == value:
        facts.fields[name] = replace(old, confidence=0.99)
    elif old is None or old.confidence < 0.985:
        facts.fields[name] = Value(value, 0.98, page, None)


def _dossier_code(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
    """The dossier code printed anywhere on a paper of the desk; on other papers only behind its label."""
    if paper.head != "process" and paper.code not in ("RUT", "TBT", "DON", "BL"):
        return
    for sheet in sheets:
        for row in sheet.rows:
            code = dossier_in(row.text)
            if code:
                facts.put(
                    "ma_ho_so",
                    Value(code, round(0.93 * (0.35 + 0.65 * row.segments[-1].confidence), 4), sheet.number, row.box),
                )


def _number_after_owner(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
    """The first identity number within eight rows of the owner's name, where no label gave one."""
    owner = facts.fields["chu_so_huu"]
    if (
        facts.fields["dinh_danh"] is not None
        or owner is None
        or owner.box is None
        or paper.owner in ("spouses", "none", "named")
    ):
        return
    sheet = next(sheet for sheet in sheets if sheet.number == owner.page)
    start = next((i for i, row in enumerate(sheet.rows) if row.box.bottom > owner.box.top), None)
    if start is None:
        return
    firm = key(owner.value).startswith(_FIRMS)
    for row in sheet.rows[start : start + 9]:
        for number, _, _ in ids_in(row.text):
            kind = kind_of_id(number)
            if (kind == "mst" and firm) or (kind in ("cccd", "cmnd") and not firm):
                sure = 0.88 if kind != "cmnd" else 0.75
                facts.put(
                    "dinh_danh",
                    Value(number, round(sure * (0.35 + 0.65 * row.segments[0].confidence), 4), sheet.number, row.box),
                )
                return


def _only_number(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
    """The one identity number of the paper, where it has only one and its owner is a person."""
    if facts.fields["dinh_danh"] is not None or paper.owner in (
        "spouses",
        "none",
        "named",
        "receiver_body",
        "receiver",
        "payer",
    ):
        return
    owner = facts.fields["chu_so_huu"]
    wanted = "mst" if owner is not None and key(owner.value).startswith(_FIRMS) else "cccd"
    found: dict[str, tuple[int, Row]] = {}
    for sheet in sheets:
        for row in sheet.rows:
            for number, _, _ in ids_in(row.text):
                if kind_of_id(number) == wanted:
                    found.setdefault(number, (sheet.number, row))
    if len(found) == 1:
        number, (page, row) = next(iter(found.items()))
        confidence = sum(word.confidence for word in row.words) / len(row.words)
        facts.put("dinh_danh", Value(number, round(0.8 * (0.35 + 0.65 * confidence), 4), page, row.box))


def _issuer_if_missing(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
    """The body above the signature ("TM. ỦY BAN NHÂN DÂN XÃ …", "GIÁM ĐỐC CÔNG AN TỈNH …"), where no head names one."""
    if paper.head in ("form", "proxy", "minutes", "money", "drawing") or paper.code in ("HD", "PKS"):
        return
    value = facts.fields["co_quan_cap"]
    if value is None or value.confidence < 0.5:
        found = issuer_at_signature(sheets)
        if found is not None:
            facts.fields["co_quan_cap"] = found


# ---------------------------------------------------------------- checks


def _check(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
    """Numbers against the text: birth year and sex (DOMAIN §8.1); a paper is not issued before its owner's birth."""
    number = facts.fields["dinh_danh"]
    if number is not None and valid_cccd(number.value):
        born = facts.more.get("ngay_sinh")
        sex = facts.more.get("gioi_tinh")
        agree = clash = 0
        if born is not None and re.match(r"\d{4}", born.value) and _near(born, number, sheets):
            same = int(born.value[:4]) == cccd_birth_year(number.value)
            agree, clash = agree + same, clash + (not same)
        if sex is not None and key(sex.value) in ("nam", "nu") and _near(sex, number, sheets):
            same = key(sex.value) == key(cccd_sex(number.value))
            agree, clash = agree + same, clash + (not same)
        if clash:
            facts.conflicts.add("dinh_danh")
            facts.fields["dinh_danh"] = replace(number, confidence=min(number.confidence, 0.55))
        elif agree:
            facts.fields["dinh_danh"] = replace(number, confidence=min(0.99, number.confidence + 0.04 * agree))
    issued = facts.fields["ngay_cap"]
    born = facts.more.get("ngay_sinh")
    if issued is not None and born is not None and re.match(r"\d{4}-", born.value) and issued.value < born.value:
        facts.conflicts.add("ngay_cap")
        facts.fields["ngay_cap"] = replace(issued, confidence=min(issued.confidence, 0.4))
    until = facts.fields["thoi_han"]
    if until is not None and issued is not None and re.match(r"\d{4}-", until.value) and until.value < issued.value:
        facts.fields["thoi_han"] = replace(until, confidence=min(until.confidence, 0.4))


def _near(one: Value, other: Value, sheets: Sequence[Sheet]) -> bool:
    """On one page and within ten lines: about the same person."""
    if one.box is None or other.box is None:
        return one.page == other.page
    sheet = next(sheet for sheet in sheets if sheet.number == one.page)
    return one.page == other.page and abs(one.box.top - other.box.top) < 18 * sheet.letter_px


def _handwriting(facts: Facts, sheets: Sequence[Sheet], head: Letterhead) -> None:
    """Values that stand where a pen wrote are shown to a person, whatever the reader made of them."""
    pages = {sheet.number: sheet.page for sheet in sheets}
    for name in ("so_ky_hieu", "ngay_cap"):
        value = facts.fields[name]
        if (
            value is not None
            and value.box is not None
            and value.confidence < 0.985
            and _inked(pages[value.page], value.box)
        ):
            facts.fields[name] = replace(value, confidence=min(value.confidence, 0.5))
            facts.unread.setdefault(name, "handwritten")


def _inked(page: Page, box: Box) -> bool:
    return any(_meets(ink, box) for ink in page.handwriting)


def _meets(one: Box, other: Box) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return across > 0 and down > 0.2 * min(one.bottom - one.top, other.bottom - other.top)
