"""All fields of one paper: candidates from labels, the letterhead, codes and signatures; the best valid one is given.

A value's confidence is the product of how well its place was recognised, how surely the reader read it, and how well it
is formed. Two sources that say the same raise it, two that differ lower it. Ink that a pen left is never trusted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from services.classify.catalogue import PaperType
from services.classify.fields.calibrate import calibrate
from services.classify.fields.checks import check, handwriting
from services.classify.fields.common import inked, meets
from services.classify.fields.days import signing_day
from services.classify.fields.facts import Facts
from services.classify.fields.head_lines import Printed
from services.classify.fields.issuer import fuller_name, issuer_at_signature, value_of
from services.classify.fields.letterhead import Letterhead, read_letterhead
from services.classify.fields.machine import dossier_code, from_codes
from services.classify.fields.numbers import number_after_owner, only_number
from services.classify.fields.offices import right_marks
from services.classify.fields.printed import from_labels
from services.classify.fields.signer import find_signers
from services.classify.fields.special import SPECIAL
from services.classify.fields.told import Told, complete_owners, names_told
from services.classify.layout import Row, Segment, Sheet, union
from services.classify.model import CONTRACT_FIELDS, Value
from services.classify.text import clean_leaders
from services.classify.titles import Named

_OFFICIAL_HEADS = ("official", "process", "minutes", "permit")


def extract(sheets: Sequence[Sheet], paper: PaperType, named: Named | None, signed_by: Sequence[str] = ()) -> Facts:
    """The fields of a paper of this type that stands on these sheets (copy marks already taken off).

    ``signed_by``: the persons who signed it digitally.
    """
    facts = Facts()
    if not sheets:
        return facts
    head = read_letterhead(sheets[0], named.rows[0] if named and named.rows else None)
    from_labels(facts, sheets, paper)
    _from_letterhead(facts, head, paper, sheets)
    _abstract(facts, head, sheets[0], paper, named)
    told = names_told(sheets, signed_by)
    _signer(facts, sheets, paper, told)
    if facts.fields["nguoi_ky"] is None and len(signed_by) == 1 and paper.code not in _MANY_SIGN:
        facts.put("nguoi_ky", Value(signed_by[0], _SIGNED_BY, sheets[-1].number))
    from_codes(facts, [sheet.page for sheet in sheets], paper)
    special = SPECIAL.get(paper.code)
    if special:
        special(facts, sheets, paper, head)
    number_after_owner(facts, sheets, paper)
    only_number(facts, sheets, paper)
    complete_owners(facts, told)
    _issuer_if_missing(facts, sheets, paper)
    dossier_code(facts, sheets, paper)
    check(facts, sheets, paper)
    calibrate(facts, sheets)
    handwriting(facts, sheets, head)
    issuer = facts.fields["co_quan_cap"]
    if issuer is not None:
        facts.fields["co_quan_cap"] = replace(issuer, value=right_marks(issuer.value))
    for name in CONTRACT_FIELDS:
        if facts.fields[name] is None:
            facts.unread.setdefault(name, "not-found")
    return facts


def _from_letterhead(facts: Facts, head: Letterhead, paper: PaperType, sheets: Sequence[Sheet]) -> None:
    own = paper.head == "form"
    if head.number and not own and (paper.head not in ("card", "money") or paper.code == "TBT"):
        facts.put("so_ky_hieu", value_of(head.number, 0.97))
    if head.day and head.day_place and paper.code != "PKS":  # its days stand in a table
        day = Printed(head.day.iso, head.day_place.box, head.day_place.confidence, head.day_place.page)
        facts.put("ngay_cap", value_of(day, 0.96 if paper.head in _OFFICIAL_HEADS or own else 0.9))
    if head.agency and not own and paper.head not in ("contract", "deed", "proxy"):
        facts.put("co_quan_cap", value_of(fuller_name(head, sheets), 0.93))
    if paper.head == "extract" and paper.like == "civil":
        _extract_head(facts, head, sheets)
    if facts.fields["so_ky_hieu"] is None and head.blank_number is not None:
        facts.unread["so_ky_hieu"] = "handwritten" if inked(sheets[0].page, head.blank_number) else "not-found"
        if head.symbol:
            facts.more["ky_hieu"] = Value(head.symbol, 0.8, sheets[0].number, head.blank_number)
    printed_head = paper.like == "official" and head.motto  # its day stands in its head or nowhere
    if facts.fields["ngay_cap"] is None and not printed_head:
        signing_day(facts, sheets, paper)
    if facts.fields["ngay_cap"] is None and head.blank_day is not None:
        facts.unread["ngay_cap"] = "handwritten" if inked(sheets[0].page, head.blank_day) else "not-found"


def _extract_head(facts: Facts, head: Letterhead, sheets: Sequence[Sheet]) -> None:
    """An extract repeats the number, day and place of the first registration in its body; its own stand in its head."""
    if head.number is not None:
        facts.fields["so_ky_hieu"] = value_of(head.number, 0.97)
    if head.agency is not None:
        facts.fields["co_quan_cap"] = value_of(head.agency, 0.93)
    if head.day is not None and head.day_place is not None:
        place = head.day_place
        facts.fields["ngay_cap"] = value_of(Printed(head.day.iso, place.box, place.confidence, place.page), 0.96)
    elif head.agency is not None:
        facts.fields["ngay_cap"] = None


def _abstract(facts: Facts, head: Letterhead, first: Sheet, paper: PaperType, named: Named | None) -> None:
    """Trích yếu: behind "V/v" of a công văn, or the lines under the title."""
    facts.fields["trich_yeu"] = None
    if paper.like != "official" or paper.head == "permit":
        return
    if head.about and paper.code == "CV":
        facts.put("trich_yeu", value_of(head.about, 0.95))
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
        if (
            ":" in row.text
            or re.match(
                r"^(kinh gui|can cu|dieu 1|i |1 |phan |thuc hien |chu tich|uy ban nhan dan|giam doc|hom nay|ngay \d|bo "
                r"truong|thu tuong|truong )",
                text,
            )
            or re.fullmatch(r"\W*", row.text)
        ):
            break
        if (
            row.segments[0].capitals > 0.9
            and not parts
            and not re.match(r"ve viec", text)
            and paper.head == "official"
            and _is_body(text)
        ):
            break
        if len(row.segments) > 1 and not _centred(row, first):
            break
        if (
            first.boxed
            and title is not None
            and parts
            and abs(row.segments[0].middle - title.segments[0].middle) > 0.14 * first.width
        ):
            break
        parts += row.segments
        bottom = row.bottom
    if parts:
        text = clean_leaders(" ".join(part.text for part in parts)).strip(" .,-–—_*|~'`:")
        if len(text) >= 8:
            sure = sum(part.confidence for part in parts) / len(parts)
            facts.put(
                "trich_yeu",
                Value(text, round(0.92 * (0.35 + 0.65 * sure), 4), first.number, union(part.box for part in parts)),
            )


def _centred(row: Row, sheet: Sheet) -> bool:
    """One centred line in which a lost word left a gap, not two columns."""
    gaps = [after.box.left - before.box.right for before, after in pairwise(row.segments)]
    return (
        sheet.boxed
        and max(gaps) < 6 * sheet.letter_px
        and abs((row.box.left + row.box.right) / 2 - sheet.width / 2) < 0.06 * sheet.width
    )


def _is_body(text: str) -> bool:
    return re.match(r"^(uy ban|ubnd|chu tich|giam doc|so |truong|hoi dong|bo )", text) is not None


_SIGNED_BY = 0.85  # a name that stands only in the digital signature
_MANY_SIGN = ("HD", "HDON", "BB", "PKS")  # signed by several, none of them its issuer


def _signer(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, told: Sequence[Told]) -> None:
    if paper.code in _MANY_SIGN:
        return
    signers = find_signers(sheets, told)
    if paper.head in ("form", "proxy") and paper.code != "HDUQ":
        headed = [one for one in signers if one.heading and not one.receives]
        wanted = [one for one in headed if not one.office] or headed
    else:
        wanted = [
            one
            for one in signers
            if one.office and (one.right or paper.head in ("card", "drawing", "deed", "contract"))
        ]
    if not wanted:
        return
    one = wanted[0]
    sure = 0.93 * one.quality * (0.35 + 0.65 * one.confidence) * (0.9 if len(wanted) > 1 else 1.0)
    stamped = any(
        meets(stamp, one.box) for sheet in sheets if sheet.number == one.page for stamp in sheet.page.red_stamps
    )
    facts.put("nguoi_ky", Value(one.name, round(sure * (0.95 if stamped else 1.0), 4), one.page, one.box))


def _issuer_if_missing(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
    """The body above the signature ("TM. ỦY BAN NHÂN DÂN XÃ …", "GIÁM ĐỐC CÔNG AN TỈNH …"), where no head names one."""
    if paper.head in ("form", "proxy", "minutes", "money", "drawing") or paper.code in ("HD", "PKS"):
        return
    value = facts.fields["co_quan_cap"]
    if value is None or value.confidence < 0.5:
        found = issuer_at_signature(sheets)
        if found is not None:
            facts.fields["co_quan_cap"] = found
