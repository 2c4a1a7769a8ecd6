"""``sohoa ingest``: files through the whole way. ``sohoa watch``: whatever a scanner drops into a folder."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.errors import UsageError
from workers.commands.common import (
    SOME_REFUSED,
    JsonLines,
    acting,
    log,
    opened_kho,
    progress,
    put,
    put_json,
    read_settings,
    refusals,
    say,
)

if TYPE_CHECKING:
    from services.settings import Settings
    from services.storage import Kho
    from workers.batch import Line, Summary


@refusals
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE|FOLDER…", show_default=False)],
    unit: Annotated[str | None, typer.Option("--unit", "-u", help="Code of the unit whose files these are.")] = None,
    dossier: Annotated[str | None, typer.Option("--dossier", "-d", help="Dossier code the files belong to.")] = None,
    role: Annotated[str | None, typer.Option(help="THANH_PHAN, KET_QUA or GIAY_TO_QUY_TRINH.")] = None,
    intake_map: Annotated[
        Path | None, typer.Option("--map", help="CSV with columns file, unit, dossier, role: what each file is.")
    ] = None,
    jsonl: JsonLines = False,
    wait: Annotated[bool, typer.Option(help="Wait until each file is filed, or only hand it over.")] = True,
) -> None:
    """Take files through the whole way. Resumable: run the same command again and it goes on where it stopped."""
    from services.coverage import load
    from services.coverage.units import Units
    from services.storage.errors import UnknownUnit
    from workers.batch import Batch
    from workers.files import walk
    from workers.intake_map import IntakeMap, role_of
    from workers.ledger import Ledger

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = read_settings()
    jobs = IntakeMap.read(intake_map, unit=unit, dossier=dossier, role=role_of(role))
    with opened_kho(settings) as kho:
        if unit:
            with kho.begin() as tx:
                if unit not in Units.read(tx, load()):  # a mistyped --unit would refuse a thousand files
                    raise UnknownUnit(unit)
        with (
            Ledger(settings.data_dir / "ingest.sqlite") as ledger,
            workers_of(settings, needed=wait) as (tend, wake),
            progress() as bar,
        ):
            task = bar.add_task("Số hoá", total=None if bar.disable else sum(1 for _ in walk(paths)), note="")

            def tell(line: Line) -> None:
                bar.update(task, advance=1, note=f"{line.file.name}: {line.state}")
                _tell(kho, line, jsonl=jsonl)

            batch = Batch(
                kho,
                ledger,
                actor=lambda job: acting(job.unit, "clerk"),
                limit_bytes=settings.max_bytes,
                tell=tell,
                tend=tend,
                wake=wake,
                wait=wait,
            )
            summary = batch.push(paths, jobs.job_of)
    say(_in_words(summary))
    if summary.refused:
        raise typer.Exit(SOME_REFUSED)


@refusals
def watch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", show_default=False)],
    unit: Annotated[
        str, typer.Option("--unit", "-u", help="Code of the unit whose scanner this is.", show_default=False)
    ],
    jsonl: JsonLines = False,
) -> None:
    """Take in what a scanner drops into FOLDER; files move to done/ or refused/ once their end is known."""
    from services.errors import ServiceError
    from workers.watch import Watch

    settings = read_settings()
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    stop = stop_on_signals()
    with opened_kho(settings) as kho, workers_of(settings) as (tend, wake):
        watched = Watch(kho, folder, actor=acting(unit, "clerk"), limit_bytes=settings.max_bytes, wake=wake)
        say(f"Đang theo dõi {folder}; Ctrl-C để dừng / watching, Ctrl-C stops")
        while not stop.wait(1.0):
            tend()
            try:
                moved = watched.turn(time.monotonic())
            except ServiceError as error:
                log.warning("the kho is away, %s stays as it is: %s", folder, error)
                continue
            for file in moved:
                if jsonl:
                    why = file.refusal and {"code": file.refusal.code, "message": file.refusal.message}
                    put_json({"file": str(file.source), "moved_to": str(file.now_at), "error": why})
                else:
                    put(f"{file.source.name} → {file.now_at}" + (f"  {file.refusal.code}" if file.refusal else ""))


Tend = Callable[[], None]
Wake = Callable[[str], None]


@contextmanager
def workers_of(settings: Settings, *, needed: bool = True) -> Iterator[tuple[Tend, Wake]]:
    """Who works on what is taken in: the broker's workers where one is set, else a local pool for as long as this
    command runs. Gives (what to call while waiting, what to call when a row waits).
    """
    if settings.broker_url:
        from workers.celery_app import make_app, wake

        app = make_app(settings)
        yield (lambda: None), (lambda intake_id: wake(app, intake_id))
    elif needed:
        from workers.local import Pool

        with Pool(settings, verbose=1 if log.isEnabledFor(20) else 0) as pool:
            yield pool.tend, (lambda intake_id: None)
    else:
        yield (lambda: None), (lambda intake_id: None)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set, so that a service ends its work in hand and stops."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _tell(kho: Kho, line: Line, *, jsonl: bool) -> None:
    error = {"code": line.error.code, "message": line.error.message} if line.error else None
    if jsonl:
        put_json(
            {
                "file": str(line.file),
                "seconds": round(line.seconds, 3),
                "error": error,
                "state": line.state,
                "intake": line.intake_id,
                "already": line.already,
                **_found(kho, line),
            }
        )
    else:
        put(f"{line.file}  {line.state}" + (f"  {line.error.code}: {line.error.message}" if line.error else ""))


def _found(kho: Kho, line: Line) -> dict[str, Any]:
    """What became of the file's papers."""
    if line.intake_id is None or line.state not in ("filed", "review"):
        return {"papers": [], "reviews": []}
    us = acting("", "admin")
    return {
        "papers": [
            {"id": p.id, "code": p.code, "type": p.type_code, "name": p.type_name, "dossier": p.dossier_code}
            for p in kho.papers_of(us, line.intake_id)
        ],
        "reviews": [
            {
                "id": r.id,
                "type": r.proposal.type_code,
                "reason": r.reason,
                "first_page": r.first_page,
                "last_page": r.last_page,
            }
            for r in kho.reviews(us, intake_id=line.intake_id)
        ],
    }


def _in_words(summary: Summary) -> str:
    states = summary.states
    return (
        f"vào kho {states.get('filed', 0)}, chờ người xem {states.get('review', 0)}, "
        f"từ chối {states.get('refused', 0)}"
        + (f", đã giao {states['waiting']}" if "waiting" in states else "")
        + (f" (đã có từ trước {summary.already})" if summary.already else "")
    )


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(ingest)
    app.command()(watch)
