"""How fast a backlog goes in: the whole way of each file, beside reading alone, handing over and repeating.

    python -m bench.ingest                 80 files of the sample papers, Markdown on standard output
    python -m bench.ingest --files 600     a longer run

Each file is a sample paper with bytes of its own (a mark after its end), so that nothing is recognised as known.
Embedded default: SQLite, folder store, every commit flushed; one worker process a core. Reading alone and the whole way
take turns, twenty files each, so that their ratio does not tell of a machine whose speed changes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.coverage import seed
from services.ocr import read_file
from services.ocr.children.parent import stop
from services.settings import Settings
from services.storage import Kho
from services.storage.model import Actor
from workers.batch import Batch, Job, Line
from workers.edge import cores
from workers.ledger import Ledger
from workers.local import Pool

SAMPLES = Path(__file__).resolve().parent.parent / "sample_docs"
UNIT = "26041"
ROUND = 20  # files
TARGET_OF_READING = 0.85  # the whole way should go at this share of reading alone, at least


class Memory(threading.Thread):
    """The largest proportional memory (PSS: shared pages counted once) of this process's descendants, in MiB."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most_mib = 0.0
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(0.5):
            self.most_mib = max(self.most_mib, sum(_pss_kib(pid) for pid in _descendants(os.getpid())) / 1024)

    def __enter__(self) -> Memory:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self.join()


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *_descendants(int(child))]
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def make_files(folder: Path, count: int, *, first: int) -> list[Path]:
    """``count`` files from the sample scans in turn, each with a mark after its end; ``first`` numbers them."""
    folder.mkdir(parents=True)
    samples = sorted(path for path in SAMPLES.iterdir() if path.suffix in (".pdf", ".tif", ".jpg"))
    scans = [path for path in samples if not path.name.startswith(("21_", "22_"))]  # those two are refused
    made = []
    for number in range(first, first + count):
        scan = scans[number % len(scans)]
        path = folder / f"{number:06}_{scan.name}"
        path.write_bytes(scan.read_bytes() + f"\n%bench {number}\n".encode())
        made.append(path)
    return made


def read_all(files: list[Path], settings: Settings) -> tuple[float, int]:
    """Seconds and pages of reading alone, a core for each file at a time."""
    started = time.perf_counter()
    with ThreadPoolExecutor(cores()) as pool:
        readings = pool.map(lambda path: read_file(path, limits=settings.limits), files)
        pages = sum(len(reading.pages) for reading in readings)
    return time.perf_counter() - started, pages


def push(kho: Kho, settings: Settings, folder: Path, pool: Pool | None) -> tuple[float, list[Line]]:
    """Seconds and lines of one push of the folder; without a pool files are only handed over."""
    lines: list[Line] = []
    started = time.perf_counter()
    with Ledger(settings.data_dir / "ingest.sqlite") as ledger:
        batch = Batch(
            kho,
            ledger,
            actor=lambda job: Actor("bench", job.unit, "clerk"),
            limit_bytes=settings.max_bytes,
            tell=lines.append,
            tend=pool.tend if pool else lambda: None,
            wait=pool is not None,
        )
        batch.push([folder], lambda path: Job(UNIT))
    return time.perf_counter() - started, lines


def open_kho(folder: Path) -> tuple[Settings, Kho]:
    settings = Settings(_env_file=None, data_dir=folder, database_url=None, s3_endpoint=None)  # type: ignore[call-arg]
    kho = Kho.open(settings)
    with kho.begin() as tx:
        seed(tx)
    return settings, kho


def hand_over(work: Path) -> float:
    """Seconds to make every file durable in a kho on which nobody works."""
    settings, kho = open_kho(work / "handed")
    seconds, _ = push(kho, settings, work / "in", None)
    kho.close()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=80)
    count = parser.parse_args().files
    reading_s = whole_s = most_mib = 0.0
    pages, lines = 0, list[Line]()
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as name:
        work = Path(name)
        warm = make_files(work / "warm", 2 * cores(), first=count)
        rounds = [
            make_files(work / "in" / f"{first:06}", min(ROUND, count - first), first=first)
            for first in range(0, count, ROUND)
        ]
        time.sleep(2.1)  # the files have settled
        settings, kho = open_kho(work / "var")
        handing_s = hand_over(work)
        with Pool(settings) as pool:
            push(kho, settings, work / "warm", pool)  # workers are up, readers loaded, as in a running service
            for files in rounds:
                read_file(warm[0], limits=settings.limits)  # so is the reader
                seconds, read = read_all(files, settings)
                reading_s, pages = reading_s + seconds, pages + read
                stop()
                with Memory() as memory:
                    seconds, ended = push(kho, settings, files[0].parent, pool)
                whole_s, lines, most_mib = whole_s + seconds, lines + ended, max(most_mib, memory.most_mib)
        again_s, _ = push(kho, settings, work / "in", None)
        kho.close()
    states = Counter(str(line.state) for line in lines)
    waited = [line.seconds for line in lines]
    share = reading_s / whole_s
    rows = [
        ("reading alone", f"{count / reading_s * 60:.0f} files/min, {pages / reading_s * 60:.0f} pages/min", ""),
        ("the whole way", f"{count / whole_s * 60:.0f} files/min, {pages / whole_s * 60:.0f} pages/min", ""),
        ("whole way ÷ reading alone", f"{share:.2f}", f"≥ {TARGET_OF_READING}"),
        ("handing over (object and row durable)", f"{count / handing_s:.0f} files/s", ""),
        ("repeating a finished batch", f"{count / again_s:.0f} files/s", ""),
        ("largest memory of all workers", f"{most_mib:.0f} MiB, {most_mib / cores():.0f} a core", "≤ 400 a core"),
        ("ended", ", ".join(f"{state} {n}" for state, n in sorted(states.items())), "none lost"),
        ("from hand-over to end, median", f"{statistics.median(waited):.1f} s (twenty in one line)", ""),
    ]
    out = sys.stdout
    out.write(f"{count} files, {pages} pages, {cores()} cores, SQLite and folder store.\n\n")
    out.write("| figure | measured | target |\n|---|---|---|\n")
    for row in rows:
        out.write("| " + " | ".join(row) + " |\n")


if __name__ == "__main__":
    main()
