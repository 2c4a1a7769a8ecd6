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
from services.coverage import coverage, import_register, load, recheck, seed
from services.errors import UsageError
from services.settings import Settings
from services.storage import Kho
from services.storage.model import Actor, NewOwner, PaperView, ReuseAnswer, Review
from workers.batch import Batch, Line
from workers.intake_map import IntakeMap
from workers.ledger import Ledger
from workers.local import Pool
from workers.tables import add, coverage_table, table

_MARK = ".sohoa-demo"  # only a folder that a demo made is ever emptied
_REUSED_TYPE = "KS"  # the paper that the next desk asks the kho for


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
        _show_waiting(console, reviews)
        _show_refused(console, lines)
        _show_reuse(console, kho, _dossiers(samples), today)
        report = coverage(kho, end=today)
        console.print(coverage_table(report.to_json(), report.check_titles))
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
            issued = paper.ngay_cap and paper.ngay_cap.strftime("%d/%m/%Y")
            owners = ", ".join(owner.name for owner in paper.owners)
            sure = f"{paper.confidence:.2f}"
            read = (paper.type_code, paper.type_name, paper.so_ky_hieu, issued, owners, sure)
            add(made, name, *read, paper.dossier_code)
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


def _show_reuse(console: Console, kho: Kho, dossiers: Iterable[str], today: dt.date) -> None:
    """The next desk's question: has the kho this person's paper already? It has, so it is taken and not scanned."""
    for dossier in dossiers:
        owner = kho.dossier_owner(dossier)
        if owner is None:
            continue
        answer = kho.reuse(_actor(), owner=owner, type=_REUSED_TYPE, purpose=dossier, on=today)
        others = [judged for judged in answer.usable if judged.paper.dossier_code != dossier]
        if not others:
            continue
        console.print(_reuse_table(answer, owner, dossier))
        with kho.begin() as tx:
            kho.attach(tx, _actor(), dossier, others[0].paper.id, on=today)
            recheck(tx, dossier)
        console.print(f"Đã lấy vào hồ sơ {dossier}, không phải quét lại / taken into it, not scanned again\n")
        return


def _reuse_table(answer: ReuseAnswer, owner: NewOwner, dossier: str) -> Table:
    columns = ("dùng lại / reusable", "giấy tờ / paper", "số", "ngày cấp", "vì sao / why")
    made = table(f"Hồ sơ {dossier} hỏi kho: giấy khai sinh của {owner.name}? / reuse look-up", *columns)
    for judged in (*answer.usable, *answer.not_usable):
        paper = judged.paper
        issued = paper.ngay_cap and paper.ngay_cap.strftime("%d/%m/%Y")
        because = " ".join(reason.vi for reason in judged.why)
        add(made, "được" if judged.usable else "không", paper.type_name, paper.so_ky_hieu, issued, because)
    return made


def _actor() -> Actor:
    return Actor("demo", load().units.province.code, "admin")
