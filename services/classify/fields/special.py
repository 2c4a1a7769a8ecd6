"""What single types need beyond labels; ``SPECIAL`` says which room looks after which type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from services.classify.catalogue import PaperType
from services.classify.codes import GCN_SERIAL, dates_in, ids_in, kind_of_id, valid_cccd
from services.classify.fields.business import company, invoice, receipt
from services.classify.fields.cards import card
from services.classify.fields.civil import birth_paper, civil_paper, spouse_table
from services.classify.fields.common import BODIES, PUBLIC, Special, mean_confidence, rows_of, set_owner, sure
from services.classify.fields.contracts import contract
from services.classify.fields.facts import Facts
from services.classify.fields.letterhead import Letterhead
from services.classify.fields.people import people_in
from services.classify.layout import Sheet
from services.classify.model import Value
from services.classify.text import key, ratio


def _land_certificate(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """The serial (two letters, six or eight digits) is the certificate's number;
    the register number is kept beside it.
    """
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
                    f"{match.group(1)} {match.group(2)}", sure(0.96, segment.confidence), sheet.number, segment.box
                )
                break
        if serial:
            break
    number = facts.fields["so_ky_hieu"]
    if serial is not None:
        facts.fields["so_ky_hieu"] = serial
    elif number is not None and not GCN_SERIAL.fullmatch(number.value):
        facts.fields["so_ky_hieu"] = None
    people = [p for p in people_in(rows_of(sheets)[:30]) if not re.search(r"tôi|công ty", p.heading)]
    if people:
        set_owner(facts, people)


def _land_user(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    if facts.fields["chu_so_huu"] is None:
        people = people_in(rows_of(sheets))
        if people:
            set_owner(facts, people[:1])


def _decision(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """The person a decision is about: the first one named in Điều 1."""
    rows = rows_of(sheets)
    start = next((i for i, (_, row) in enumerate(rows) if re.match(r"dieu 1\b", row.key)), None)
    if start is None:
        return
    end = next(
        (i for i, (_, row) in enumerate(rows[start + 1 :], start + 1) if re.match(r"dieu 2\b", row.key)), start + 8
    )
    people = people_in(rows[start:end])
    if people:
        set_owner(facts, people[:1])


def _process(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """Papers of the desk name the dossier's owner; "Kính gửi: Ông/Bà …" counts, an office does not."""
    owner = facts.fields["chu_so_huu"]
    if owner is not None and re.match(r"(?i)(ủy ban|ubnd|sở|phòng|trung tâm|bộ phận|chi cục)", owner.value):
        facts.fields["chu_so_huu"] = None
        owner = None
    if owner is None:
        people = people_in(rows_of(sheets))
        if people:
            set_owner(facts, people[:1])


def _applicant(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """Forms are their writer's: issuer none, number none; the signature's name stands in for a missing one."""
    facts.fields["co_quan_cap"] = None
    owner, signer = facts.fields["chu_so_huu"], facts.fields["nguoi_ky"]
    if owner is None and signer is not None:
        facts.put("chu_so_huu", Value(signer.value, signer.confidence * 0.85, signer.page, signer.box))
    if paper.code == "TKHT" and (table := spouse_table(sheets)):
        set_owner(facts, table[:1])
        facts.people = list(table)
    number = facts.fields["dinh_danh"]
    if number is not None and kind_of_id(number.value) == "bad":
        facts.fields["dinh_danh"] = None
    if facts.fields["dinh_danh"] is None:
        people = [p for p in people_in(rows_of(sheets)) if p.identifier]
        if people and people[0].identifier and (owner is None or ratio(key(owner.value), key(people[0].name)) > 0.85):
            facts.put(
                "dinh_danh",
                Value(
                    people[0].identifier,
                    sure(0.85, people[0].confidence),
                    people[0].identifier_page,
                    people[0].identifier_box,
                ),
            )


def _holder(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """Certificates that speak of their holder in running text ("cấp cho ông …", "xác nhận bà …")."""
    owner = facts.fields["chu_so_huu"]
    if paper.owner == "establishment" and (
        owner is None or owner.confidence < 0.7 or key(owner.value).startswith(PUBLIC)
    ):
        firms = [p for p in people_in(rows_of(sheets)) if key(p.name).startswith(BODIES)]
        if firms:
            set_owner(facts, firms[:1])
        elif owner is not None and key(owner.value).startswith(PUBLIC):
            facts.fields["chu_so_huu"] = None
    if facts.fields["chu_so_huu"] is None:
        people = [p for p in people_in(rows_of(sheets)) if not key(p.name).startswith(PUBLIC)]
        if paper.owner != "establishment":
            people = [p for p in people if not key(p.name).startswith(BODIES)] or people
        if people:
            set_owner(facts, people[:1])
    if facts.fields["dinh_danh"] is None and paper.owner != "establishment":
        for page, row in rows_of(sheets):
            for number, _, _ in ids_in(row.text):
                if valid_cccd(number):
                    facts.put("dinh_danh", Value(number, sure(0.75, row.segments[0].confidence), page, row.box))
                    return


def _minutes(facts: Facts, sheets: Sequence[Sheet], paper: PaperType, head: Letterhead) -> None:
    """Minutes say their day in the opening: "Hôm nay, ngày 01/11/2024, tại …"."""
    if facts.fields["ngay_cap"] is None:
        for page, row in rows_of(sheets[:1]):
            if row.key.startswith("hom nay") and (days := dates_in(row.text)):
                facts.put("ngay_cap", Value(days[0].iso, sure(0.95, mean_confidence(row)), page, row.box))
                return


SPECIAL: Mapping[str, Special] = {
    **dict.fromkeys(("KS", "TLKS", "KH", "TLKH", "KT"), civil_paper),
    **dict.fromkeys(("HDCQ", "HD", "VBTK", "GUQ", "HDUQ"), contract),
    **dict.fromkeys(("CCCD", "CMND", "HC", "GPLX", "BHXH"), card),
    **dict.fromkeys(("CT01", "TKHT", "DDKBD", "DTT", "DXPXD", "DNDK", "DON", "TKT", "RUT"), _applicant),
    **dict.fromkeys(("GTN", "PBS", "PTC", "PXL", "TBD", "PKS"), _process),
    **dict.fromkeys(("DKDN", "DTDT"), company),
    **dict.fromkeys(("TTHN", "CT07", "LLTP", "GKSK", "VB", "XNTN", "GPXD", "HKD", "GPKD"), _holder),
    "GCS": birth_paper,
    "GCNQSDD": _land_certificate,
    "TLBD": _land_user,
    "HDON": invoice,
    "BL": receipt,
    "QD": _decision,
    "BB": _minutes,
}
