"""Marks that make a paper a copy: SAO Y (NĐ 30/2020), chứng thực (NĐ 23/2015), photocopy, signed by machine."""

from __future__ import annotations

import random
from dataclasses import replace

from bench.papers.facts import Facts, full_name, long_date
from sample_docs.painter.sheet import BLACK, RED, Flow

OFFICIAL = {"QD", "CV", "TB", "GPXD", "GPKD", "DTDT"}
CERTIFIED = {
    "KS",
    "TLKS",
    "KH",
    "TLKH",
    "TTHN",
    "KT",
    "LLTP",
    "VB",
    "GCNQSDD",
    "DKDN",
    "HKD",
    "GPKD",
    "QD",
    "GPXD",
    "CCCD",
    "GPLX",
    "BHXH",
    "XNTN",
    "HDCQ",
    "DTDT",
}
SIGNED = {
    "TLKS",
    "TLKH",
    "TTHN",
    "KT",
    "CT07",
    "LLTP",
    "GPXD",
    "HKD",
    "DKDN",
    "QD",
    "CV",
    "TB",
    "XNTN",
    "TBT",
    "PBS",
    "PTC",
    "TBD",
    "PXL",
    "GPKD",
}


def choose_kind(code: str, rng: random.Random, facts: Facts) -> str:
    """What kind of copy this paper is; only kinds that occur for its type."""
    dice = rng.random()
    if code in CERTIFIED and dice < 0.14:
        return "SAO_CHUNG_THUC"
    if code in OFFICIAL and dice < 0.24:
        return "SAO_Y"
    if code in SIGNED and facts.on.year >= 2021 and 0.24 <= dice < 0.36:
        return "DIEN_TU"
    if code in CERTIFIED and 0.36 <= dice < 0.41:
        return "SAO"
    return "CHINH"


def put_marks(flow: Flow, kind: str, rng: random.Random, facts: Facts) -> None:
    """Adds the marks of a kind of copy to written sheets."""
    {"SAO_Y": _sao_y, "SAO_CHUNG_THUC": _certified, "SAO": _photocopy, "DIEN_TU": _signed}.get(kind, lambda *_: None)(
        flow, rng, facts
    )


def _on_first(
    flow: Flow, text: str, x: float, y: float, size: float, *, style: str = "b", colour: tuple[int, int, int] = RED
) -> None:
    kept, flow.sheets = flow.sheets[1:], flow.sheets[:1]
    flow.text(text, x0=x, x1=x + 90, y=y, size=size, style=style, colour=colour, flow=False)
    flow.sheets.extend(kept)


def _sao_y(flow: Flow, rng: random.Random, facts: Facts) -> None:
    place = facts.place
    if rng.random() < 0.4:
        stamp = (
            f"{facts.on.isoformat()}T{rng.randint(7, 17):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}+07:00"
        )
        for i, text in enumerate(("SAO Y", f"Ủy ban nhân dân {place.ten}", stamp)):
            _on_first(flow, text, flow.width - 58, 4.0 + 3.6 * i, 8.5, style="r", colour=BLACK)
        return
    if rng.random() < 0.5:
        _on_first(flow, rng.choice(["SAO Y", "SAO Y BẢN CHÍNH", "SAO Y"]), flow.left + rng.uniform(-5, 12), 8.0, 15)
    flow.gap(0.6)
    flow.need(44)
    y = flow.y
    middle = flow.width / 2
    end = y
    for text, style in (
        ("ỦY BAN NHÂN DÂN", "r"),
        (place.ten.upper(), "b"),
        (f"Số: {rng.randint(2, 900)}/SY-UBND", "r"),
    ):
        end = flow.text(
            text, x0=flow.left - 4, x1=middle - 6, align="centre", style=style, flow=False, y=end, size=11.5
        )
    end = y
    for text, style in (
        (rng.choice(["SAO Y", "SAO Y BẢN CHÍNH"]), "b"),
        (f"{place.bare}, {long_date(facts.dates['d1'])}", "i"),
        (rng.choice(["TM. ỦY BAN NHÂN DÂN", "TL. CHỦ TỊCH"]), "b"),
        (rng.choice(["CHỦ TỊCH", "CHÁNH VĂN PHÒNG"]), "b"),
    ):
        end = flow.text(
            text, x0=middle, x1=flow.width - flow.right, align="centre", style=style, flow=False, y=end, size=11.5
        )
    flow.mark("scribble", middle + 18, end + 1, 28, 10, "sy")
    flow.mark("seal", middle + 4, end - 10, 33, 33, f"{place.tinh} * |UBND/{place.ten}", RED)
    flow.text(
        full_name(rng, True),
        x0=middle,
        x1=flow.width - flow.right,
        align="centre",
        style="b",
        flow=False,
        y=end + 14,
        size=11.5,
    )
    flow.y = end + 22


