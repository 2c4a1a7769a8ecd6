"""Contracts, deeds and proxies: their parties, the notary, the day they were made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from services.classify.catalogue import PaperType
from services.classify.codes import dates_in, ids_in, kind_of_id
from services.classify.fields.common import BODIES, mean_confidence, rows_of, set_owner, sure
from services.classify.fields.facts import Facts
from services.classify.fields.letterhead import Letterhead
from services.classify.fields.people import Person, people_in, running_text
from services.classify.fields.signer import notary_in
from services.classify.layout import Row, Sheet
from services.classify.model import Value
from services.classify.text import key
from services.vietnamese import strip_marks

_PARTY = re.compile(
    r"^\W*(?:[0-9ivx]{1,4} |[a-z] )?(?:ben|nguoi|dai dien ben)\s+(a|b|c|chuyen nhuong|nhan chuyen "
    r"nhuong|tang cho|duoc tang cho|nhan tang cho|uy quyen|duoc uy quyen|nhan uy quyen|cho thue|thue|ban|mua|the "
    r"chap|nhan the chap|giao thau|nhan thau|cho vay|vay|de lai di san|thua ke|lap di chuc|thoa thuan|khai nhan|su "
    r"dung lao dong|lao dong|dat coc|nhan dat coc|cung cap|su dung|chu dau tu|thi cong|giao|nhan)\b"
)
_TAKERS = ("nhan chuyen nhuong", "duoc tang cho", "nhan tang cho", "b")
_END = re.compile(
    r"^(dieu 1|dieu i|hai ben|cac ben|cung nhau|cung thoa thuan|bang hop dong|bang van ban|noi dung|loi chung)"
)


def _parties(sheets: Sequence[Sheet]) -> list[tuple[str, list[Person]]]:
    """Party headings and the people under each."""
    blocks: list[tuple[str, list[tuple[int, Row]]]] = []
    for page, row in rows_of(sheets):
        text = row.key
        if blocks and _END.match(text):
            break
        match = _PARTY.match(text)
        short = 0 < row.text.find(":") < 60 or (
            len(text) < 75 and re.search(r"\(\s*(?:gọi là\s*)?[Bb]ên\b|BÊN [AB]\b", row.text) is not None
        )
        if match and short:
            blocks.append((match.group(1), []))
        if blocks:
            blocks[-1][1].append((page, row))
    return [(name, people_in(rows)) for name, rows in blocks]


def contract(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    sides = _parties(sheets)
    parties = [(name, people) for name, people in sides if people]
    if paper.owner == "receiver":
        parties = [(_TAKERS[0] if name == "nhan" else name, people) for name, people in parties]
        wanted = next((people for name, people in parties if name in _TAKERS and name != "b"), None) or (
            parties[1][1] if len(parties) > 1 else None
        )
    elif paper.owner == "party_b":
        natural = [people for _, people in parties if not key(people[0].name).startswith(BODIES)]
        asked = natural or [people for _, people in parties]
        wanted = asked[0] if asked else None
    elif paper.owner == "giver":
        wanted = sides[0][1] if sides else None  # never the other side, where this one's name was not read
    else:
        wanted = parties[-1][1] if parties else None
    if wanted:
        set_owner(facts, wanted[:1] if paper.owner != "receiver" else wanted, all_names=False)
    else:
        everyone = people_in(rows_of(sheets)[:60])
        if everyone and not sides and paper.code in ("GUQ", "VBTK", "HDUQ", "HD"):
            set_owner(facts, everyone[:1])
            _doubt_among_several(facts, sheets)
    if paper.code == "GUQ" and head.agency is not None and key(head.agency.text).startswith(BODIES):
        firm = next(
            (p for p in people_in(rows_of(sheets)[:24]) if p.identifier and kind_of_id(p.identifier) == "mst"), None
        )
        number = (
            firm.identifier
            if firm
            else next(
                (n for _, row in rows_of(sheets)[:24] for n, _, _ in ids_in(row.text) if kind_of_id(n) == "mst"), None
            )
        )
        agency = head.agency
        if number:
            whole = next(
                (p.name for p in people_in(rows_of(sheets)[:24]) if key(p.name).startswith(key(agency.text)[:12])),
                agency.text,
            )
            name = whole if len(whole) >= len(agency.text) else agency.text
            set_owner(
                facts, [Person(name, 0.95, agency.page, agency.box, agency.confidence, number, agency.box, agency.page)]
            )
            facts.fields["co_quan_cap"] = Value(name, sure(0.9, agency.confidence), agency.page, agency.box)
    for name, people in parties:
        facts.more.setdefault(
            f"ben_{name.replace(' ', '_')}",
            Value("; ".join(p.name for p in people), 0.85, people[0].page, people[0].box),
        )
    _notary(facts, sheets)


def _doubt_among_several(facts: Facts, sheets: Sequence[Sheet]) -> None:
    """The first person named may be the second, where the first one's name was not read."""
    text = "\n".join(sheet.text for sheet in sheets)
    if len({number for number, _, _ in ids_in(text) if kind_of_id(number) == "cccd"}) < 2:
        return
    for name in ("chu_so_huu", "dinh_danh"):
        value = facts.fields[name]
        if value is not None:
            facts.fields[name] = replace(value, confidence=min(value.confidence, 0.88))


