"""Cards: identity cards, passports, driving licences, insurance."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.classify.catalogue import PaperType
from services.classify.codes import ids_in, kind_of_id, valid_cccd
from services.classify.fields.common import mean_confidence, sure
from services.classify.fields.facts import Facts
from services.classify.fields.letterhead import Letterhead
from services.classify.fields.values import person_name
from services.classify.layout import Sheet
from services.classify.model import Value
from services.classify.text import key
from services.classify.titles import is_motto


def card(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """The twelve digits are the card's number and its holder's; nine on the old card."""
    wanted = {"CCCD": ("cccd",), "CMND": ("cmnd",)}.get(paper.code)
    facts_number = facts.fields["dinh_danh"]
    if wanted and (facts_number is None or kind_of_id(facts_number.value) not in wanted):
        facts.fields["dinh_danh"] = facts.fields["so_ky_hieu"] = None
        for sheet in sheets:
            for row in sheet.rows:
                for number, _, _ in ids_in(row.text):
                    if kind_of_id(number) in wanted:
                        value = Value(number, sure(0.93, row.segments[0].confidence), sheet.number, row.box)
                        facts.put("dinh_danh", value)
    if paper.code == "CCCD" and facts.fields["dinh_danh"] is None:
        for sheet in sheets:
            for row in sheet.rows:
                machine = re.search(r"VNM\d{10}(0\d{11})<", row.text.replace(" ", ""))
                if machine and valid_cccd(machine.group(1)):
                    facts.put("dinh_danh", Value(machine.group(1), 0.8, sheet.number, row.box))
    if wanted and facts.fields["dinh_danh"] is not None:
        facts.fields["so_ky_hieu"] = facts.fields["dinh_danh"]
    if paper.code == "GPLX" and facts.fields["so_ky_hieu"] is None:
        for sheet in sheets:
            for row in sheet.rows:
                alone = re.fullmatch(r"\D{0,12}(\d{12})\D{0,3}", row.text)
                if alone:
                    facts.put(
                        "so_ky_hieu", Value(alone.group(1), sure(0.9, mean_confidence(row)), sheet.number, row.box)
                    )
    if paper.code == "BHXH":
        _insurance_number(facts, sheets)
        told = facts.fields["dinh_danh"]
        if told is not None and kind_of_id(told.value) != "cccd":
            facts.fields["dinh_danh"] = None  # the number of the insurance, not of the person
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
    """A health card's number has two letters and 13 digits, often in groups;
    a social-insurance book's has ten digits.
    """
    for sheet in sheets:
        for row in sheet.rows:
            match = re.search(r"\b([A-Z]{2}(?:\s?\d){13})(?!\d)", row.text)
            if match:
                facts.fields["so_ky_hieu"] = Value(
                    match.group(1), sure(0.95, mean_confidence(row)), sheet.number, row.box
                )
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
                        match.group(1), sure(0.93, row.segments[0].confidence), sheet.number, row.box
                    )
                    return


def _capital_name(facts: Facts, sheets: Sequence[Sheet]) -> None:
    """The holder's name stands alone in capitals."""
    for sheet in sheets:
        for segment in sheet.segments:
            if segment.capitals > 0.95 and not is_motto(segment.key):
                name = person_name(segment.text)
                if name is not None and name.quality > 0.84 and len(name.value) >= len(segment.text) - 3:
                    facts.put("chu_so_huu", Value(name.value, sure(0.8, segment.confidence), sheet.number, segment.box))
                    return


def _card_issuer(facts: Facts, sheets: Sequence[Sheet]) -> None:
    facts.fields["co_quan_cap"] = None
    for sheet in reversed(sheets):
        text = " ".join(row.key for row in sheet.rows)
        if "quan ly hanh chinh ve trat tu xa hoi" in text and "canh sat" in text:
            row = next(row for row in sheet.rows if "quan ly hanh chinh" in row.key or "trat tu" in row.key)
            words = "Cục Cảnh sát quản lý hành chính về trật tự xã hội"
            facts.put("co_quan_cap", Value(words, sure(0.93, row.segments[0].confidence), sheet.number, row.box))
            return
    for sheet in reversed(sheets):
        for row in sheet.rows:
            if re.search(r"\bbo cong an\b", row.key):
                facts.put(
                    "co_quan_cap", Value("BỘ CÔNG AN", sure(0.9, row.segments[0].confidence), sheet.number, row.box)
                )
                return
            if "canh sat" in row.key and ("cuc" in row.key or "quan ly" in row.key):
                text = re.sub(r"(?i)^.*?(cục trưởng\s+)?(?=cục cảnh sát)", "", row.text).strip(" .,:")
                facts.put("co_quan_cap", Value(text, sure(0.85, row.segments[0].confidence), sheet.number, row.box))
                return
