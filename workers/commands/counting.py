"""``sohoa coverage``: what share is digitized, unit by unit; ``rebuild`` counts it anew. ``sohoa dossiers import``: the
register comes in.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from services.errors import UsageError
from workers.commands.common import (
    SOME_REFUSED,
    AsJson,
    acting,
    console,
    opened_kho,
    put_json,
    read_settings,
    refusals,
    say,
)

coverage_app = typer.Typer(invoke_without_command=True)
dossiers_app = typer.Typer(no_args_is_help=True, help="The register of dossiers.")


@coverage_app.callback()
@refusals
def coverage(
    context: typer.Context,
    unit: Annotated[str | None, typer.Option("--unit", "-u", help="One unit only.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day, YYYY-MM-DD.")] = None,
    campaign: Annotated[str | None, typer.Option(help="A campaign or one of its weeks, by name.")] = None,
    profile: Annotated[str, typer.Option(help="Score profile.")] = "default",
    as_json: AsJson = False,
    xlsx: Annotated[Path | None, typer.Option(help="Write the province's tables to this workbook.")] = None,
    docx: Annotated[Path | None, typer.Option(help="Write the report, ready to be signed, to this file.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the figures to this file.")] = None,
) -> None:
    """How much is digitized, unit by unit: rate, target, rank and what pulls it down."""
    if context.invoked_subcommand:
        return
    from services.coverage import report_json
    from services.coverage.reports import gather, write_csv, write_docx, write_xlsx
    from workers.tables import coverage_table

    with opened_kho(read_settings()) as kho:
        book = gather(kho, unit=unit, start=_day(start), end=_day(end), campaign=campaign, profile=profile)
    for path, write in ((xlsx, write_xlsx), (docx, write_docx)):
        if path:
            path.write_bytes(write(book))
            say(f"{path}")
    if csv:
        csv.write_bytes(write_csv(book.report))
        say(f"{csv}")
    if as_json:
        put_json(report_json(book.report))
    elif not (xlsx or docx or csv):
        console().print(coverage_table(report_json(book.report), book.report.check_titles))


@coverage_app.command()
@refusals
def rebuild(
    check: Annotated[bool, typer.Option("--check", help="Only say where the counts differ from the dossiers.")] = False,
) -> None:
    """Judge and count all dossiers anew. The desks may go on filing. With --check, exit 1 when any count is wrong."""
    from services.coverage import drift, load
    from services.coverage import rebuild as count_anew
    from services.storage.records import audit

    with opened_kho(read_settings()) as kho, kho.begin() as tx:
        wrong = drift(tx) if check else []
        if not check:
            province = acting(load().units.province.code, "admin")
            counted = count_anew(tx)
            audit.note(tx, province, "rebuild-coverage", "counts", result=f"{counted}")
            say(f"đã đếm lại {counted} hồ sơ / {counted} dossiers counted anew")
    for line in wrong:
        say(line)
    if wrong:
        raise typer.Exit(SOME_REFUSED)


@dossiers_app.command("import")
@refusals
def import_dossiers(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx|csv", show_default=False)],
    dry_run: Annotated[bool, typer.Option(help="Say what would change and change nothing.")] = False,
    errors: Annotated[Path | None, typer.Option(help="Write the bad rows, with reasons, to this workbook.")] = None,
    as_json: AsJson = False,
) -> None:
    """Import the register of dossiers. Good rows go in; each bad row is told of. Exit 1 when there were any."""
    from services.coverage import import_register, load

    if not file.is_file():
        raise UsageError(f"{file} is not a file")
    with opened_kho(read_settings()) as kho:
        province = acting(load().units.province.code, "admin")  # may import for every unit
        result = import_register(kho, file, actor=province, dry_run=dry_run)
    if errors and result.report_xlsx:
        errors.write_bytes(result.report_xlsx)
    if as_json:
        put_json(
            {
                "inserted": result.inserted,
                "updated": result.updated,
                "unchanged": result.unchanged,
                "bad_rows": [asdict(bad) for bad in result.bad_rows],
            }
        )
    else:
        say(f"thêm {result.inserted}, sửa {result.updated}, giữ nguyên {result.unchanged}, lỗi {len(result.bad_rows)}")
        for bad in result.bad_rows[:50]:
            say(f"  dòng {bad.row}, cột {bad.column}: {bad.value!r} — {bad.code}: {bad.sentence}")
    if result.bad_rows:
        raise typer.Exit(SOME_REFUSED)


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f"{text}: YYYY-MM-DD") from error


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(coverage_app, name="coverage")
    app.add_typer(dossiers_app, name="dossiers")
