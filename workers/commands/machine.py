"""``sohoa doctor``: what is wrong here. ``sohoa demo``: the product on its sample papers. ``sohoa train``: learn."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workers.commands.common import (
    SOME_REFUSED,
    AsJson,
    console,
    opened_kho,
    progress,
    put,
    put_json,
    read_settings,
    refusals,
)

_COLOURS = {"ok": "green", "warning": "yellow", "wrong": "red"}


@refusals
def doctor(as_json: AsJson = False) -> None:
    """Say what is missing or wrong on this machine, and the fix. Exit 1 when something is wrong."""
    from workers.doctor import examine

    findings = list(examine(read_settings()))
    if as_json:
        put_json([asdict(finding) for finding in findings], indent=2)
    else:
        from rich.markup import escape
        from rich.table import Table

        table = Table("check", "", "found", "fix", show_lines=False)
        for finding in findings:
            colour = _COLOURS[finding.level]
            table.add_row(finding.check, f"[{colour}]{finding.level}[/]", escape(finding.found), escape(finding.fix))
        console().print(table)
    if any(finding.level == "wrong" for finding in findings):
        raise typer.Exit(SOME_REFUSED)


@refusals
def demo(
    samples: Annotated[Path, typer.Option(help="The folder with the sample papers.")] = Path("sample_docs"),
    folder: Annotated[Path, typer.Option(help="Made afresh; holds the demo's kho.")] = Path(".demo"),
    today: Annotated[str, typer.Option(help="The day the story is told on (YYYY-MM-DD).")] = "2025-08-25",
) -> None:
    """Digitize the sample papers on the embedded default and show what came of it."""
    from workers.demo import run

    run(samples, folder, dt.date.fromisoformat(today), console(), progress())


@refusals
def train(as_json: AsJson = False) -> None:
    """Teach the classifier what clerks confirmed. A model that is worse than the one before is not used."""
    from workers.learning import Learned, learn

    settings = read_settings()
    with opened_kho(settings) as kho:
        trained = learn(kho, Learned(settings.data_dir))
    if as_json:
        put_json({"version": trained.version, "in_use": trained.accepted, "report": dict(trained.report)})
    else:
        put(f"{trained.version}: " + ("đang dùng / in use" if trained.accepted else "không dùng / not used"))
        for name, value in trained.report.items():
            put(f"  {name}: {value:g}")


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(doctor)
    app.command()(demo)
    app.command()(train)
