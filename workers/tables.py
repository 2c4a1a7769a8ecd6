"""Tables for a person at a terminal: what a paper was recognised as, what waits, how far a unit has come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table


def table(title: str, *columns: str) -> Table:
    """A table in the house's look; column names Vietnamese, then English."""
    made = Table(*columns, title=title, title_justify="left", title_style="bold", box=box.SIMPLE, pad_edge=False)
    made.columns[0].no_wrap, made.columns[0].overflow, made.columns[0].max_width = True, "ellipsis", 36
    return made


def add(made: Table, *cells: object) -> None:
    """One row of plain text; nothing in it is taken for markup."""
    made.add_row(*(escape("" if cell is None else str(cell)) for cell in cells))


def coverage_table(form: Mapping[str, Any], titles: Mapping[str, str]) -> Table:
    """The coverage report (its JSON form): every unit that received dossiers, the province last, and under it what
    the causes are called (``titles``: code → title).
    """
    columns = (
        "đơn vị / unit",
        "tiếp nhận",
        "số hoá",
        "tỷ lệ",
        "chỉ tiêu",
        "đạt",
        "điểm",
        "hạng",
        "nguyên nhân / causes",
    )
    made = table(f"Độ bao phủ số hoá / coverage — {form['period']['title']}", *columns)
    seen = {code for code, count in form["province"]["causes"].items() if count}
    made.caption = "\n".join(f"{code}  {escape(title)}" for code, title in titles.items() if code in seen)
    made.caption_justify = "left"
    for number in (1, 2, 3, 4, 6, 7):
        made.columns[number].justify = "right"
    for unit in form["units"]:
        if unit["received"]:
            _coverage_row(made, unit["name"], unit)
    made.add_section()
    _coverage_row(made, "Toàn tỉnh / province", form["province"])
    return made


def _coverage_row(made: Table, name: str, unit: Mapping[str, Any]) -> None:
    met = {True: "[green]đạt[/]", False: "[red]chưa[/]", None: "–"}[unit["met"]]
    numbers = (str(unit["received"]), str(unit["digitized"]), _percent(unit["rate"]), _percent(unit["target"]))
    points = "–" if unit["points"] is None else f"{unit['points']:.2f}".replace(".", ",")
    rank = str(unit.get("rank") or "–")
    made.add_row(escape(name), *numbers, met, points, rank, escape(_causes(unit["causes"])))


def _percent(value: object) -> str:
    return "–" if value is None else f"{value} %".replace(".", ",")


def _causes(causes: Mapping[str, int]) -> str:
    return " ".join(f"{code.split('_')[0]}:{count}" for code, count in causes.items() if count)
