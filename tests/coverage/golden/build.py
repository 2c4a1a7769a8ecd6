"""Builds the golden workbook: dossiers worked out case by case, and what they come to, as spreadsheet formulas.

The formulas are written from DOMAIN §1.4 and §6, not from the code that the workbook judges; LibreOffice computes them:

    python -m tests.coverage.golden.build

writes ``golden.xlsx`` with formulas and computed values. Run it again only when a case or a rule changes, and read the
differences.
"""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

FILE = Path(__file__).with_name("golden.xlsx")

# code, needs result paper, for citizens, has fee, may be online, result reusable, required components
PROCEDURES = (
    ("1.001193", 1, 1, 0, 1, 1, 2),
    ("1.004873", 1, 1, 1, 1, 1, 1),
    ("2.000815", 0, 1, 1, 0, 0, 1),
    ("2.001610", 1, 0, 1, 1, 1, 1),
    ("1.002600", 1, 0, 1, 1, 1, 3),
)
KS, HN, CT, DN, AT = (p[0] for p in PROCEDURES)
UNITS = (
    ("26068", "XA_PHUONG", 80),
    ("26041", "XA_PHUONG", 80),
    ("26020", "XA_PHUONG", 80),
    ("26005", "XA_PHUONG", 80),
    ("25303", "XA_PHUONG", 80),  # receives nothing in the week
    ("SKHCN", "SO_BAN_NGANH", 90),
    ("SNV", "SO_BAN_NGANH", 90),
)
INPUTS = (
    "Trường hợp",
    "Mã hồ sơ",
    "Mã đơn vị",
    "Mã TTHC",
    "Ngày tiếp nhận",
    "Trạng thái",
    "Hình thức nộp",
    "Loại đối tượng",
    "Số tệp thành phần",
    "Số tệp kết quả",
    "Đủ thành phần",
    "Văn bản từ chối",
    "Tái sử dụng",
    "Lấy từ kho",
    "Ký số lưu kho",
    "Xác thực VNeID",
    "Khai thác dữ liệu dân cư",
    "Đồng bộ",
    "Thanh toán trực tuyến",
    "Kho có giấy tờ",
)
WEEK2, WEEK3 = dt.date(2025, 8, 5), dt.date(2025, 8, 11)
YES, NO = "Có", "Không"


def cases() -> list[dict[str, Any]]:
    """Every dossier: the good one, changed in the ways that a rule looks at."""
    out: list[dict[str, Any]] = []

    def add(note: str, unit: str, **changes: Any) -> None:
        day = changes.get("day", WEEK3)
        mark = day or WEEK3
        out.append(
            {
                "Trường hợp": note,
                "Mã hồ sơ": f"H19.1-{mark:%y%m%d}-{len(out) + 1:04}",
                "Mã đơn vị": unit,
                "Mã TTHC": changes.get("procedure", KS),
                "Ngày tiếp nhận": day,
                "Trạng thái": changes.get("status", 9),
                "Hình thức nộp": changes.get("channel", "Trực tiếp"),
                "Loại đối tượng": changes.get("kind", "Cá nhân"),
                "Số tệp thành phần": changes.get("parts", 2),
                "Số tệp kết quả": changes.get("results", 1),
                "Đủ thành phần": changes.get("complete", YES),
                "Văn bản từ chối": changes.get("refusal"),
                "Tái sử dụng": changes.get("reused", YES),
                "Lấy từ kho": changes.get("store", NO),
                "Ký số lưu kho": changes.get("signed", YES),
                "Xác thực VNeID": changes.get("vneid", YES),
                "Khai thác dữ liệu dân cư": changes.get("population", NO),
                "Đồng bộ": changes.get("synced", YES),
                "Thanh toán trực tuyến": changes.get("paid"),
                "Kho có giấy tờ": changes.get("held", 0),
            }
        )

    for status, results, procedure in itertools.product(range(1, 11), (0, 1), (KS, CT)):
        add(
            "C1: trạng thái x tệp kết quả x TTHC có kết quả giấy",
            "26068",
            status=status,
            results=results,
            procedure=procedure,
        )
    for channel, parts, complete in itertools.product(
        ("Trực tiếp", "Trực tuyến", "Bưu chính", None), (0, 1, 2), (None, YES, NO)
    ):
        add("C2, C2b: kênh x số tệp x đủ thành phần", "26041", channel=channel, parts=parts, complete=complete)
    for status, refusal, results, parts in itertools.product((3, 7, 8), (None, YES, NO), (0, 1), (0, 1)):
        add("C4: từ chối, rút, dừng x văn bản", "26041", status=status, refusal=refusal, results=results, parts=parts)
    for kind, vneid, population in itertools.product(
        (None, "Cá nhân", "Tổ chức", "Hộ kinh doanh"), (None, YES, NO), (YES, NO)
    ):
        add("C3: loại chủ hồ sơ x danh tính", "SKHCN", kind=kind, vneid=vneid, population=population)
    for reused, store, signed, held in itertools.product((YES, NO), (YES, NO), (YES, NO), (0, 1)):
        add(
            "C5, 4.3, 4.4: tái sử dụng x kho",
            "SKHCN",
            procedure=AT,
            kind="Tổ chức",
            reused=reused,
            store=store,
            signed=signed,
            held=held,
            parts=3,
        )
    for synced, signed, results, procedure in itertools.product((None, YES, NO), (None, YES, NO), (0, 1), (HN, CT)):
        add(
            "C6, C7: đồng bộ x ký số x kết quả",
            "SNV",
            synced=synced,
            signed=signed,
            results=results,
            procedure=procedure,
        )
    for channel, paid, procedure in itertools.product(("Trực tiếp", "Trực tuyến"), (None, 0, 1, 2), (KS, HN, DN)):
        add(
            "thanh toán trực tuyến x phí",
            "26068",
            channel=channel,
            paid=paid,
            procedure=procedure,
            kind="Tổ chức" if procedure == DN else "Cá nhân",
        )
    for day in ("0807", "0808", "0814", "0815", "0825", "0826", "0829", "0801", "0731", None):
        add(
            "biên của các tuần",
            "26068",
            day=None if day is None else dt.date(2025, int(day[:2]), int(day[2:])),
            parts=0,
        )
    for unit in ("26020", "26005"):  # the same dossiers: a tie
        for n in range(8):
            add(
                "hai đơn vị bằng điểm",
                unit,
                procedure=CT,
                parts=n % 4,
                signed=NO,
                results=0,
                vneid=NO if n % 2 else YES,
            )
    for n in range(12):
        add("tuần trước, để so sánh", ("26068", "26041", "SNV")[n % 3], day=WEEK2, parts=n % 3, results=n % 2)
    add("không nhận hồ sơ nào trong tuần", "25303", day=WEEK2)
    return out


