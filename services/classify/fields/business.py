"""Companies, invoices and receipts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from services.classify.catalogue import PaperType
from services.classify.codes import dates_in, ids_in, kind_of_id, valid_mst
from services.classify.fields.common import mean_confidence, rows_of, set_owner, sure
from services.classify.fields.facts import Facts
from services.classify.fields.letterhead import Letterhead
from services.classify.fields.people import Person, people_in
from services.classify.fields.values import parse_name
from services.classify.layout import Row, Sheet
from services.classify.model import Value
from services.classify.text import key


def company(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """A company's certificate: the code of ten digits with a right check digit is number and identifier alike."""
    for name in ("dinh_danh", "so_ky_hieu"):
        value = facts.fields[name]
        if value is not None and re.fullmatch(r"\d{10}(-\d{3})?", value.value) and not valid_mst(value.value):
            facts.fields[name] = Value(value.value, min(value.confidence, 0.5), value.page, value.box)
            facts.conflicts.add(name)
    person = facts.fields["dinh_danh"]
    if paper.code == "DKDN" and person is not None and kind_of_id(person.value) in ("cccd", "cmnd"):
        facts.fields["dinh_danh"] = None  # its director's, not the company's
    if paper.code == "DKDN" and facts.fields["dinh_danh"] is None:
        for page, row in rows_of(sheets[:1])[:14]:
            told = next((n for n, _, _ in ids_in(row.text) if valid_mst(n)), None)
            if told and re.search(r"ma so|doanh|nghiep", row.key):
                facts.put("dinh_danh", Value(told, sure(0.9, mean_confidence(row)), page, row.box))
                break
    identifier, number = facts.fields["dinh_danh"], facts.fields["so_ky_hieu"]
    if paper.code == "DKDN" and number is None and identifier is not None:
        facts.fields["so_ky_hieu"] = identifier
    if facts.fields["chu_so_huu"] is None or facts.fields["dinh_danh"] is None:
        firms = [
            p for p in people_in(rows_of(sheets)) if key(p.name).startswith(("cong ty", "doanh nghiep", "hop tac xa"))
        ]
        if firms:
            firm, owner = firms[0], facts.fields["chu_so_huu"]
            if owner is not None and ":" not in owner.value and key(owner.value).startswith(key(firm.name)):
                firm = replace(firm, name=owner.value)  # its label gave the end of the name too
            own = firm.identifier is not None and kind_of_id(firm.identifier) not in ("cccd", "cmnd")
            set_owner(facts, [firm if own else replace(firm, identifier=None)])  # the number may be its director's
    number = facts.fields["so_ky_hieu"]
    if facts.fields["dinh_danh"] is None and number is not None and re.fullmatch(r"\d{10}(-\d{3})?", number.value):
        facts.fields["dinh_danh"] = number
    if paper.code == "DKDN":
        _registration_day(facts, sheets)


def _registration_day(facts: Facts, sheets: Sequence[Sheet]) -> None:
    """Issued on the day of the last change, or of the first registration: "Đăng ký thay đổi lần thứ: 3, ngày …"."""
    best: tuple[str, int, Row] | None = None
    unread = False
    for page, row in rows_of(sheets[:1]):
        if re.search(r"dang ky (lan dau|thay doi|lan)", row.key):
            days = dates_in(row.text)
            unread = unread or (not days and re.search(r"thay doi lan.*\d{4}", row.key) is not None)
            for day in days:
                if best is None or day.iso >= best[0]:
                    best = (day.iso, page, row)
    if best is not None:
        place = 0.6 if unread else 0.96  # a later change whose day was not read
        facts.fields["ngay_cap"] = Value(best[0], sure(place, best[2].segments[0].confidence), best[1], best[2].box)


def invoice(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """Seller first, buyer second;
    each with the tax number behind it. The seller issued the paper and is its first owner.
    """
    rows = rows_of(sheets)
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


def receipt(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """A tax number above the payer's name is the collecting body's, not the payer's."""
    owner, number = facts.fields["chu_so_huu"], facts.fields["dinh_danh"]
    if owner is not None and key(owner.value).startswith(("ngan hang", "kho bac")):
        facts.fields["chu_so_huu"] = owner = None
    same_page = owner is not None and number is not None and number.page == owner.page
    if same_page and owner and number and owner.box and number.box and number.box.bottom < owner.box.top + 8:
        facts.fields["dinh_danh"] = None
    if facts.fields["chu_so_huu"] is None and facts.fields["nguoi_ky"] is not None:
        people = [p for p in people_in(rows_of(sheets)) if p.identifier]
        if people:
            set_owner(facts, people[:1])


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
                    number = Value(told, sure(quality, segment.confidence), page, segment.box)
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
                    name = Value(parsed.value, sure(parsed.quality, segment.confidence), page, segment.box)
        if number is not None and name is not None:
            break
    return name, number
