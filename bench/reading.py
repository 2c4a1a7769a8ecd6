"""How well and how fast pages are read, beside Tesseract alone and OCRmyPDF in the same run.

    python -m bench.reading [--pages N] [--only real,clean,…]      prints Markdown

Needs the development data (SOHOA_SHARED_DATA or ../shared/data), Tesseract with vie and osd, fonts-freefont-ttf and
ocrmypdf (the ``bench`` extra). Two processes each, one thread a process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pypdfium2
from PIL import Image

from bench.measures import letter_errors, lost_words
from bench.reading_pages import CONDITIONS, pages
from services.limits import Limits
from services.ocr import iter_pages, read_file
from services.ocr.archive.embed import embed_picture
from services.ocr.children.parent import stop

_SHARED = Path(os.environ.get("SOHOA_SHARED_DATA", Path(__file__).resolve().parent.parent.parent / "shared" / "data"))
_JOBS = 2


@dataclass
class Score:
    lost: int = 0
    words: int = 0
    lost_bare: int = 0
    wrong: int = 0
    letters: int = 0
    wrong_bare: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    pages: int = 0
    peak_mb: float = 0.0

    def add(self, truth: str, read: str) -> None:
        lost, words = lost_words(truth, read)
        wrong, letters = letter_errors(truth, read)
        self.lost, self.words = self.lost + lost, self.words + words
        self.lost_bare += lost_words(truth, read, accents=False)[0]
        self.wrong, self.letters = self.wrong + wrong, self.letters + letters
        self.wrong_bare += letter_errors(truth, read, accents=False)[0]
        self.pages += 1

    def row(self, condition: str, reader: str, ocrmypdf: Score | None) -> str:
        rate = 60 * self.pages / self.seconds
        times = f"{ocrmypdf.seconds / self.seconds:.1f}×" if ocrmypdf else "–"
        less = f"{ocrmypdf.cpu_s / self.cpu_s:.1f}×" if ocrmypdf else "–"
        return (
            f"| {condition} | {reader} | {100 * self.lost / self.words:.2f} | {100 * self.lost_bare / self.words:.2f} "
            f"| {100 * self.wrong / self.letters:.2f} | {100 * self.wrong_bare / self.letters:.2f} "
            f"| {rate:.0f} | {times} | {self.cpu_s / self.pages:.2f} | {less} | {self.peak_mb:.0f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=6, help="rendered pages a condition")
    parser.add_argument("--only", default="", help="conditions, comma-separated")
    parser.add_argument("--long", type=int, default=0, help="only read one file of so many pages and print its memory")
    parser.add_argument("--ours", action="store_true", help="without the peers")
    given = parser.parse_args()
    if not _SHARED.is_dir():
        sys.exit(f"the development data is not at {_SHARED}")
    if given.long:
        _long(given.long)
        return
    wanted = given.only.split(",") if given.only else ["real", "rendered by others", *CONDITIONS]
    print(
        "| pages | reader | words lost % | accents ignored % | CER % | CER, accents ignored % "
        "| pages/min | × OCRmyPDF | CPU s a page | less than OCRmyPDF | peak MB a process |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for condition in wanted:
            _bench(condition, Path(folder), given.pages, peers=not given.ours)


def _long(count: int) -> None:
    """One file of ``count`` real pages: pages in order, memory at a tenth and at the end."""
    rows = [json.loads(row) for row in (_SHARED / "scans" / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    scans = [_SHARED / "scans" / row["file"] for row in rows]
    with tempfile.TemporaryDirectory() as folder, pikepdf.new() as pdf:
        for number in range(count):
            with pikepdf.open(scans[number % len(scans)]) as source:
                pdf.pages.extend(source.pages)
        stack = Path(folder) / "long.pdf"
        pdf.save(stack)
        own: list[float] = []
        began = time.monotonic()
        with _Memory() as memory:
            for due, page in enumerate(iter_pages(stack, limits=Limits(), jobs=_JOBS), 1):
                if page.number != due or page.error:
                    sys.exit(f"page {due}: got {page.number}, {page.error}")
                own.append(int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20)
        seconds = time.monotonic() - began
    print(
        f"{count} pages in order in {seconds:.0f} s ({60 * count / seconds:.0f} pages/min); "
        f"parent {own[count // 10]:.0f} MB after a tenth, {own[-1]:.0f} MB at the end; "
        f"largest child {memory.peak_mb:.0f} MB"
    )


def _bench(condition: str, folder: Path, count: int, *, peers: bool) -> None:
    files, truths = _set(condition, folder, count)
    stack = folder / f"{condition.replace(' ', '-')}.pdf"
    _stacked(files, stack)
    phone = condition == "phone"
    peer: Score | None = None
    readers: list[tuple[str, Callable[[], list[str]]]] = []
    if peers:
        readers.append(("OCRmyPDF", lambda: _ocrmypdf(stack)))
        readers.append(("Tesseract alone", lambda: _tesseract(files)))
    # A phone's picture comes as a picture: in a PDF nothing would tell it from a scan.
    readers.append(("Số hoá", (lambda: _ours_each(files)) if phone else (lambda: _ours(stack))))
    for name, read in readers:
        score = Score()
        stop()
        spent = _cpu_s()
        with _Memory() as memory:
            began = time.monotonic()
            texts = read()
            score.seconds = time.monotonic() - began
        stop()  # the children's time is counted when their nursery has ended; its start is counted too
        score.cpu_s = _cpu_s() - spent
        score.peak_mb = memory.peak_mb
        for truth, text in zip(truths, texts, strict=True):
            score.add(truth, text)
        if name == "OCRmyPDF":
            peer = score
        print(score.row(condition, name, peer), flush=True)


def _cpu_s() -> float:
    """Processor seconds of all processes started and ended; on a busy machine the honest measure of speed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _set(condition: str, folder: Path, count: int) -> tuple[list[Path], list[str]]:
    if condition in CONDITIONS:
        made = pages(_SHARED / "text" / "admin_legal.txt.xz", condition, count)
        files = []
        for number, page in enumerate(made):
            file = folder / f"{condition}-{number}{page.suffix}"
            file.write_bytes(page.jpeg_or_png)
            files.append(file)
        return files, [page.truth for page in made]
    rows = [json.loads(row) for row in (_SHARED / "scans" / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    kept = [row for row in rows if ("real_" in row["file"]) == (condition == "real")]
    return [_SHARED / "scans" / row["file"] for row in kept], [row["text"] for row in kept]


def _stacked(files: list[Path], out: Path) -> None:
    """One PDF of all pages, images as they are."""
    with pikepdf.new() as pdf:
        for file in files:
            if file.suffix == ".pdf":
                with pikepdf.open(file) as source:
                    pdf.pages.extend(source.pages)
                continue
            with Image.open(file) as image:
                dpi, size = float(image.info.get("dpi", (200, 200))[0]), image.size
            own = embed_picture(pdf, file, "image/png" if file.suffix == ".png" else "image/jpeg", 1)
            points = tuple(side * 72.0 / (dpi if dpi > 80 else 200.0) for side in size)
            pdf.add_blank_page(page_size=points)
            page = pdf.pages[-1]
            page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=own[0]))
            page.obj.Contents = pikepdf.Stream(pdf, b"q %.4f 0 0 %.4f 0 0 cm /Im0 Do Q" % points)
        pdf.save(out)