# Per dossier: name → formula over {columns of this row}. Written from DOMAIN §1.4 and §6.2.
ROW_FORMULAS = {
    "needs": "=VLOOKUP({Mã TTHC},TT!$A$2:$G$6,2,0)",
    "citizens": "=VLOOKUP({Mã TTHC},TT!$A$2:$G$6,3,0)",
    "fee": "=VLOOKUP({Mã TTHC},TT!$A$2:$G$6,4,0)",
    "can_online": "=VLOOKUP({Mã TTHC},TT!$A$2:$G$6,5,0)",
    "reusable": "=VLOOKUP({Mã TTHC},TT!$A$2:$G$6,6,0)",
    "required": "=VLOOKUP({Mã TTHC},TT!$A$2:$G$6,7,0)",
    "online": '=IF({Hình thức nộp}="Trực tuyến",1,0)',
    "person": '=IF({Loại đối tượng}="",{citizens},IF({Loại đối tượng}="Cá nhân",1,0))',
    "component": "=IF({Số tệp thành phần}>0,1,0)",
    "file": "=IF({Số tệp kết quả}>0,1,0)",
    "resolved": "=IF(OR({Trạng thái}=9,{Trạng thái}=10),1,0)",
    "stopped": "=IF(OR({Trạng thái}=3,{Trạng thái}=7,{Trạng thái}=8),1,0)",
    "stop_paper": '=IF({Văn bản từ chối}="Có",1,0)',
    "complete": '=IF({Đủ thành phần}="Có",1,IF({Đủ thành phần}="",IF({Số tệp thành phần}>={required},1,0),0))',
    "outcome": "=MAX({file},{stopped}*{stop_paper})",
    "reused": '=IF({Tái sử dụng}="Có",1,0)',
    "store": '=IF({Lấy từ kho}="Có",1,0)',
    "stored": '=IF({Ký số lưu kho}="Có",1,0)',
    "identity": '=IF(OR({Xác thực VNeID}="Có",{Khai thác dữ liệu dân cư}="Có"),1,0)',
    "sync": '=IF({Đồng bộ}="Có",1,0)',
    "paid": "=IF({Thanh toán trực tuyến}=1,{fee}*{online},0)",
    "fee_online": "={fee}*{online}",
    "i41": "={needs}*{outcome}",
    "i42": "={component}*IF({needs}=1,{outcome},1)",
    "i44": "=MAX({store},{stored})",
    "i45b": "=MAX({identity},{store})",
    "C1": "={resolved}*{needs}*(1-{file})",
    "C2": "=(1-{online})*(1-{component})",
    "C2b": "={online}*(1-{complete})",
    "C3": "={person}*(1-{identity})",
    "C4": "={stopped}*(1-{stop_paper})",
    "C5": "=(1-MAX({reused},{store}))*{Kho có giấy tờ}",
    "C6": "=1-{sync}",
    "C7": "={file}*{reusable}*(1-{stored})",
    "failing": "=MAX({C1},{C2},{C2b},{C3},{C4},{C5},{C6},{C7})",
    "resolved_needs": "={resolved}*{needs}",
    "resolved_has": "={resolved}*{needs}*{file}",
    # the dossier, were one check mended: does 4.x count it then, and not now?
    "C1_42": "={C1}*({component}*1-{i42})",
    "C2_42": "={C2}*(IF({needs}=1,{outcome},1)-{i42})",
    "C2b_42": "={C2b}*(IF({needs}=1,{outcome},1)-{i42})",
    "C4_41": "={C4}*({needs}-{i41})",
    "C4_42": "={C4}*({component}-{i42})",
    "C2b_43": "={C2b}*(1-{reused})",
    "C3_45b": "={C3}*(1-{i45b})",
    "C5_44": "={C5}*(1-{i44})",
    "C7_44": "={C7}*(1-{i44})",
    "week3": "=IF(AND({Ngày tiếp nhận}>=DATE(2025,8,8),{Ngày tiếp nhận}<=DATE(2025,8,14)),1,0)",
    "week2": "=IF(AND({Ngày tiếp nhận}>=DATE(2025,8,1),{Ngày tiếp nhận}<=DATE(2025,8,7)),1,0)",
}
SUMMED = (
    "component file resolved_needs resolved_has reused store needs i41 i42 i44 i45b sync paid fee_online "
    "C1 C2 C2b C3 C4 C5 C6 C7 failing "
    "C1_42 C2_42 C2b_42 C4_41 C4_42 C2b_43 C3_45b C5_44 C7_44"
)


