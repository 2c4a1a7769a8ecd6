"""The three charts of a report: units by week, causes, ranking."""

from __future__ import annotations

from fractions import Fraction

from services.coverage import metrics
from services.coverage.report import CoverageReport, UnitReport
from services.coverage.reports import words
from services.coverage.reports.book import Book
from services.coverage.reports.drawing import Box, Drawing, Line, Words

_WIDTH = 900
_LABEL = 300
_ROW = 20
_TOP = 64
_MET, _MISSED, _PLAIN, _GRID = "#3B8F5A", "#C8553D", "#4472A8", "#DDDDDD"
# light to dark for 0–100 %, told apart also without colour
_HEAT = ("#F7E3DC", "#F3CFC2", "#F6E3B4", "#E3EBC4", "#BFDDB9", "#8FC79B")


def ranking_chart(of: CoverageReport) -> Drawing:
    """Every unit that received dossiers, highest rate first; a tick at its target; met and missed in two colours."""
    units = sorted((u for u in of.units if u.digitization.rate.den), key=_by_rate)
    shapes: list[Box | Line | Words] = _title(f"Tỷ lệ số hóa theo đơn vị – {of.period.title}")
    width = _WIDTH - _LABEL - 90
    bottom = _TOP + _ROW * len(units)
    for tenth in range(0, 11, 2):
        x = _LABEL + width * tenth / 10
        shapes += [Line(x, _TOP - 6, x, bottom, _GRID), Words(x, _TOP - 10, f"{tenth * 10}%", 11, "middle")]
    for place, u in enumerate(units):
        y, rate, goal = _TOP + _ROW * place, u.digitization.rate.value or Fraction(0), u.digitization
        colour = _PLAIN if goal.met is None else _MET if goal.met else _MISSED
        shapes += [
            Words(_LABEL - 8, y + 14, u.name, 12, "end"),
            Box(_LABEL, y + 3, float(width * rate), _ROW - 6, colour),
            Words(_LABEL + float(width * rate) + 6, y + 14, words.percent(rate), 11),
        ]
        if goal.target is not None:
            x = _LABEL + width * goal.target.percent / 100
            shapes.append(Line(x, y + 1, x, y + _ROW - 1, "#222222", 2))
    return Drawing(_WIDTH, bottom + 20, "Tỷ lệ số hóa theo đơn vị", tuple(shapes))


def causes_chart(of: CoverageReport) -> Drawing:
    """Dossiers by cause, most first."""
    causes = sorted(of.province.causes, key=lambda c: (-c.dossiers, c.code))
    most = max((c.dossiers for c in causes), default=0) or 1
    shapes: list[Box | Line | Words] = _title(f"Số hồ sơ theo nguyên nhân – {of.period.title}")
    width = _WIDTH - _LABEL - 130
    for place, cause in enumerate(causes):
        y = _TOP + 34 * place
        length = width * cause.dossiers / most
        shapes += [
            Words(_LABEL - 8, y + 18, f"{cause.code}. {of.check_titles.get(cause.code, '')}", 12, "end"),
            Box(_LABEL, y + 4, length, 20, _PLAIN),
            Words(_LABEL + length + 6, y + 18, words.number(cause.dossiers), 12),
        ]
    return Drawing(_WIDTH, _TOP + 34 * len(causes) + 16, "Số hồ sơ theo nguyên nhân", tuple(shapes))


def weeks_chart(book: Book) -> Drawing:
    """A square for each unit and compared period, darker for a higher rate, the rate written in it."""
    periods = book.compared
    rows = [u for u in book.report.units if any(_figures(p, u)["received"] for p in periods)]
    if book.report.province.level == "TINH":
        rows.append(book.report.province)
    cell = min(150.0, (_WIDTH - _LABEL - 20) / max(1, len(periods)))
    shapes: list[Box | Line | Words] = _title("Tỷ lệ số hóa theo tuần, từng đơn vị")
    for column, p in enumerate(periods):
        short = p.period.title.partition(",")[0]
        shapes.append(Words(_LABEL + cell * (column + 0.5), _TOP - 8, short, 11, "middle", bold=True))
    for place, u in enumerate(rows):
        y = _TOP + _ROW * place
        whole = u is book.report.province
        shapes.append(Words(_LABEL - 8, y + 14, "Toàn tỉnh" if whole else u.name, 12, "end", bold=whole))
        for column, p in enumerate(periods):
            rate = metrics.digitization(_figures(p, u)).value
            fill = "#F2F2F2" if rate is None else _HEAT[min(len(_HEAT) - 1, int(rate * len(_HEAT)))]
            x = _LABEL + cell * column
            shapes += [
                Box(x + 1, y + 1, cell - 2, _ROW - 2, fill),
                Words(x + cell / 2, y + 14, words.percent(rate), 11, "middle"),
            ]
    return Drawing(_WIDTH, _TOP + _ROW * len(rows) + 16, "Tỷ lệ số hóa theo tuần, từng đơn vị", tuple(shapes))


def _figures(of: CoverageReport, unit: UnitReport) -> metrics.Figures:
    if unit.code == of.province.code:
        return of.province.figures
    return next((u.figures for u in of.units if u.code == unit.code), metrics.Figures())


def _by_rate(unit: UnitReport) -> tuple[Fraction, str]:
    return -(unit.digitization.rate.value or Fraction(0)), unit.code


def _title(text: str) -> list[Box | Line | Words]:
    return [Words(_WIDTH / 2, 26, text, 16, "middle", bold=True)]