def _certified(flow: Flow, rng: random.Random, facts: Facts) -> None:
    place = facts.place
    flow.gap(0.4)
    flow.need(46)
    x = rng.choice([flow.left, flow.width / 2 - 4, flow.left + 22])
    y = flow.y
    colour = rng.choice([RED, RED, (36, 48, 150)])
    number = rng.randint(12, 9800)
    lines = [
        (
            rng.choice(
                ["CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH", "CHỨNG THỰC SAO ĐÚNG VỚI BẢN CHÍNH", "SAO ĐÚNG VỚI BẢN CHÍNH"]
            ),
            "b",
        ),
        (
            f"Số chứng thực: <h>{number}</h> Quyển số: {rng.randint(1, 12):02d}/{facts.on.year}-SCT/BS"
            if rng.random() < 0.5
            else f"Số chứng thực {number} quyển số {rng.randint(1, 12):02d}-SCT/BS",
            "r",
        ),
        (f"Ngày <h>{facts.dates['d1']:%d}</h> tháng <h>{facts.dates['d1']:%m}</h> năm {facts.dates['d1'].year}", "r"),
        (f"{rng.choice(['PHÓ CHỦ TỊCH', 'CHỦ TỊCH', 'CÔNG CHỨNG VIÊN'])}", "b"),
    ]
    for text, style in lines:
        y = flow.text(text, x0=x, x1=x + 92, align="centre", style=style, colour=colour, flow=False, y=y, size=11)
    if rng.random() < 0.7:
        flow.mark("box", x - 2, flow.y - 1.5, 96, y - flow.y + 22, "", colour)
    flow.mark("scribble", x + 32, y, 26, 10, "ct")
    flow.mark("seal", x + 14, y - 12, 32, 32, f"{place.tinh} * |UBND/{place.ten}", RED)
    flow.text(
        full_name(rng, rng.random() < 0.6),
        x0=x,
        x1=x + 92,
        align="centre",
        style="b",
        colour=colour,
        flow=False,
        y=y + 13,
        size=11,
    )
    flow.y = y + 22


def _photocopy(flow: Flow, rng: random.Random, facts: Facts) -> None:
    """All ink black, as a photocopier leaves it, and the desk's word that this is a copy."""
    for sheet in flow.sheets:
        sheet.inks[:] = [replace(ink, colour=BLACK) for ink in sheet.inks]
        sheet.marks[:] = [
            replace(m, colour=(70, 70, 72)) if m.kind in ("seal", "scribble", "guilloche") else m for m in sheet.marks
        ]
    _on_first(
        flow,
        rng.choice(["BẢN SAO", "BẢN PHOTO", "BẢN SAO (PHOTO)"]),
        flow.left + rng.uniform(-8, 100),
        5.5,
        13,
        colour=(60, 60, 62),
    )


def _signed(flow: Flow, rng: random.Random, facts: Facts) -> None:
    """A machine signature: its words over the place of signing, or at the top right; no pen has touched the paper."""
    issuer = facts.extra.get("cq") or f"Ủy ban nhân dân {facts.place.ten}"
    moment = f"{facts.on:%d.%m.%Y} {rng.randint(7, 17):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d} +07:00"
    for sheet in flow.sheets:
        spots = [m for m in sheet.marks if m.kind == "scribble"]
        sheet.marks[:] = [m for m in sheet.marks if m.kind != "scribble"]
        if spots and sheet is flow.sheets[-1]:
            spot = spots[-1]
            for i, text in enumerate(
                (f"Ký bởi: {issuer}", f"Cơ quan: {facts.place.tinh.capitalize()}", f"Thời gian ký: {moment}")
            ):
                flow.text(text, x0=spot.x - 16, x1=spot.x + 70, y=spot.y + 3.2 * i, size=7, colour=RED, flow=False)
            return
    _on_first(flow, f"Ký bởi: {issuer}", flow.width - 80, 4, 7, style="r")
    _on_first(flow, f"Thời gian ký: {moment}", flow.width - 80, 7.2, 7, style="r")
