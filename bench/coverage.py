"""How fast coverage answers, imports and counts again.

    python -m bench.coverage                       PostgreSQL and SQLite with 1 million dossiers each; about six minutes
    python -m bench.coverage --postgres 10000000   the province's three years; about ten minutes, 12 GB of disk
    python -m bench.coverage --sqlite 0            PostgreSQL only

Markdown on standard output. Dossiers stand over 110 units, 32 procedures and three years; a fifth have an owner of
whom the kho holds a paper. Times are whole calls of the door. PostgreSQL runs from its wheel with every commit
flushed.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import itertools
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from bench import coverage_data as data
from services import coverage as cov
from services.coverage import counting
from services.settings import Settings
from services.storage import Actor, Kho
from services.storage.records.tables import DossierRow
from tests.real.servers import make_postgres, postgres_admin, postgres_url

PROVINCE = Actor("bench", "75", "admin")
SERVER = {
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "maintenance_work_mem": "1GB",
    "work_mem": "64MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "jit": "off",
}
PERIODS = ("2025-W32", "30-ngay/3", "2025-08", "2025-Q3", "2025", "2023-01-01..2025-12-31")


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--postgres", type=int, default=1_000_000, metavar="DOSSIERS")
    asked.add_argument("--sqlite", type=int, default=1_000_000, metavar="DOSSIERS")
    asked.add_argument("--rows", type=int, default=200_000, help="rows of the register imported")
    asked.add_argument("--folder", type=Path, help="where to put the databases; default a temporary folder")
    given = asked.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="coverage-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{dt.date.today()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start\n")
    print("| records | figure | value | target | met |\n|---|---|---|---|---|")
    try:
        file = data.register(folder / "register.csv", given.rows)
        if given.sqlite:
            with _opened(Kho.open(Settings(data_dir=folder / "kho"))) as kho:
                _measure(kho, f"SQLite, {given.sqlite:,}", given.sqlite, file, table_ms=1_000)
        if given.postgres:
            with _postgres(folder) as kho:
                _measure(kho, f"PostgreSQL, {given.postgres:,}", given.postgres, file, table_ms=300)
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def _measure(kho: Kho, name: str, count: int, file: Path, *, table_ms: float) -> None:
    def line(figure: str, value: str, target: str = "", met: bool | None = None) -> None:
        print(
            f"| {name} | {figure} | {value} | {target} | {'' if met is None else 'yes' if met else 'NO'} |", flush=True
        )

    with kho.begin() as tx:
        cov.seed(tx)
    step = 1_000_000
    plain = create_engine(kho.engine.url)  # SQLite checks foreign keys only where told to
    with data.bare(plain):
        for start in range(1, count + 1, step):
            with Session(plain) as tx, tx.begin():
                data.fill(tx, min(step, count + 1 - start), start=start, total=count)
    plain.dispose()
    _settle(kho)
    with kho.begin() as tx:
        spent = _seconds(lambda: cov.rebuild(tx))
    limit = 300 * max(count, 1) / 10_000_000
    line(
        "rebuild from nothing",
        f"{spent:.0f} s ({count / spent:,.0f} dossiers/s)",
        "≤ 5 min at 10 million",
        spent <= limit,
    )
    _settle(kho)

    for period in PERIODS:
        spent = _median_ms(lambda p=period: cov.coverage(kho, period=p))  # type: ignore[misc]
        line(
            f"province table with trend and causes, {period}",
            f"{spent:.0f} ms",
            f"≤ {table_ms:.0f} ms",
            spent <= table_ms,
        )

    for unit, figure in ((None, "C5"), ("26068", "C1"), (None, "c5_44"), ("SKHCN", "failing")):
        spent = _page_ms(kho, unit, figure)
        line(
            f"page of dossiers, {unit or 'province'}, {figure}, slowest of 20",
            f"{spent:.0f} ms",
            "≤ 100 ms",
            spent <= 100,
        )
    spent = _median_ms(lambda: cov.to_reach(kho, "26068", period="2025-08", percent=95))
    line("plan to the target, one unit and month", f"{spent:.0f} ms")

    spent, slowest = _change_ms(kho, count)
    line(
        "one dossier's change, counts included (median; 95 %)",
        f"{spent:.1f} ms; {slowest:.1f} ms",
        "≤ 5 ms",
        spent <= 5,
    )

    if kho.engine.dialect.name == "postgresql":
        spent, usual, longest = _rebuild_while_filing(kho, count)
        line("rebuild again, a desk filing all the while", f"{spent:.0f} s ({count / spent:,.0f} dossiers/s)")
        line("… and how long its changes took (median; longest)", f"{usual:.0f} ms; {longest:,.0f} ms")

    rows = sum(1 for _ in file.open(encoding="utf-8-sig")) - 1
    for what in ("new rows", "the same rows again"):
        cpu = time.process_time()
        spent = _seconds(lambda: cov.import_register(kho, file, actor=PROVINCE))
        cpu = time.process_time() - cpu
        speed = rows / spent
        line(
            f"import of {rows:,}, {what}",
            f"{speed:,.0f} rows/s ({cpu:.0f} s of CPU here)",
            "≥ 10,000 rows/s",
            speed >= 10_000,
        )
    if count <= 1_000_000:
        with kho.begin() as tx:
            line("kept counts against the law", "agree" if not cov.drift(tx) else "DIFFER", "agree")


def _settle(kho: Kho) -> None:
    """What a running server does by itself within minutes."""
    with kho.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("VACUUM ANALYZE"))
        else:
            connection.execute(text("ANALYZE"))
            connection.commit()


def _page_ms(kho: Kho, unit: str | None, figure: str) -> float:
    """The slowest of twenty pages in a row over three years."""
    slowest, after = 0.0, None
    for _ in range(20):
        begun = time.perf_counter()
        page = cov.failing(kho, unit, figure, period="2023-01-01..2025-12-31", after=after)
        slowest = max(slowest, time.perf_counter() - begun)
        after = page.next
        if after is None:
            break
    return slowest * 1000


def _change_ms(kho: Kho, count: int) -> tuple[float, float]:
    """Time inside the transaction to judge a changed dossier and move the counts."""
    spent: list[float] = []
    ids = [1 + count * n // 211 for n in range(210)]
    for id_ in ids:
        spent.append(_change(kho, id_))
    warm = sorted(spent[10:])
    return statistics.median(warm), warm[int(len(warm) * 0.95)]


def _change(kho: Kho, id_: int) -> float:
    """Changes a dossier; gives the milliseconds that judging and counting took."""
    with kho.begin() as tx:
        row = tx.scalars(select(DossierRow).where(DossierRow.id == id_)).one()
        row.declared_components, row.declared_results = 1 - min(1, row.declared_components), 1 - row.declared_results
        tx.flush()
        begun = time.perf_counter()
        counting.recount_ids(tx, [id_])
        return (time.perf_counter() - begun) * 1000


def _rebuild_while_filing(kho: Kho, count: int) -> tuple[float, float, float]:
    """Seconds of the rebuild; median and longest milliseconds of whole changes, commits included, made meanwhile."""
    done, spent = threading.Event(), []

    def file() -> None:
        ids = itertools.cycle(range(1, count, 7919))
        while not done.is_set():
            begun = time.perf_counter()
            _change(kho, next(ids))
            spent.append((time.perf_counter() - begun) * 1000)
            done.wait(0.1)

    desk = threading.Thread(target=file)
    desk.start()
    try:
        with kho.begin() as tx:
            seconds = _seconds(lambda: cov.rebuild(tx))
    finally:
        done.set()
        desk.join()
    return seconds, statistics.median(spent), max(spent)


def _median_ms(call: Callable[[], object], times: int = 5) -> float:
    call()
    return statistics.median(_seconds(call) for _ in range(times)) * 1000


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


@contextlib.contextmanager
def _postgres(folder: Path) -> Iterator[Kho]:
    server = make_postgres(folder / "server", settings=SERVER)
    server.start()
    try:
        postgres_admin(server, "CREATE DATABASE bench")
        settings = Settings(data_dir=folder / "kho-pg", database_url=postgres_url(server, "bench"))
        with _opened(Kho.open(settings)) as kho:
            yield kho
    finally:
        server.stop()


@contextlib.contextmanager
def _opened(kho: Kho) -> Iterator[Kho]:
    try:
        yield kho
    finally:
        kho.close()


if __name__ == "__main__":
    main()
