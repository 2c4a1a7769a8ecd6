"""How fast the kho answers, and that it stays so as it grows.

    python -m bench.kho                          1 million papers, Markdown on standard output
    python -m bench.kho --papers 10000000        the size of a province's year
    python -m bench.kho --papers 0               only uploads and verification (no database of papers)

PostgreSQL runs from its wheel with every commit flushed. Each figure is of whole calls of the door, the log's line
included. Ratios are of figures from one run.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import kho_data as data
from services.settings import Settings
from services.storage import Actor, Kho
from services.vietnamese import fold
from tests.real.servers import make_postgres, postgres_admin, postgres_url

ADMIN = Actor("bench", data.UNITS[0], "admin")
SERVER = {
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "maintenance_work_mem": "1500MB",
    "work_mem": "32MB",
    "max_wal_size": "8GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "64",
    "jit": "off",
}


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--papers", type=int, default=1_000_000)
    asked.add_argument("--folder", type=Path, help="where to put the database; default a temporary folder")
    asked.add_argument("--keep", action="store_true", help="leave the database, and use one that is there")
    given = asked.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="kho-bench-"))
    try:
        print(f"### {given.papers:,} papers, {dt.date.today()}, {os.cpu_count()} cores\n")
        print("| figure | value | target | met |\n|---|---|---|---|")
        with _kho(folder, given.papers) as kho:
            if given.papers:
                _look_ups(kho, given.papers)
                _searches(kho, given.papers)
            _uploads(kho)
        _verification(folder)
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _kho(folder: Path, papers: int) -> Iterator[Kho]:
    there = (folder / "pg" / "data").exists()
    server = make_postgres(folder / "pg", settings=SERVER)
    server.start()
    try:
        if not there:
            postgres_admin(server, "CREATE DATABASE kho")
        kho = Kho.open(Settings(data_dir=folder / "var", database_url=postgres_url(server, "kho")))
        if papers and not there:
            began = time.monotonic()
            data.load(postgres_url(server, "kho"), kho.keys, papers, lambda what: _say(began, what))
        elif not there:
            with kho.begin() as tx:
                kho.add_unit(tx, data.UNITS[0], "Đơn vị", "XA_PHUONG")
        yield kho
        kho.close()
    finally:
        server.stop()


def _say(began: float, what: str) -> None:
    print(f"{time.monotonic() - began:7.0f} s  {what}", file=sys.stderr, flush=True)


def _timed(calls: int, call: Callable[[random.Random], object]) -> list[float]:
    """Milliseconds of each call, in order of size; twenty calls warm up."""
    dice, took = random.Random(766), []
    for number in range(calls + 20):
        began = time.perf_counter()
        call(dice)
        if number >= 20:
            took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def _row(what: str, took: list[float], share: float, target_ms: float) -> None:
    value, median = took[int(len(took) * share)], took[len(took) // 2]
    met = "yes" if value <= target_ms else "**no**"
    print(
        f"| {what}, p{share * 100:.0f} (median) | {value:.1f} ms ({median:.1f}) | ≤ {target_ms:.0f} ms | {met} |",
        flush=True,
    )


def _look_ups(kho: Kho, papers: int) -> None:
    owners = papers // data.PAPERS_AN_OWNER
    found = 0

    def reuse(dice: random.Random) -> None:
        nonlocal found
        owner = dice.randrange(1, owners + 1)
        clerk = Actor("bench", data.unit_of(owner), "clerk")
        answer = kho.reuse(
            clerk, owner=data.person(owner)[1], type=dice.choice(list(data.TYPES)), purpose=data.dossier_code(owner)
        )
        found += len(answer.usable) + len(answer.not_usable)

    def checklist(dice: random.Random) -> None:
        owner = dice.randrange(1, owners + 1)
        kho.checklist(Actor("bench", data.unit_of(owner), "clerk"), data.dossier_code(owner))

    _row("reuse look-up", _timed(3000, reuse), 0.99, 10)
    assert found > 500, "the look-ups must find papers"
    _row("checklist of six papers", _timed(1500, checklist), 0.99, 20)


def _searches(kho: Kho, papers: int) -> None:
    owners = papers // data.PAPERS_AN_OWNER
    kinds: dict[str, Callable[[int, random.Random], str]] = {
        "type and full name": lambda owner, dice: (
            f"{dice.choice(list(data.TYPES.values()))[0]} {data.person(owner)[0]}"
        ),
        "full name": lambda owner, _: data.person(owner)[0],
        "number": lambda _, dice: f"{dice.randrange(1, 900)}/{dice.randrange(2016, 2025)}",
        "issuer and type": lambda owner, dice: f"{data.PLACES[owner % 10]} {dice.choice(list(data.TYPES.values()))[0]}",
        "family and given name": lambda owner, _: " ".join(data.person(owner)[0].split()[::2]),
        "one common word": lambda _, dice: dice.choice(("nguyen", "giay", "dat", "xa")),
    }
    everything: list[float] = []
    for who in ("clerk", "admin"):
        for name, words in kinds.items():

            def search(dice: random.Random, who: str = who, words: Callable[[int, random.Random], str] = words) -> None:
                owner = dice.randrange(1, owners + 1)
                actor = Actor("bench", data.unit_of(owner), "clerk") if who == "clerk" else ADMIN
                kho.find(actor, fold(words(owner, dice)), purpose=data.dossier_code(owner))

            took = _timed(60, search)
            everything += took
            _row(f"search, {who}: {name}", took, 0.95, 150)
    _row("**accent-free search, all of the above**", sorted(everything), 0.95, 150)


def _uploads(kho: Kho) -> None:
    megabyte = os.urandom(1_000_000)
    took: list[float] = []

    def client(number: int, files: int, every_s: float = 0.0) -> None:
        actor, next_s = Actor(f"bench {number}", data.UNITS[0], "clerk"), time.perf_counter() + number * every_s / 8
        for file in range(files):
            time.sleep(max(0.0, next_s - time.perf_counter()))
            next_s += every_s
            body = f"{time.time_ns()} {number} {file}".encode() + megabyte
            began = time.perf_counter()
            kho.accept(io.BytesIO(body), file_name="scan.pdf", actor=actor)
            took.append((time.perf_counter() - began) * 1000)

    def eight(files: int, every_s: float = 0.0) -> float:
        took.clear()
        began = time.perf_counter()
        threads = [threading.Thread(target=client, args=(number, files, every_s)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(took) / (time.perf_counter() - began)

    client(0, 150)
    _row("accept 1 MB durably, one client", sorted(took), 0.95, 60)
    eight(60, every_s=8 / 60)
    _row("accept 1 MB durably, eight clients, 60 uploads/s together", sorted(took), 0.95, 60)
    rate = eight(60)
    _row("accept 1 MB durably, eight clients as fast as they can", sorted(took), 0.95, 60)
    print(f"| uploads over eight clients | {rate:.0f} /s | ≥ 60 /s | {'yes' if rate >= 60 else '**no**'} |", flush=True)


def _verification(folder: Path) -> None:
    """The same objects, in the page cache for both: the hashing is compared, not the disk."""
    kho = Kho.open(Settings(data_dir=folder / "var", database_url=f"sqlite:///{folder / 'verify.sqlite'}"))
    files = sorted(str(path) for path in (folder / "var" / "objects").rglob("*") if path.is_file())
    best_theirs = best_ours = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run(["sha256sum", *files], check=True, stdout=subprocess.DEVNULL)
        best_theirs = min(best_theirs, time.perf_counter() - began)
        report = kho.verify()
        assert report.sound
        best_ours = min(best_ours, report.seconds)
    kho.close()
    ratio, speed = best_theirs / best_ours, report.bytes / best_ours / 1e6
    met = "yes" if ratio >= 0.7 else "**no**"
    print(f"| verification against sha256sum | {ratio:.2f} ({speed:.0f} MB/s) | ≥ 0.70 | {met} |", flush=True)


if __name__ == "__main__":
    main()
