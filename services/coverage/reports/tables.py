"""The four tables of a report as values (DOMAIN §11), laid out once for the spreadsheet and the document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from services.coverage import metrics
from services.coverage.metrics import Rate
from services.coverage.report import CoverageReport, UnitReport
from services.coverage.reports import words
from services.coverage.reports.book import Book
from services.coverage.reports.prose import whole

Kind = Literal["text", "count", "percent", "delta", "points", "target"]
Value = str | int | Fraction | Decimal | None

BLOCKS = (("SO_BAN_NGANH", "I", "Sở, ban, ngành"), ("XA_PHUONG", "II", "UBND xã, phường"))


@dataclass(frozen=True, slots=True)
class Column:
    """``group`` is the heading above neighbouring columns that share it. ``width`` in characters."""

    title: str
    kind: Kind
    width: int = 11
    group: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """``style``: an ordinary line, the head of a block, a block's sum or the grand total."""

    cells: tuple[Value, ...]
    style: Literal["line", "block", "total"] = "line"


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def all_tables(book: Book) -> tuple[Table, ...]:
    return digitization_table(book.report), weeks_table(book), points_table(book.report), causes_table(book)


def digitization_table(of: CoverageReport) -> Table:
    """Bảng 1. Invariants: chưa + có = tiếp nhận; chưa + đã = đã giải quyết; the total is the sum of units."""
    received, resolved = "Số hóa hồ sơ khi tiếp nhận", "Số hóa kết quả (TTHC có kết quả là giấy tờ)"
    columns = (
        Column("STT", "count", 6),
        Column("Đơn vị", "text", 34),
        Column("Tiếp nhận", "count"),
        Column("Chưa số hóa TPHS", "count", group=received),
        Column("Có số hóa TPHS", "count", group=received),
        Column("Có tái sử dụng thành phần", "count", group=received),
        Column("Có tái sử dụng từ Cổng DVCQG", "count", group=received),
        Column("Đã giải quyết", "count", group=resolved),
        Column("Chưa số hóa", "count", group=resolved),
        Column("Đã số hóa", "count", group=resolved),
        Column("Hồ sơ được số hóa (4.2)", "count"),
        Column("Tỷ lệ", "percent"),
        Column("Chỉ tiêu", "target"),
        Column("Kết quả", "text", 12),
    )

    def cells(u: UnitReport) -> tuple[Value, ...]:
        f, goal = u.figures, u.digitization
        return (
            f["received"],
            f["received"] - f["has_component"],
            f["has_component"],
            f["reused"],
            f["from_store"],
            f["resolved_needs"],
            f["resolved_needs"] - f["resolved_has"],
            f["resolved_has"],
            goal.rate.num,
            goal.rate.value,
            goal.target.percent if goal.target else None,
            words.met(goal.met),
        )

    title = f"THEO DÕI MỨC ĐỘ SỐ HÓA CÁC ĐƠN VỊ – THEO QUYẾT ĐỊNH SỐ 766/QĐ-TTg NGÀY 23/06/2022\n{of.period.title}"
    return Table("Bảng 1", title, columns, tuple(_blocks(of, cells, len(columns))))


def weeks_table(book: Book) -> Table:
    """Bảng 2: the compared periods side by side: number, per cent, and the change in percentage points."""
    columns = [Column("STT", "count", 6), Column("Đơn vị", "text", 34)]
    for place, one in enumerate(book.compared):
        group = one.period.title
        columns += [
            Column("Tiếp nhận", "count", group=group),
            Column("Được số hóa", "count", group=group),
            Column("Tỷ lệ", "percent", group=group),
        ]
        if place:
            columns.append(Column("Chênh lệch (điểm %)", "delta", group=group))
    by_code = [{u.code: u for u in one.units} | {one.province.code: one.province} for one in book.compared]

    def cells(u: UnitReport) -> tuple[Value, ...]:
        out: list[Value] = []
        before: Fraction | None = None
        for place, rows in enumerate(by_code):
            rate = metrics.digitization(rows[u.code].figures)
            out += [rate.den, rate.num, rate.value]
            if place:
                out.append(None if rate.value is None or before is None else rate.value - before)
            before = rate.value
        return tuple(out)

    rows = tuple(_blocks(book.report, cells, len(columns)))
    return Table("Bảng 2", "SO SÁNH TỶ LỆ SỐ HÓA GIỮA CÁC KỲ", tuple(columns), rows)


