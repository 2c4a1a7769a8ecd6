"""What single types need beyond labels: parties of contracts, land certificates, cards, spouses, invoices, companies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from services.classify.catalogue import PaperType
from services.classify.codes import GCN_SERIAL, HOTICH, dates_in, ids_in, kind_of_id, valid_cccd, valid_mst
from services.classify.fields.facts import Facts
from services.classify.fields.letterhead import Letterhead
from services.classify.fields.people import Person, people_in, running_text
from services.classify.fields.signer import notary_in
from services.classify.fields.values import parse_name, person_name
from services.classify.layout import Row, Segment, Sheet
from services.classify.model import Value
from services.classify.text import key, ratio
from services.classify.titles import is_motto

Special = Callable[[Facts, Sequence[Sheet], PaperType, Letterhead], None]


def _rows(sheets: Sequence[Sheet]) -> list[tuple[int, Row]]:
    return [(sheet.number, row) for sheet in sheets for row in sheet.rows]


def _sure(place: float, confidence: float) -> float:
    return round(min(0.99, place * (0.35 + 0.65 * confidence)), 4)


def _set_owner(facts: Facts, people: Sequence[Person], *, all_names: bool = False) -> None:
    """The owner's name and number from people found; overrules what a label gave."""
    if not people:
        return
    facts.people = list(people)
    first = people[0]
    names = "; ".join(dict.fromkeys(person.name for person in people)) if all_names else first.name
    facts.fields["chu_so_huu"] = Value(
        names, _sure(0.95 * min(p.quality for p in people), first.confidence), first.page, first.box
    )
    told = next((person for person in people if person.identifier), None)
    if told is not None and told.identifier:
        quality = {"cccd": 0.97, "mst": 0.97, "cmnd": 0.85}.get(kind_of_id(told.identifier), 0.4)
        facts.fields["dinh_danh"] = Value(
            told.identifier, _sure(quality, told.confidence), told.identifier_page, told.identifier_box
        )


# ---------------------------------------------------------------- civil status