def build() -> Workbook:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "HoSo"
    names = [*INPUTS, *ROW_FORMULAS]
    letter = {name: get_column_letter(at) for at, name in enumerate(names, start=1)}
    page.append(names)
    rows = cases()
    for number, row in enumerate(rows, start=2):
        here = {name: f"${at}{number}" for name, at in letter.items()}
        page.append([row[name] for name in INPUTS] + [_fill(formula, here) for formula in ROW_FORMULAS.values()])
        page.cell(number, INPUTS.index("Ngày tiếp nhận") + 1).number_format = "dd/mm/yyyy"
    last = len(rows) + 1
    kinds = book.create_sheet("TT")
    kinds.append(
        [
            "Mã TTHC",
            "có kết quả giấy",
            "người dân",
            "có phí",
            "trực tuyến",
            "kết quả tái sử dụng",
            "thành phần bắt buộc",
        ]
    )
    for procedure in PROCEDURES:
        kinds.append(list(procedure))
    _results(book, letter, last)
    return book


def _results(book: Workbook, letter: dict[str, str], last: int) -> None:
    """Sheet KetQua: one row a unit, the last one the province; week 3 of the campaign."""
    page = book.create_sheet("KetQua")

    def area(name: str) -> str:
        return f"HoSo!${letter[name]}$2:${letter[name]}${last}"

    heads: list[str] = ["unit", "level", "target", "received", "before_received", "before_i42", *SUMMED.split()]
    heads += ["citizen_procedures", "connected_procedures", "online_procedures", "online_used"]
    heads += ["rate", "trend", "met", "missing"]
    heads += ["p41", "p42", "p43", "p44", "p45a", "p45b", "points", "rank"]
    heads += ["docx_p42", "portal_p43"]
    heads += [f"gain_{c}" for c in ("C1", "C2", "C2b", "C3", "C4", "C5", "C6", "C7")]
    at = {name: get_column_letter(n) for n, name in enumerate(heads, start=1)}
    page.append(heads)
    end = len(UNITS) + 1
    for number, (unit, level, target) in enumerate((*UNITS, ("75", "TINH", None)), start=2):
        c = {name: f"{at[name]}{number}" for name in heads}
        mine = f"({area('Mã đơn vị')}={c['unit']})" if unit != "75" else f'({area("Mã đơn vị")}<>"")'

        def total(name: str, week: str = "week3", mine: str = mine) -> str:
            return f"=SUMPRODUCT({mine}*{area(week)}*{area(name)})"

        def procedures(column: str, holds: str, mine: str = mine) -> str:
            """Of the five procedures, those whose ``column`` is 1 with a dossier in the week for which ``holds``."""
            each = "+".join(
                f"(TT!{column}{row}=1)*(SUMPRODUCT({mine}*{area('week3')}*({area('Mã TTHC')}=TT!$A${row}){holds})>0)"
                for row in range(2, 2 + len(PROCEDURES))
            )
            return f"={each}"

        def points(num: str, den: str, most: int, cap: float = 1, c: dict[str, str] = c) -> str:
            return f'=IF({c[den]}=0,"",{most}*MIN(1,{c[num]}/{c[den]}/{cap}))'

        def gained(*parts: tuple[str, str, str, int, float], c: dict[str, str] = c) -> str:
            each = "+".join(
                f"IF({c[den]}=0,0,{most}*(MIN(1,({c[num]}+{c[more]})/{c[den]}/{cap})-MIN(1,{c[num]}/{c[den]}/{cap})))"
                for num, den, more, most, cap in parts
            )
            return f"={each}"

        values: dict[str, Any] = {"unit": unit, "level": level, "target": target}
        values |= {
            "received": f"=SUMPRODUCT({mine}*{area('week3')})",
            "before_received": f"=SUMPRODUCT({mine}*{area('week2')})",
        }
        values |= {"before_i42": total("i42", "week2")} | {name: total(name) for name in SUMMED.split()}
        values |= {
            "citizen_procedures": procedures("C", ""),
            "connected_procedures": procedures("C", f"*{area('i45b')}"),
            "online_procedures": procedures("E", ""),
            "online_used": procedures("E", f"*{area('online')}"),
            "rate": f'=IF({c["received"]}=0,"",{c["i42"]}/{c["received"]})',
            "trend": f'=IF(OR({c["received"]}=0,{c["before_received"]}=0),"",'
            f"{c['i42']}/{c['received']}-{c['before_i42']}/{c['before_received']})",
            "met": f'=IF(OR({c["target"]}="",{c["received"]}=0),"",'
            f"IF({c['i42']}*100>={c['target']}*{c['received']},1,0))",
            "missing": f"=MAX(0,-INT(-{c['target']}*{c['received']}/100)-{c['i42']})",
            "p41": points("i41", "needs", 6),
            "p42": points("i42", "received", 4),
            "p43": points("reused", "received", 2, 0.8),
            "p44": points("i44", "received", 4),
            "p45a": points("connected_procedures", "citizen_procedures", 2),
            "p45b": points("i45b", "received", 2),
            "points": f'=IF({c["received"]}=0,"",SUM({c["p41"]}:{c["p45b"]}))',
            "rank": "",
            "docx_p42": points("i42", "received", 4, 0.8),
            "portal_p43": points("component", "received", 2, 0.8),
            "gain_C1": gained(("i41", "needs", "C1", 6, 1), ("i42", "received", "C1_42", 4, 1)),
            "gain_C2": gained(("i42", "received", "C2_42", 4, 1)),
            "gain_C2b": gained(("i42", "received", "C2b_42", 4, 1), ("reused", "received", "C2b_43", 2, 0.8)),
            "gain_C3": gained(("i45b", "received", "C3_45b", 2, 1)),
            "gain_C4": gained(("i41", "needs", "C4_41", 6, 1), ("i42", "received", "C4_42", 4, 1)),
            "gain_C5": gained(("reused", "received", "C5", 2, 0.8), ("i44", "received", "C5_44", 4, 1)),
            "gain_C6": gained(("sync", "received", "C6", 6, 1)),
            "gain_C7": gained(("i44", "received", "C7_44", 4, 1)),
        }
        if unit != "75":
            levels, sums = f"$B$2:$B${end}", f"${at['points']}$2:${at['points']}${end}"
            # a hair's breadth, so that equal sums of decimals stay equal
            higher = f"SUMPRODUCT(({levels}={c['level']})*ISNUMBER({sums})*(N(+{c['points']})+0.0000001<{sums}))"
            values["rank"] = f'=IF({c["received"]}=0,"",1+{higher})'
        page.append([values[name] for name in heads])


def _fill(formula: str, cells: dict[str, str]) -> str:
    for name, cell in cells.items():
        formula = formula.replace("{" + name + "}", cell)
    return formula


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "in" / "golden.xlsx"
        plain.parent.mkdir()
        build().save(plain)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", "--headless", profile, "--convert-to", "xlsx", "--outdir", folder, str(plain)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        shutil.copy(Path(folder) / "golden.xlsx", FILE)


if __name__ == "__main__":
    main()