def points_table(of: CoverageReport) -> Table:
    """Bảng 3: points of 4.1–4.5, their sum out of 22, the rank within the level, what the portal published."""
    first = of.province.scores
    columns = (
        Column("STT", "count", 6),
        Column("Đơn vị", "text", 34),
        *(Column(f"{s.id} (tối đa {s.max})", "points") for s in first),
        Column(f"Tổng điểm (/{of.group_max})", "points"),
        Column("Xếp hạng", "count"),
        Column("Điểm", "points", group="Công bố trên Cổng DVCQG"),
        Column("Hạng", "count", group="Công bố trên Cổng DVCQG"),
        Column("Điểm thấp, không cải thiện", "text", 16),
    )

    def cells(u: UnitReport) -> tuple[Value, ...]:
        return (
            *(s.points for s in u.scores),
            u.points,
            u.rank,
            u.published.points if u.published else None,
            u.published.rank if u.published else None,
            ", ".join(u.low_not_improved) or None,
        )

    title = f"ĐIỂM NHÓM CHỈ SỐ SỐ HÓA HỒ SƠ\nCách tính {of.profile_title}: {of.profile_note}"
    return Table("Bảng 3", title, columns, tuple(_blocks(of, cells, len(columns))))


def causes_table(book: Book) -> Table:
    """Bảng 4: each cause, how many dossiers, of all failing ones, where most, and sample codes. No personal names."""
    of = book.report
    columns = (
        Column("STT", "count", 6),
        Column("Mã", "text", 6),
        Column("Nguyên nhân", "text", 38),
        Column("Số hồ sơ", "count"),
        Column("Tỷ lệ trên hồ sơ có lỗi", "percent"),
        Column("Điểm tăng thêm nếu khắc phục hết", "points"),
        Column("Đơn vị nhiều nhất", "text", 44),
        Column("Mã hồ sơ minh họa", "text", 40),
    )
    failing = of.province.figures["failing"]
    rows = [
        Row(
            (
                place,
                cause.code,
                of.check_titles.get(cause.code, cause.code),
                cause.dossiers,
                Rate(cause.dossiers, failing).value,
                cause.points,
                _top_units(of, cause.code),
                ", ".join(book.samples.get(cause.code, ())[:3]) or None,
            )
        )
        for place, cause in enumerate(of.province.causes, start=1)
    ]
    rows.append(Row((None, None, "Tổng số hồ sơ có lỗi", failing, None, None, None, None), "total"))
    return Table("Bảng 4", "NGUYÊN NHÂN LÀM GIẢM ĐIỂM SỐ HÓA", columns, tuple(rows))


def _top_units(of: CoverageReport, check: str, most: int = 3) -> str | None:
    flag = check.lower()
    found = sorted((u for u in of.units if u.figures[flag]), key=lambda u: (-u.figures[flag], u.code))
    return "; ".join(f"{u.name} ({words.number(u.figures[flag])})" for u in found[:most]) or None


def _blocks(of: CoverageReport, cells: Callable[[UnitReport], Sequence[Value]], width: int) -> Iterable[Row]:
    for level, numeral, name in BLOCKS:
        units = [u for u in of.units if u.level == level]
        if units:
            yield Row((numeral, name, *([None] * (width - 2))), "block")
            for place, u in enumerate(units, start=1):
                yield Row((place, u.name, *cells(u)))
    if len(of.units) > 1:
        yield Row((None, whole(of), *cells(of.province)), "total")