def _spouses(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """Both spouses own the paper; each half of the two-column form gives a name, a birth date and a number."""
    table = _spouse_table(sheets)
    if table:
        facts.more["chong"] = Value(table[0].name, table[0].confidence, table[0].page, table[0].box)
        facts.more["vo"] = Value(table[1].name, table[1].confidence, table[1].page, table[1].box)
    people = list(table)
    for who in () if table else ("chong", "vo"):
        value = facts.more.get(who)
        if value is None or value.box is None:
            continue
        sheet = next(sheet for sheet in sheets if sheet.number == value.page)
        number, birth = _below(sheet, value)
        people.append(
            Person(
                value.value, 0.97, value.page, value.box, value.confidence, number, value.box, value.page, birth, who
            )
        )
    if not people:
        return
    facts.people = people
    sure = min(person.confidence for person in people) * (1.0 if len(people) == 2 else 0.8)
    facts.fields["chu_so_huu"] = Value("; ".join(p.name for p in people), sure, people[0].page, people[0].box)
    numbers = [person.identifier for person in people if person.identifier]
    if numbers:
        facts.fields["dinh_danh"] = Value("; ".join(numbers), sure * 0.98, people[0].page, people[0].box)


def _spouse_table(sheets: Sequence[Sheet]) -> tuple[Person, ...]:
    """A table with the columns VỢ and CHỒNG: husband, then wife; empty where there is none."""
    sheet = sheets[0]
    rows = sheet.rows
    for position, row in enumerate(rows):
        keys = [segment.key for segment in row.segments]
        sides = [key for key in keys if key in ("vo", "chong", "ben nu", "ben nam", "nguoi vo", "nguoi chong")]
        if len(sides) != 2:
            continue
        marks = [segment for segment in row.segments if segment.key in sides]
        told: list[dict[str, tuple[str, Segment]]] = [{}, {}]
        for later in rows[position + 1 : position + 14]:
            label = later.segments[0].key
            kind = (
                "name"
                if label.startswith(("ho chu dem", "ho va ten", "ho ten"))
                else "birth"
                if "sinh" in label
                else "id"
            )
            for segment in later.segments[1:] if len(later.segments) > 1 else ():
                side = 0 if abs(segment.middle - marks[0].middle) < abs(segment.middle - marks[1].middle) else 1
                if kind == "name":
                    name = person_name(segment.text)
                    if name:
                        told[side].setdefault("name", (name.value, segment))
                elif kind == "birth" and (days := dates_in(segment.text)):
                    told[side].setdefault("birth", (days[0].iso, segment))
                elif kind == "id":
                    number = next((n for n, _, _ in ids_in(segment.text) if kind_of_id(n) in ("cccd", "cmnd")), None)
                    if number:
                        told[side].setdefault("id", (number, segment))
        if all("name" in one for one in told):
            people = [
                Person(
                    one["name"][0], 0.96, sheet.number, one["name"][1].box, one["name"][1].confidence,
                    one["id"][0] if "id" in one else None, one["id"][1].box if "id" in one else None, sheet.number,
                    one["birth"][0] if "birth" in one else None, mark.key,
                )
                for one, mark in zip(told, marks, strict=True)
            ]  # fmt: skip
            return tuple(people) if marks[0].key in ("chong", "ben nam", "nguoi chong") else (people[1], people[0])
    return ()


def _below(sheet: Sheet, name: Value) -> tuple[str | None, str | None]:
    """The first number and date under a name, in its own column when the other spouse stands beside it."""
    number = birth = None
    if name.box is None:
        return None, None
    rows = [row for row in sheet.rows if row.box.bottom > name.box.top]
    columned = any(len(row.segments) > 1 and _side_by_side(row) for row in rows[:8])
    for row in rows[:12]:
        segments = row.segments
        if columned and sheet.boxed:
            segments = tuple(
                s
                for s in segments
                if s.box.left < name.box.right
                and s.box.right > name.box.left - 0.25 * sheet.width
                and _same_half(s, name, sheet)
            )
        text = " ".join(segment.text for segment in segments)
        if row.box.top > name.box.bottom and not columned and re.match(r"ho (chu dem|va ten|ten)", key(text)):
            break
        if number is None:
            number = next((n for n, _, _ in ids_in(text) if kind_of_id(n) in ("cccd", "cmnd")), None)
        if birth is None and re.search(r"sinh", key(text)):
            days = dates_in(text)
            birth = days[0].iso if days else None
    return number, birth


def _side_by_side(row: Row) -> bool:
    keys = [segment.key[:12] for segment in row.segments]
    return len(keys) == 2 and ratio(keys[0], keys[1]) > 0.75


def _same_half(segment: Segment, name: Value, sheet: Sheet) -> bool:
    assert name.box is not None
    middle = sheet.width / 2
    return (segment.middle < middle) == ((name.box.left + name.box.right) / 2 < middle)


def _hotich(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """Civil-status number ``125/2025`` or ``12/2024-BS`` where no label gave one; issuer from "TM. UBND …" if nowhere else."""
    if facts.fields["so_ky_hieu"] is None:
        for sheet in sheets[:1]:
            for row in sheet.rows[:14]:
                match = HOTICH.search(row.text)
                if match and re.match(r"s", row.key):
                    facts.put("so_ky_hieu", Value(match.group(1), 0.7, sheet.number, row.box))
                    break
    if paper.code in ("KH", "TLKH"):
        _spouses(facts, sheets, paper, head)


# ---------------------------------------------------------------- contracts and deeds

_PARTY = re.compile(
    r"^\W*(?:\(?[0-9IVX]{1,3}[.)]\s*|[a-z][.)]\s*)?(?:ben|nguoi|dai dien ben)\s+(a|b|c|chuyen nhuong|nhan chuyen nhuong|tang cho|duoc tang cho|nhan tang cho|uy quyen|duoc uy quyen|nhan uy quyen|cho thue|thue|ban|mua|the chap|nhan the chap|giao thau|nhan thau|cho vay|vay|de lai di san|thua ke|lap di chuc|thoa thuan|khai nhan|su dung lao dong|lao dong|dat coc|nhan dat coc|cung cap|su dung|chu dau tu|thi cong|giao|nhan)\b"
)
_TAKERS = ("nhan chuyen nhuong", "duoc tang cho", "nhan tang cho", "b")
_END = re.compile(
    r"^(dieu 1|dieu i|hai ben|cac ben|cung nhau|cung thoa thuan|bang hop dong|bang van ban|noi dung|loi chung)"
)


def _parties(sheets: Sequence[Sheet]) -> list[tuple[str, list[Person]]]:
    """Party headings and the people under each."""
    blocks: list[tuple[str, list[tuple[int, Row]]]] = []
    for page, row in _rows(sheets):
        text = row.key
        if blocks and _END.match(text):
            break
        match = _PARTY.match(text)
        short = len(text) < 75 or 0 < row.text.find(":") < 48
        if match and short:
            blocks.append((match.group(1), []))
        if blocks:
            blocks[-1][1].append((page, row))
    return [(name, people_in(rows)) for name, rows in blocks]


_PUBLIC = ("uy ban", "ubnd", "so ", "phong ", "chi cuc", "cuc ", "trung tam", "bo phan", "cong an")
_BODIES = ("cong ty", "ngan hang", "doanh nghiep", "hop tac xa", "chi nhanh", "truong ")


def _contract(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    parties = [(name, people) for name, people in _parties(sheets) if people]
    if paper.owner == "receiver":
        parties = [(_TAKERS[0] if name == "nhan" else name, people) for name, people in parties]
        wanted = next((people for name, people in parties if name in _TAKERS and name != "b"), None) or (
            parties[1][1] if len(parties) > 1 else None
        )
    elif paper.owner == "party_b":
        natural = [people for _, people in parties if not key(people[0].name).startswith(_BODIES)]
        wanted = (natural or [people for _, people in parties] or [None])[0]
    elif paper.owner == "giver":
        wanted = parties[0][1] if parties else None
    else:
        wanted = parties[-1][1] if parties else None
    if wanted:
        _set_owner(facts, wanted[:1] if paper.owner != "receiver" else wanted, all_names=False)
    else:
        everyone = people_in(_rows(sheets)[:60])
        if everyone and paper.code in ("GUQ", "VBTK", "HDUQ", "HD"):
            _set_owner(facts, everyone[:1])
    if paper.code == "GUQ" and head.agency is not None and key(head.agency.text).startswith(_BODIES):
        firm = next(
            (p for p in people_in(_rows(sheets)[:24]) if p.identifier and kind_of_id(p.identifier) == "mst"), None
        )
        number = (
            firm.identifier
            if firm
            else next(
                (n for _, row in _rows(sheets)[:24] for n, _, _ in ids_in(row.text) if kind_of_id(n) == "mst"), None
            )
        )
        agency = head.agency
        if number:
            whole = next(
                (p.name for p in people_in(_rows(sheets)[:24]) if key(p.name).startswith(key(agency.text)[:12])),
                agency.text,
            )
            name = whole if len(whole) >= len(agency.text) else agency.text
            _set_owner(
                facts, [Person(name, 0.95, agency.page, agency.box, agency.confidence, number, agency.box, agency.page)]
            )
            facts.fields["co_quan_cap"] = Value(name, _sure(0.9, agency.confidence), agency.page, agency.box)
    for name, people in parties:
        facts.more.setdefault(
            f"ben_{name.replace(' ', '_')}",
            Value("; ".join(p.name for p in people), 0.85, people[0].page, people[0].box),
        )
    _notary(facts, sheets)


def _notary(facts: Facts, sheets: Sequence[Sheet]) -> None:
    """The notary's number, office, name and the day: in the attestation at the end, or in the contract's opening."""
    told = running_text(_rows(sheets))
    found = re.search(
        r"[Ss]ố (?:công chứng|chứng thực)\s*[:.]?\s*([0-9]{1,6}(?:\s?[./-]\s?[0-9A-ZĐ][0-9A-ZĐa-z.,\-/]*)?)", told.text
    )
    if found:
        page, row = told.row_at(found.start(1))
        facts.put(
            "so_ky_hieu",
            Value(
                found.group(1).replace(" ", "").rstrip(".,-/"),
                0.5 if found.group(1).rstrip(" .,").endswith("/") else _sure(0.93, _mean(row)),
                page,
                row.box,
            ),
        )
    else:
        found = _NOTARY_NUMBER.search(" ".join(told.text.split()))
        if found:
            facts.put("so_ky_hieu", Value(found.group(1).rstrip(".,"), 0.85, sheets[-1].number, None))
    office = _OFFICE_OF_NOTARY.search(told.text)
    if office:
        page, row = told.row_at(office.start())
        text = re.split(r"\s+(?:địa chỉ|chứng nhận|chúng tôi|tôi)\b", " ".join(office.group().split()))[0].strip(
            " .,;:"
        )
        if re.match(r"phòng công chứng(?! số)", text, re.IGNORECASE):
            text = f"Văn {text[0].lower()}{text[1:]}"  # private offices are all "Văn phòng"; only numbered ones are "Phòng"
        facts.put("co_quan_cap", Value(text, _sure(0.85, _mean(row)), page, row.box))
    else:
        commune = re.search(
            r"[Tt]ại\s+((?:Ủy ban nhân dân|Uỷ ban nhân dân|UBND)\s+(?:xã|phường|thị trấn)\s+[^,;.\n]{2,30})", told.text
        )
        if commune:
            page, row = told.row_at(commune.start(1))
            facts.put("co_quan_cap", Value(" ".join(commune.group(1).split()), _sure(0.85, _mean(row)), page, row.box))
    name = notary_in(" ".join(told.text.split()))
    if name:
        page, row = told.row_at(max(0, told.text.find(name.split()[0] + " ")))
        facts.fields["nguoi_ky"] = Value(name, 0.85, page, None)
    for page, row in _rows(sheets):
        if re.match(r"(hom nay|hop dong nay duoc lap|ngay )", row.key):
            days = dates_in(row.text)
            if days:
                facts.put("ngay_cap", Value(days[0].iso, _sure(0.97, _mean(row)), page, row.box))
                break


_NOTARY_NUMBER = re.compile(
    r"(?:[Cc]ông chứng|[Cc]hứng nhận|[Cc]hứng thực)[^.]{0,120}?\bsố\s+(\d{1,6}\s?(?:TP/CC[\w/-]*|/CC\w*|[-/]SCT[\w/,-]*))"
)
_OFFICE_OF_NOTARY = re.compile(
    r"(?:[Vv]ăn phòng [Cc]ông chứng|VĂN PHÒNG CÔNG CHỨNG|[Pp]hòng [Cc]ông chứng|PHÒNG CÔNG CHỨNG)\s+(?:[Ss]ố\s+\d+|(?:[A-ZĐÀ-Ỹ][\wÀ-ỹ]*\s*){1,6})(?:[, ]+tỉnh\s+(?:[A-ZĐÀ-Ỹ][\wÀ-ỹ]*\s*){1,3})?"
)


def _mean(row: Row) -> float:
    return sum(word.confidence for word in row.words) / max(1, len(row.words))


# ---------------------------------------------------------------- land


def _land_certificate(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """The serial (two letters, six or eight digits) is the certificate's number; the register number is kept beside it."""
    serial = None
    for sheet in sheets:
        for segment in sheet.segments:
            match = GCN_SERIAL.search(segment.text.replace("Ð", "Đ"))
            if (
                match
                and len(match.group(1)) == 2
                and len(segment.text) < 40
                and not re.search(r"vao so|gcn|thua|cmnd|cccd", segment.key)
            ):
                serial = Value(
                    f"{match.group(1)} {match.group(2)}", _sure(0.96, segment.confidence), sheet.number, segment.box
                )
                break
        if serial:
            break
    number = facts.fields["so_ky_hieu"]
    if serial is not None:
        facts.fields["so_ky_hieu"] = serial
    elif number is not None and not GCN_SERIAL.fullmatch(number.value):
        facts.fields["so_ky_hieu"] = None
    people = [p for p in people_in(_rows(sheets)[:30]) if not re.search(r"tôi|công ty", p.heading)]
    if people:
        _set_owner(facts, people)


def _land_user(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    if facts.fields["chu_so_huu"] is None:
        people = people_in(_rows(sheets))
        if people:
            _set_owner(facts, people[:1])


_ISSUER = re.compile(
    r"^(?:(?:tm|tl|kt|tuq|t m) )?(?:(?:pho )?(?:giam doc|cuc truong|truong|chu tich|hieu truong|chi cuc truong|thu truong|truong phong) )?"
    r"(uy ban nhan dan|ubnd|so |van phong dang ky dat dai|chi nhanh van phong|cong an|phong |chi cuc|cuc |truong |trung tam|benh vien|ban quan ly|bo |bao hiem xa hoi|vien |thue )"
)
_ISSUER_WORDS = re.compile(
    r"(?i)^(?:(?:T/?M|TL|KT|TUQ)\s*[.,]?\s*)?(?:(?:phó )?(?:giám đốc|cục trưởng|chủ tịch|hiệu trưởng|chi cục trưởng|thủ trưởng|trưởng phòng|trưởng)\s+(?=\S))?"
)


def issuer_at_signature(sheets: Sequence[Sheet]) -> Value | None:
    """The issuing body named in capitals above the signature, or under the title of a degree."""
    for sheet in reversed(sheets):
        rows = sheet.rows
        for position in range(len(rows) - 1, -1, -1):
            for segment in rows[position].segments:
                if segment.capitals < 0.75 or not 6 < len(segment.text) < 90 or not _ISSUER.match(segment.key):
                    continue
                text = _ISSUER_WORDS.sub("", segment.text).strip(" .,:-")
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
                return Value(text, _sure(0.82, segment.confidence), sheet.number, segment.box)
    return None


_OPEN_END = re.compile(
    r"\b(va|moi|ke|cac|cua|hanh|dang ky|tai nguyen va|phuc vu|quan ly|tinh|huyen|xa|phuong|thanh pho)$"
)


def _is_name(text: str) -> bool:
    name = person_name(text)
    return name is not None and name.quality > 0.84


_OFFICE_LINE = re.compile(r"chu tich|giam doc|truong phong|ky |bang |giay |cap$|cuc truong|chung nhan")


# ---------------------------------------------------------------- cards


def _card(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """The twelve digits are the card's number and its holder's; nine on the old card."""
    wanted = {"CCCD": ("cccd",), "CMND": ("cmnd",)}.get(paper.code)
    facts_number = facts.fields["dinh_danh"]
    if wanted and (facts_number is None or kind_of_id(facts_number.value) not in wanted):
        facts.fields["dinh_danh"] = facts.fields["so_ky_hieu"] = None
        for sheet in sheets:
            for row in sheet.rows:
                for number, _, _ in ids_in(row.text):
                    if kind_of_id(number) in wanted:
                        value = Value(number, _sure(0.93, row.segments[0].confidence), sheet.number, row.box)
                        facts.put("dinh_danh", value)
    if paper.code == "CCCD" and facts.fields["dinh_danh"] is None:
        for sheet in sheets:
            for row in sheet.rows:
                machine = re.search(r"VNM\d{10}(0\d{11})<", row.text.replace(" ", ""))
                if machine and valid_cccd(machine.group(1)):
                    facts.put("dinh_danh", Value(machine.group(1), 0.8, sheet.number, row.box))
    if wanted and facts.fields["dinh_danh"] is not None:
        facts.fields["so_ky_hieu"] = facts.fields["dinh_danh"]
    if paper.code == "BHXH":
        _insurance_number(facts, sheets)
    if paper.code == "HC":
        _passport_number(facts, sheets)
    if facts.fields["chu_so_huu"] is None:
        _capital_name(facts, sheets)
    agency = facts.fields["co_quan_cap"]
    if paper.code == "CCCD":
        _card_issuer(facts, sheets)
    elif agency is not None and is_motto(key(agency.value)):
        facts.fields["co_quan_cap"] = None


def _insurance_number(facts: Facts, sheets: Sequence[Sheet]) -> None:
    """A health card's number has two letters and 13 digits, often in groups; a social-insurance book's has ten digits."""
    for sheet in sheets:
        for row in sheet.rows:
            match = re.search(r"\b([A-Z]{2}(?:\s?\d){13})(?!\d)", row.text)
            if match:
                facts.fields["so_ky_hieu"] = Value(match.group(1), _sure(0.95, _mean(row)), sheet.number, row.box)
                return
    number = facts.fields["so_ky_hieu"]
    if number is not None and not re.fullmatch(r"[A-Z]{0,2}\s?[\d ]{8,18}", number.value):
        facts.fields["so_ky_hieu"] = None


def _passport_number(facts: Facts, sheets: Sequence[Sheet]) -> None:
    number = facts.fields["so_ky_hieu"]
    if number is None or not re.fullmatch(r"[A-Z]\d{7,8}", number.value):
        for sheet in sheets:
            for row in sheet.rows:
                match = re.search(r"(?<![A-Z0-9])([A-Z]\d{7,8})(?![0-9<A-Z])", row.text)
                if match:
                    facts.fields["so_ky_hieu"] = Value(
                        match.group(1), _sure(0.93, row.segments[0].confidence), sheet.number, row.box
                    )
                    return


def _capital_name(facts: Facts, sheets: Sequence[Sheet]) -> None:
    """The holder's name stands alone in capitals."""
    for sheet in sheets:
        for segment in sheet.segments:
            if segment.capitals > 0.95 and not is_motto(segment.key):
                name = person_name(segment.text)
                if name is not None and name.quality > 0.84 and len(name.value) >= len(segment.text) - 3:
                    facts.put(
                        "chu_so_huu", Value(name.value, _sure(0.8, segment.confidence), sheet.number, segment.box)
                    )
                    return


def _card_issuer(facts: Facts, sheets: Sequence[Sheet]) -> None:
    facts.fields["co_quan_cap"] = None
    for sheet in reversed(sheets):
        text = " ".join(row.key for row in sheet.rows)
        if "quan ly hanh chinh ve trat tu xa hoi" in text and "canh sat" in text:
            row = next(row for row in sheet.rows if "quan ly hanh chinh" in row.key or "trat tu" in row.key)
            words = "Cục Cảnh sát quản lý hành chính về trật tự xã hội"
            facts.put("co_quan_cap", Value(words, _sure(0.93, row.segments[0].confidence), sheet.number, row.box))
            return
    for sheet in reversed(sheets):
        for row in sheet.rows:
            if re.search(r"\bbo cong an\b", row.key):
                facts.put(
                    "co_quan_cap", Value("BỘ CÔNG AN", _sure(0.9, row.segments[0].confidence), sheet.number, row.box)
                )
                return
            if "canh sat" in row.key and ("cuc" in row.key or "quan ly" in row.key):
                text = re.sub(r"(?i)^.*?(cục trưởng\s+)?(?=cục cảnh sát)", "", row.text).strip(" .,:")
                facts.put("co_quan_cap", Value(text, _sure(0.85, row.segments[0].confidence), sheet.number, row.box))
                return


# ---------------------------------------------------------------- business and money


def _company(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """A company's certificate: the code of ten digits with a right check digit is number and identifier alike."""
    for name in ("dinh_danh", "so_ky_hieu"):
        value = facts.fields[name]
        if value is not None and re.fullmatch(r"\d{10}(-\d{3})?", value.value) and not valid_mst(value.value):
            facts.fields[name] = Value(value.value, min(value.confidence, 0.5), value.page, value.box)
            facts.conflicts.add(name)
    if paper.code == "DKDN" and facts.fields["dinh_danh"] is None:
        for page, row in _rows(sheets[:1])[:14]:
            told = next((n for n, _, _ in ids_in(row.text) if valid_mst(n)), None)
            if told and re.search(r"ma so|doanh|nghiep", row.key):
                facts.put("dinh_danh", Value(told, _sure(0.9, _mean(row)), page, row.box))
                break
    identifier, number = facts.fields["dinh_danh"], facts.fields["so_ky_hieu"]
    if paper.code == "DKDN" and number is None and identifier is not None:
        facts.fields["so_ky_hieu"] = identifier
    if facts.fields["chu_so_huu"] is None or facts.fields["dinh_danh"] is None:
        firms = [
            p for p in people_in(_rows(sheets)) if key(p.name).startswith(("cong ty", "doanh nghiep", "hop tac xa"))
        ]
        if firms:
            _set_owner(facts, firms[:1])
    if paper.code == "DKDN":
        _registration_day(facts, sheets)


def _registration_day(facts: Facts, sheets: Sequence[Sheet]) -> None:
    """Issued on the day of the last change, or of the first registration: "Đăng ký thay đổi lần thứ: 3, ngày …"."""
    best: tuple[str, int, Row] | None = None
    for page, row in _rows(sheets[:1]):
        if re.search(r"dang ky (lan dau|thay doi|lan)", row.key):
            for day in dates_in(row.text):
                if best is None or day.iso >= best[0]:
                    best = (day.iso, page, row)
    if best is not None:
        facts.fields["ngay_cap"] = Value(best[0], _sure(0.96, best[2].segments[0].confidence), best[1], best[2].box)


def _invoice(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """Seller first, buyer second; each with the tax number behind it. The seller issued the paper and is its first owner."""
    rows = _rows(sheets)
    buyer_at = next(
        (
            i
            for i, (_, row) in enumerate(rows)
            if i > 2 and re.search(r"mua hang|nguoi mua|\bbuyer\b|ben mua|don vi mua", row.key)
        ),
        len(rows),
    )
    seller, seller_number = _invoice_side(rows[:buyer_at])
    buyer, buyer_number = _invoice_side(rows[buyer_at:])
    issuer = facts.fields["co_quan_cap"]
    name = seller or issuer
    if name is None:
        return
    facts.fields["co_quan_cap"] = name
    facts.fields["chu_so_huu"] = name
    facts.fields["dinh_danh"] = seller_number
    people = [
        Person(
            name.value,
            0.95,
            name.page,
            name.box or rows[0][1].box,
            name.confidence,
            seller_number.value if seller_number else None,
            heading="ban",
        )
    ]
    if buyer is not None:
        facts.more["nguoi_mua"] = buyer
        people.append(
            Person(
                buyer.value,
                0.9,
                buyer.page,
                buyer.box or rows[0][1].box,
                buyer.confidence,
                buyer_number.value if buyer_number else None,
                heading="mua",
            )
        )
    if buyer_number is not None:
        facts.more["mst_mua"] = buyer_number
    facts.people = people


def _receipt(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """A tax number above the payer's name is the collecting body's, not the payer's."""
    owner, number = facts.fields["chu_so_huu"], facts.fields["dinh_danh"]
    if owner is not None and key(owner.value).startswith(("ngan hang", "kho bac")):
        facts.fields["chu_so_huu"] = owner = None
    if owner is not None and number is not None and owner.box and number.box and number.page == owner.page:
        if number.box.bottom < owner.box.top + (owner.box.bottom - owner.box.top) // 3:
            facts.fields["dinh_danh"] = None
    if facts.fields["chu_so_huu"] is None and facts.fields["nguoi_ky"] is not None:
        people = [p for p in people_in(_rows(sheets)) if p.identifier]
        if people:
            _set_owner(facts, people[:1])


def _invoice_side(rows: Sequence[tuple[int, Row]]) -> tuple[Value | None, Value | None]:
    """Name and tax number on one side of an invoice."""
    name = number = None
    for page, row in rows:
        for segment in row.segments:
            text = segment.text
            if number is None and re.search(r"ma so thue|\bmst\b|tax code|cccd|dinh danh", row.key):
                told = next((n for n, _, _ in ids_in(text) if kind_of_id(n) in ("mst", "cccd", "bhxh")), None)
                if told:
                    quality = 0.95 if kind_of_id(told) != "bhxh" else 0.5
                    number = Value(told, _sure(quality, segment.confidence), page, segment.box)
            if name is None:
                after = re.sub(r"^[^:]{3,44}:\s*", "", text)
                parsed = (
                    parse_name(after)
                    if (
                        after != text
                        and re.search(r"ban hang|nguoi ban|seller|don vi|mua|buyer|ten|company", segment.key[:40])
                    )
                    or key(after).startswith(
                        ("cong ty", "doanh nghiep", "ho kinh doanh", "cua hang", "hop tac xa", "chi nhanh")
                    )
                    else None
                )
                if parsed is not None:
                    name = Value(parsed.value, _sure(parsed.quality, segment.confidence), page, segment.box)
        if number is not None and name is not None:
            break
    return name, number


# ---------------------------------------------------------------- administrative documents


def _decision(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """The person a decision is about: the first one named in Điều 1."""
    rows = _rows(sheets)
    start = next((i for i, (_, row) in enumerate(rows) if re.match(r"dieu 1\b", row.key)), None)
    if start is None:
        return
    end = next(
        (i for i, (_, row) in enumerate(rows[start + 1 :], start + 1) if re.match(r"dieu 2\b", row.key)), start + 8
    )
    people = people_in(rows[start:end])
    if people:
        _set_owner(facts, people[:1])


def _process(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """Papers of the desk name the dossier's owner; "Kính gửi: Ông/Bà …" counts, an office does not."""
    owner = facts.fields["chu_so_huu"]
    if owner is not None and re.match(r"(?i)(ủy ban|ubnd|sở|phòng|trung tâm|bộ phận|chi cục)", owner.value):
        facts.fields["chu_so_huu"] = None
        owner = None
    if owner is None:
        people = people_in(_rows(sheets))
        if people:
            _set_owner(facts, people[:1])


def _applicant(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """Forms are their writer's: issuer none, number none; the signature's name stands in for a missing one."""
    facts.fields["co_quan_cap"] = None
    owner, signer = facts.fields["chu_so_huu"], facts.fields["nguoi_ky"]
    if owner is None and signer is not None:
        facts.put("chu_so_huu", Value(signer.value, signer.confidence * 0.85, signer.page, signer.box))
    if paper.code == "TKHT" and (table := _spouse_table(sheets)):
        _set_owner(facts, table[:1])
        facts.people = list(table)
    number = facts.fields["dinh_danh"]
    if number is not None and kind_of_id(number.value) == "bad":
        facts.fields["dinh_danh"] = None
    if facts.fields["dinh_danh"] is None:
        people = [p for p in people_in(_rows(sheets)) if p.identifier]
        if people and people[0].identifier and (owner is None or ratio(key(owner.value), key(people[0].name)) > 0.85):
            facts.put(
                "dinh_danh",
                Value(
                    people[0].identifier,
                    _sure(0.85, people[0].confidence),
                    people[0].identifier_page,
                    people[0].identifier_box,
                ),
            )


def _holder(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """Certificates that speak of their holder in running text ("cấp cho ông …", "xác nhận bà …")."""
    owner = facts.fields["chu_so_huu"]
    if paper.owner == "establishment" and (
        owner is None or owner.confidence < 0.7 or key(owner.value).startswith(_PUBLIC)
    ):
        firms = [p for p in people_in(_rows(sheets)) if key(p.name).startswith(_BODIES)]
        if firms:
            _set_owner(facts, firms[:1])
        elif owner is not None and key(owner.value).startswith(_PUBLIC):
            facts.fields["chu_so_huu"] = None
    if facts.fields["chu_so_huu"] is None:
        people = [p for p in people_in(_rows(sheets)) if not key(p.name).startswith(_PUBLIC)]
        if people:
            _set_owner(facts, people[:1])
    if facts.fields["dinh_danh"] is None and paper.owner != "establishment":
        for page, row in _rows(sheets):
            for number, _, _ in ids_in(row.text):
                if valid_cccd(number):
                    facts.put("dinh_danh", Value(number, _sure(0.75, row.segments[0].confidence), page, row.box))
                    return


def _minutes(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """Minutes say their day in the opening: "Hôm nay, ngày 01/11/2024, tại …"."""
    if facts.fields["ngay_cap"] is None:
        for page, row in _rows(sheets[:1]):
            if row.key.startswith("hom nay") and (days := dates_in(row.text)):
                facts.put("ngay_cap", Value(days[0].iso, _sure(0.95, _mean(row)), page, row.box))
                return


SPECIAL: Mapping[str, Special] = {
    **dict.fromkeys(("KS", "TLKS", "KH", "TLKH", "KT", "GCS"), _hotich),
    **dict.fromkeys(("HDCQ", "HD", "VBTK", "GUQ", "HDUQ"), _contract),
    **dict.fromkeys(("CCCD", "CMND", "HC", "GPLX", "BHXH"), _card),
    **dict.fromkeys(("CT01", "TKHT", "DDKBD", "DTT", "DXPXD", "DNDK", "DON", "TKT", "RUT"), _applicant),
    **dict.fromkeys(("GTN", "PBS", "PTC", "PXL", "TBD", "PKS"), _process),
    **dict.fromkeys(("DKDN", "DTDT"), _company),
    **dict.fromkeys(("TTHN", "CT07", "LLTP", "GKSK", "VB", "XNTN", "GPXD", "HKD", "GPKD"), _holder),
    "GCNQSDD": _land_certificate,
    "TLBD": _land_user,
    "HDON": _invoice,
    "BL": _receipt,
    "QD": _decision,
    "BB": _minutes,
}