def _notary(facts: Facts, sheets: Sequence[Sheet]) -> None:
    """The notary's number, office, name and the day: in the attestation at the end, or in the contract's opening."""
    told = running_text(rows_of(sheets))
    found = re.search(
        r"[Ss]ố (?:công chứng|chứng thực)\s*[:.]?\s*([0-9]{1,6}(?:\s?[./-]\s?[0-9A-ZĐ][0-9A-ZĐa-z.,\-/]*)?)", told.text
    )
    if found:
        page, row = told.row_at(found.start(1))
        facts.put(
            "so_ky_hieu",
            Value(
                found.group(1).replace(" ", "").rstrip(".,-/"),
                0.5 if found.group(1).rstrip(" .,").endswith("/") else sure(0.93, mean_confidence(row)),
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
            text = f"Văn {text[0].lower()}{text[1:]}"  # only numbered offices are "Phòng"
        facts.put("co_quan_cap", Value(text, sure(0.85, mean_confidence(row)), page, row.box))
    else:
        commune = re.search(
            r"[Tt]ại\s+(?:trụ sở\s+)?((?:Ủy ban nhân dân|Uỷ ban nhân dân|UBND)\s+(?:xã|phường|thị trấn)\s+"
            r"[^,;.\n]{2,30})",
            told.text,
        )
        if commune:
            page, row = told.row_at(commune.start(1))
            facts.put(
                "co_quan_cap",
                Value(" ".join(commune.group(1).split()), sure(0.85, mean_confidence(row)), page, row.box),
            )
    name = notary_in(" ".join(told.text.split()))
    if name:
        page, row = told.row_at(max(0, told.text.find(name.split()[0] + " ")))
        facts.fields["nguoi_ky"] = Value(name, 0.85, page, None)
    for page, row in rows_of(sheets):
        made = re.search(r"(^|[:.,] ?)(hom nay|hop dong nay duoc lap)|^ngay ", strip_marks(row.text).lower())
        days = [day for day in dates_in(row.text) if made is not None and day.end > made.start()]
        if days:
            facts.put("ngay_cap", Value(days[0].iso, sure(0.97, mean_confidence(row)), page, row.box))
            break


_NOTARY_NUMBER = re.compile(
    r"(?:[Cc]ông chứng|[Cc]hứng nhận|[Cc]hứng thực)[^.]{0,120}?\bsố\s+(\d{1,6}\s?(?:TP/CC[\w/-]*|/CC\w*|"
    r"[-/]SCT[\w/,-]*))"
)
_OFFICE_OF_NOTARY = re.compile(
    r"(?:[Vv]ăn phòng [Cc]ông chứng|VĂN PHÒNG CÔNG CHỨNG|[Pp]hòng [Cc]ông chứng|PHÒNG CÔNG CHỨNG)\s+(?:[Ss]ố\s+\d+|"
    r"(?:[A-ZĐÀ-Ỹ][\wÀ-ỹ]*\s*){1,6})(?:[, ]+tỉnh\s+(?:[A-ZĐÀ-Ỹ][\wÀ-ỹ]*\s*){1,3})?"
)
