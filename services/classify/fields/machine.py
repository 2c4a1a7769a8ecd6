"""QR codes and machine-readable lines: QR before MRZ before print (DOMAIN §8.2), and dossier codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.classify.catalogue import PaperType
from services.classify.codes import dossier_in, parse_cccd_qr, parse_mrz
from services.classify.fields.facts import Facts
from services.classify.layout import Sheet
from services.classify.model import Value
from services.ocr.model import Box, Page


def from_codes(facts: Facts, pages: Sequence[Page], paper: PaperType) -> None:
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


def dossier_code(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
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