def _ours(stack: Path) -> list[str]:
    return [page.text for page in read_file(stack, jobs=_JOBS).pages]


def _ours_each(files: list[Path]) -> list[str]:
    with ThreadPoolExecutor(_JOBS) as pool:
        return [reading.text for reading in pool.map(read_file, files)]


_PDFIUM = threading.Lock()  # pdfium knows one thread at a time


def _tesseract(files: list[Path]) -> list[str]:
    def one(file: Path) -> str:
        picture = file
        if file.suffix == ".pdf":
            picture = Path(tempfile.mkdtemp()) / "page.png"
            with _PDFIUM, pypdfium2.PdfDocument(file) as document:
                document[0].render(scale=200 / 72).to_pil().save(picture)
        done = subprocess.run(
            ["tesseract", str(picture), "-", "-l", "vie", "--psm", "3"],
            capture_output=True,
            check=True,
            timeout=120,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},
        )
        return done.stdout.decode("utf-8", "replace")

    with ThreadPoolExecutor(_JOBS) as pool:
        return list(pool.map(one, files))


def _ocrmypdf(stack: Path) -> list[str]:
    if shutil.which("ocrmypdf") is None and not Path(sys.executable).with_name("ocrmypdf").exists():
        sys.exit("ocrmypdf is not installed: pip install '.[bench]'")
    sidecar = stack.with_suffix(".txt")
    subprocess.run(
        [sys.executable, "-m", "ocrmypdf", "-l", "vie", "--jobs", str(_JOBS), "--deskew", "--rotate-pages",
         "--force-ocr", "--output-type", "pdf", "--sidecar", str(sidecar), "-q", str(stack),
         str(stack.with_suffix(".ocr.pdf"))],
        check=True, timeout=600, capture_output=True, env=os.environ | {"OMP_THREAD_LIMIT": "1"},
    )  # fmt: skip
    texts = sidecar.read_text(encoding="utf-8").split("\f")
    return texts[:-1] if not texts[-1].strip() else texts


class _Memory:
    """The largest resident set any process below this one reached, sampled."""

    def __init__(self) -> None:
        self.peak_mb = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            for pid in _descendants(os.getpid()):
                try:
                    pages_held = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                except (OSError, IndexError):
                    continue
                self.peak_mb = max(self.peak_mb, pages_held * 4096 / 2**20)


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        try:
            tasks = list(Path(f"/proc/{current}/task").iterdir())
            children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
        found += children
        waiting += children
    return found


if __name__ == "__main__":
    main()
