"""The product shown on its sample papers: a fresh kho, the register, a stack of scans, and what came of them.

Told as of a day in August 2025, so that the sample dossiers lie in the campaign weeks they were made for.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from services.classify.reasons import why
from services.coverage import Checks, coverage, explain, import_register, load, open_dossier, recheck, report_json, seed
from services.coverage.periods import vietnam_today
from services.errors import UsageError
from services.settings import Settings
from services.storage import Kho
from services.storage.model import Actor, NewOwner, PaperView, ReuseAnswer, Review
from services.storage.people.owners import ensure
from workers.batch import Batch, Line
from workers.intake_map import IntakeMap
from workers.ledger import Ledger
from workers.local import Pool
from workers.tables import add, coverage_table, table

_MARK = ".sohoa-demo"  # only a folder that a demo made is ever emptied
_REUSED_TYPE = "KS"  # the paper that the next desk asks the kho for
_NEXT_PROCEDURE = "1.004859"  # a correction of the civil register, which asks for the birth certificate


def run(samples: Path, folder: Path, today: dt.date, console: Console, bar: Progress) -> None:
    """Digitize ``samples`` into a fresh kho in ``folder`` and print what came of it. Raises ``UsageError``."""
    if not (samples / "intake.csv").is_file():
        raise UsageError(f"no sample papers in {samples}")
    _make_afresh(folder)
    settings = Settings(_env_file=None, data_dir=folder, database_url=None, s3_endpoint=None, broker_url=None)
    started = time.monotonic()
    kho = Kho.open(settings)
    try:
        _import_register(kho, samples / "dossiers.xlsx", console)
        lines = _ingest(kho, settings, samples, bar)
        seconds = time.monotonic() - started
        papers, reviews = _what_came(kho, lines)
        _show_filed(console, papers)
        _show_replaced(console, papers)
        _show_waiting(console, reviews)
        _show_refused(console, lines)
        report = coverage(kho, end=today)
        console.print(coverage_table(report_json(report), report.check_titles))
        _show_next_day(console, kho, _dossiers(samples))
        console.print(
            f"{len(lines)} tệp trong {seconds:.0f} giây, kho ở {folder} / {len(lines)} files in {seconds:.0f} s"
        )
    finally:
        kho.close()


def _make_afresh(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).is_file():
            raise UsageError(f"{folder} was not made by the demo; give another folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()


def _import_register(kho: Kho, register: Path, console: Console) -> None:
    with kho.begin() as tx:
        seed(tx)
    result = import_register(kho, register, actor=_actor())
    console.print(f"Sổ hồ sơ / register: {result.inserted} hồ sơ, {len(result.bad_rows)} dòng lỗi / bad rows")
    for bad in result.bad_rows:
        console.print(f"  dòng {bad.row}, cột {bad.column}: {bad.value} — {bad.code}: {bad.sentence}", markup=False)


def _ingest(kho: Kho, settings: Settings, samples: Path, bar: Progress) -> list[Line]:
    """Every sample file through the whole way, whose it is as ``intake.csv`` says."""
    jobs = IntakeMap.read(samples / "intake.csv", unit=None, dossier=None, role=None)
    files = sorted({Path(name) for name in jobs.jobs if Path(name).is_absolute()})
    lines: list[Line] = []
    with Pool(settings) as pool, Ledger(settings.data_dir / "ingest.sqlite") as ledger, bar:
        task = bar.add_task("Số hoá", total=len(files), note="")

        def tell(line: Line) -> None:
            lines.append(line)
            bar.update(task, advance=1, note=line.file.name)

        batch = Batch(
            kho,
            ledger,
            actor=lambda job: Actor("demo", job.unit, "clerk"),
            limit_bytes=settings.max_bytes,
            tell=tell,
            tend=pool.tend,
        )
        batch.push(files, jobs.job_of)
    return sorted(lines, key=lambda line: line.file.name)


def _dossiers(samples: Path) -> list[str]:
    jobs = IntakeMap.read(samples / "intake.csv", unit=None, dossier=None, role=None).jobs.values()
    return sorted({job.dossier for job in jobs if job.dossier})


def _what_came(kho: Kho, lines: Iterable[Line]) -> tuple[dict[str, list[PaperView]], dict[str, list[Review]]]:
    """File name → its filed papers, file name → its papers that wait."""
    papers: dict[str, list[PaperView]] = {}
    reviews: dict[str, list[Review]] = {}
    for line in lines:
        if line.intake_id is not None:
            papers[line.file.name] = kho.papers_of(_actor(), line.intake_id)
            reviews[line.file.name] = kho.reviews(_actor(), intake_id=line.intake_id)
    return papers, reviews


def _show_filed(console: Console, papers: dict[str, list[PaperView]]) -> None:
    columns = ("tệp / file", "loại", "giấy tờ / paper", "số", "ngày cấp", "chủ / owner", "tin cậy", "hồ sơ / dossier")
    made = table("Đã vào kho / filed in the kho", *columns)
    for name, found in papers.items():
        for paper in found:
            owners = ", ".join(owner.name for owner in paper.owners)
            sure = f"{paper.confidence:.2f}"
            read = (paper.type_code, paper.type_name, paper.so_ky_hieu, _issued(paper), owners, sure)
            add(made, name, *read, paper.dossier_code)
    console.print(made)


def _show_replaced(console: Console, papers: dict[str, list[PaperView]]) -> None:
    """A newer issue of the same thing stands before the older, which is kept and no longer offered."""
    columns = ("giấy tờ / paper", "bản trước / older", "ngày cấp", "bản sau / newer", "ngày cấp")
    made = table("Bản cấp sau thay bản trước / superseded", *columns)
    by_id = {paper.id: paper for found in papers.values() for paper in found}
    for old in by_id.values():
        if old.superseded_by is not None:
            new = by_id[old.superseded_by]
            add(made, old.type_name, old.so_ky_hieu, _issued(old), new.so_ky_hieu, _issued(new))
    console.print(made)


def _show_waiting(console: Console, reviews: dict[str, list[Review]]) -> None:
    columns = ("tệp / file", "trang", "loại", "máy đọc là / recognised as", "tin cậy", "vì sao / why")
    made = table("Chờ người xem / waiting for a person", *columns)
    for name, found in reviews.items():
        for review in found:
            paper = review.proposal
            pages = f"{review.first_page}–{review.last_page}"
            add(made, name, pages, paper.type_code, paper.type_name, f"{paper.confidence:.2f}", why(review.reason))
    console.print(made)


def _show_refused(console: Console, lines: Iterable[Line]) -> None:
    made = table("Từ chối / refused", "tệp / file", "mã / code", "vì sao / why")
    for line in lines:
        if line.error:
            add(made, line.file.name, line.error.code, line.error.message)
    console.print(made)


def _show_next_day(console: Console, kho: Kho, dossiers: Iterable[str]) -> None:
    """The next submission: its desk is told that the kho has the birth certificate already, takes it from there and
    does not scan it.
    """
    tomorrow = vietnam_today() + dt.timedelta(days=1)
    for earlier in dossiers:
        owner = kho.dossier_owner(earlier)
        if owner is None:
            continue
        known = kho.reuse(_actor(), owner=owner, type=_REUSED_TYPE, purpose=earlier, on=tomorrow)
        others = [judged.paper for judged in known.usable if judged.paper.dossier_code != earlier]
        if not others:
            continue
        dossier = f"{earlier.split('-')[0]}-{tomorrow:%y%m%d}-0001"
        with kho.begin() as tx:
            row, unit = ensure(tx, kho.keys, [owner])[0], explain(tx, earlier).unit
            before = open_dossier(
                tx,
                dossier,
                unit=unit,
                procedure=_NEXT_PROCEDURE,
                owner_id=row.id,
                owner_kind=owner.kind,
                received_on=tomorrow,
            )
        console.print(_to_do_table(before, f"Hôm sau {owner.name} nộp hồ sơ {dossier}: việc phải làm / the next day"))
        answer = kho.reuse(_actor(), owner=owner, type=_REUSED_TYPE, purpose=dossier, on=tomorrow)
        console.print(_reuse_table(answer, owner, dossier))
        with kho.begin() as tx:
            kho.attach(tx, _actor(), dossier, others[0].id, on=tomorrow)
            after = recheck(tx, dossier)
        console.print(f"Đã lấy vào hồ sơ {dossier}, không phải quét lại / taken into it, not scanned again")
        left = {check.code for check in after.failing} if after else set()
        settled = ", ".join(check.code for check in before.failing if check.code not in left)
        console.print(f"Nhờ đó đạt thêm / this settles: {settled}\n")
        return


def _to_do_table(checks: Checks, title: str) -> Table:
    made = table(title, "mã / check", "vì sao / cause", "phải làm gì / what to do")
    for check in checks.failing:
        add(made, check.code, check.title, check.vi)
    return made


def _reuse_table(answer: ReuseAnswer, owner: NewOwner, dossier: str) -> Table:
    columns = ("dùng lại / reusable", "giấy tờ / paper", "số", "ngày cấp", "vì sao / why")
    made = table(f"Hồ sơ {dossier} hỏi kho: giấy khai sinh của {owner.name}? / reuse look-up", *columns)
    for judged in (*answer.usable, *answer.not_usable):
        paper = judged.paper
        because = " ".join(reason.vi for reason in judged.why)
        add(made, "được" if judged.usable else "không", paper.type_name, paper.so_ky_hieu, _issued(paper), because)
    return made


def _issued(paper: PaperView) -> str | None:
    return f"{paper.ngay_cap:%d/%m/%Y}" if paper.ngay_cap else None


def _actor() -> Actor:
    return Actor("demo", load().units.province.code, "admin")
