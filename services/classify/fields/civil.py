"""Civil status: numbers of its registers, and both spouses of a marriage certificate."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.classify.catalogue import PaperType
from services.classify.codes import HOTICH, dates_in, ids_in, kind_of_id
from services.classify.fields.common import sure
from services.classify.fields.facts import Facts
from services.classify.fields.letterhead import Letterhead
from services.classify.fields.people import Person
from services.classify.fields.values import person_name
from services.classify.layout import Row, Segment, Sheet
from services.classify.model import Value
from services.classify.text import key, ratio


def _spouses(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """Both spouses own the paper; each half of the two-column form gives a name, a birth date and a number."""
    table = spouse_table(sheets)
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


def spouse_table(sheets: Sequence[Sheet]) -> tuple[Person, ...]:
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


def civil_paper(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """Civil-status number ``125/2025`` or ``12/2024-BS`` where no label gave one; both spouses."""
    if facts.fields["so_ky_hieu"] is None:
        for sheet in sheets[:1]:
            for row in sheet.rows[:14]:
                match = HOTICH.search(row.text)
                if match and re.match(r"s", row.key):
                    facts.put("so_ky_hieu", Value(match.group(1), 0.7, sheet.number, row.box))
                    break
    if paper.code in ("KH", "TLKH"):
        _spouses(facts, sheets, paper, head)


_HOSPITAL = re.compile(r"(benh vien|trung tam y te|tram y te|nha ho sinh|phong kham|khoa |cum y te)")


def birth_paper(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """A certificate of live birth is issued where the child was born, when its head names no body."""
    civil_paper(facts, sheets, paper, head)
    if facts.fields["co_quan_cap"] is not None:
        return
    for sheet in sheets:
        for row in sheet.rows:
            label, colon, told = row.segments[0].text.partition(":")
            if colon and re.match(r"(noi sinh|tai|da sinh con tai)\b", key(label)) and _HOSPITAL.match(key(told)):
                place = row.segments[0]
                facts.put("co_quan_cap", Value(told.strip(" .,"), sure(0.8, place.confidence), sheet.number, place.box))
                return
