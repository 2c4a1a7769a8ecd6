"""``sohoa kho …`` and ``sohoa audit …``: look into the kho, prove it whole, keep it safe."""

from __future__ import annotations

import datetime as dt
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.errors import UsageError
from workers.commands.common import (
    SOME_REFUSED,
    AsJson,
    UnitOption,
    acting,
    console,
    opened_kho,
    progress,
    put,
    put_json,
    read_settings,
    refusals,
    say,
)

if TYPE_CHECKING:
    from services.storage.model import PaperView
    from services.storage.records.audit import ChainState

kho_app = typer.Typer(no_args_is_help=True, help="The kho: find papers, verify, back up, restore, rotate keys.")
audit_app = typer.Typer(no_args_is_help=True, help="The log of every look and every act.")

Purpose = Annotated[
    str, typer.Option("--purpose", "-p", help="The dossier code this look is for; it is logged.", show_default=False)
]


@kho_app.command()
@refusals
def find(
    unit: UnitOption,
    purpose: Purpose,
    words: Annotated[list[str] | None, typer.Argument(help="Words, with or without accents.")] = None,
    owner: Annotated[str | None, typer.Option(help="Identity number or tax code of the owner.")] = None,
    number: Annotated[str | None, typer.Option(help="Number and symbol of the paper.")] = None,
    type_code: Annotated[str | None, typer.Option("--type", help="Paper type code, such as KS.")] = None,
    issued_from: Annotated[str | None, typer.Option(help="YYYY-MM-DD")] = None,
    issued_to: Annotated[str | None, typer.Option(help="YYYY-MM-DD")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    after: Annotated[str | None, typer.Option(help="Cursor of the next page.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find papers by words, owner, number, type or date."""
    with opened_kho(read_settings()) as kho:
        hits = kho.find(
            acting(unit, "clerk"),
            " ".join(words or []),
            purpose=purpose,
            owner=owner,
            number=number,
            type=type_code,
            issued_from=_day(issued_from),
            issued_to=_day(issued_to),
            limit=limit,
            after=after,
        )
    if as_json:
        put_json(
            {"hits": [{"excerpt": hit.excerpt, **_paper_json(hit.paper)} for hit in hits.hits], "after": hits.after}
        )
        return
    from workers.tables import add, table

    columns = (
        "#",
        "mã / code",
        "giấy tờ / paper",
        "số / number",
        "ngày cấp / issued",
        "chủ / owner",
        "hiệu lực / validity",
    )
    made = table("Trong kho / in the kho", *columns)
    for hit in hits.hits:
        paper = hit.paper
        issued = paper.ngay_cap and paper.ngay_cap.strftime("%d/%m/%Y")
        owners = ", ".join(owner.name for owner in paper.owners)
        add(made, paper.id, paper.code, paper.type_name, paper.so_ky_hieu, issued, owners, paper.validity)
    console().print(made)
    if hits.after:
        say(f"còn nữa / more: --after {hits.after}")


@kho_app.command()
@refusals
def verify(
    pace: Annotated[
        float | None, typer.Option(help="At most so many MB a second; as fast as it goes if left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hash every object again; report and set aside what rotted. Exit 1 when something did."""
    with opened_kho(read_settings()) as kho, progress() as bar:
        task = bar.add_task("Kiểm tra", total=None, note="")
        report = kho.verify(pace_mb_s=pace, on_progress=lambda done, *_: bar.update(task, completed=done))
    _report(report, as_json=as_json)
    if report.rotten or report.missing:
        raise typer.Exit(SOME_REFUSED)


@kho_app.command()
@refusals
def backup(folder: Annotated[Path, typer.Argument(metavar="FOLDER", show_default=False)]) -> None:
    """Copy the whole kho into FOLDER with a manifest; the same folder again adds only what is new. Exit 1 when an
    object was gone or rotten: the manifest names it.
    """
    with opened_kho(read_settings()) as kho:
        manifest = kho.backup(folder)
    _report(manifest)
    say("Khóa định danh không nằm trong bản sao; hãy cất riêng. / The identity keys are not in it; keep them apart.")
    if manifest.missing:
        raise typer.Exit(SOME_REFUSED)


@kho_app.command()
@refusals
def restore(folder: Annotated[Path, typer.Argument(metavar="FOLDER", show_default=False)]) -> None:
    """Bring a backup back into the empty kho that the settings name; says how its log ends."""
    from services.storage import Kho

    kho = Kho.restore(folder, read_settings())
    try:
        _report_log(kho.verify_audit())
    finally:
        kho.close()


@kho_app.command()
@refusals
def retry(
    unit: Annotated[str | None, typer.Option("--unit", "-u", help="Only this unit's files.")] = None,
    code: Annotated[
        list[str] | None,
        typer.Option("--code", help="Only files refused with this code; may be given again. Default: every bound."),
    ] = None,
) -> None:
    """Put files that were refused for a bound back in line, once SOHOA_FILE_TIMEOUT_S, SOHOA_MEMORY_MB … are raised."""
    from workers.refusals import BOUNDS

    for wrong in set(code or ()) - set(BOUNDS):
        raise UsageError(f"--code {wrong}: {', '.join(BOUNDS)}")
    with opened_kho(read_settings()) as kho:
        put(f"{kho.retry(acting('', 'admin'), code or BOUNDS, unit=unit)}")


@kho_app.command("rotate-key")
@refusals
def rotate_key() -> None:
    """Seal every identity number again under the newest key. Add the new key in front of the old ones first."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with opened_kho(read_settings()) as kho:
        put(f"{kho.rotate_keys()}")


@audit_app.command("verify")
@refusals
def audit_verify(
    kept: Annotated[
        str | None,
        typer.Option(help="last_hash of an earlier check: the log must still hold it, else its end was cut."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Follow the hash chain of the log from its first line; exit 1 when a line was changed or taken out."""
    with opened_kho(read_settings()) as kho:
        _report_log(kho.verify_audit(kept), as_json=as_json)


def _report_log(state: ChainState, *, as_json: bool = False) -> None:
    _report(state, as_json=as_json)
    if not state.whole:
        raise typer.Exit(SOME_REFUSED)


def _report(report: Any, *, as_json: bool = False) -> None:
    """A report value, field by field."""
    from dataclasses import asdict

    form = asdict(report)
    if as_json:
        put_json(form)
    else:
        for name, value in form.items():
            put(f"{name}: {value}")


def _paper_json(paper: PaperView) -> dict[str, Any]:
    return {
        "id": paper.id,
        "code": paper.code,
        "type": paper.type_code,
        "name": paper.type_name,
        "so_ky_hieu": paper.so_ky_hieu,
        "ngay_cap": paper.ngay_cap,
        "co_quan_cap": paper.co_quan_cap,
        "owners": [{"name": owner.name, "identifier": owner.identifier_masked} for owner in paper.owners],
        "validity": paper.validity,
        "unit": paper.unit,
        "dossier": paper.dossier_code,
    }


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f"{text}: YYYY-MM-DD") from error


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(kho_app, name="kho")
    app.add_typer(audit_app, name="audit")
