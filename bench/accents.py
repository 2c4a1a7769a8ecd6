"""Accents: how much comes back, how little is damaged, how fast. Prints a Markdown table.

    python -m bench.accents [--data DIR] [--peers]

Held out: directives 0–3; lines of the general text whose number leaves 5 when divided by 997 (no training line shares
ten words in a row with either); for garbled text, those lines printed in fonts, and read with settings and damage, that
the channel was not learnt from. Needs Tesseract with ``eng`` and the fonts; what is rendered is kept in bench/work.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from services.ocr.accents import judge_text, repair_text
from services.ocr.accents.learning.corpus import TEST, held_out, read_lines
from services.ocr.accents.learning.rendered import Setting, read_pairs, wrap
from services.vietnamese import fold_tone_placement, nfc, strip_marks

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "bench" / "work" / "accents"
FONTS = Path("/usr/share/fonts/truetype")
UNSEEN = {
    "FreeSerif 13 pt, 170 dpi, psm 4, blur and grain": Setting(
        str(FONTS / "freefont/FreeSerif.ttf"), 13, 170, 0.8, 9, 4, seed=3
    ),
    "DejaVu Sans 11 pt, 240 dpi, psm 3, black and white": Setting(
        str(FONTS / "dejavu/DejaVuSans.ttf"), 11, 240, 1.0, 14, 3, threshold=150, seed=4
    ),
    "FreeSans 12 pt, 190 dpi, psm 11": Setting(str(FONTS / "freefont/FreeSans.ttf"), 12, 190, 0.5, 4, 11, seed=5),
    "Noto Serif Display 14 pt (a display face), 200 dpi, psm 6": Setting(
        str(FONTS / "noto/NotoSerifDisplay-Regular.ttf"), 14, 200, 0.5, 5, 6, seed=6
    ),
}
_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"\w+")


def wrong(truth: str, got: str) -> tuple[int, int]:
    """Wrong syllables (edit distance over ``\\w+`` tokens, line by line, lower case, hoá = hóa) and how many in all."""
    bad = count = 0
    for right, out in zip(truth.split("\n"), got.split("\n"), strict=True):
        a, b = (_TOKEN.findall(fold_tone_placement(text).lower()) for text in (right, out))
        bad += Levenshtein.distance(a, b)
        count += len(a)
    return bad, count


def share(truth: str, got: str) -> str:
    bad, count = wrong(truth, got)
    return f"{100 * bad / count:.2f} % of {count:,}"


def rendered(lines: Sequence[str], setting: Setting) -> list[tuple[str, str]]:
    key = hashlib.sha256(repr((setting, lines)).encode()).hexdigest()[:16]
    kept = WORK / f"{key}.jsonl"
    if not kept.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        pairs = read_pairs(lines, setting)
        kept.write_text("".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs), "utf-8")
    return [(right, read) for right, read in map(json.loads, kept.read_text("utf-8").splitlines())]


COLD = """
import sys, time
page = sys.stdin.read()
start = time.perf_counter()
from services.ocr.accents import repair_text
repair_text(page)
seconds = time.perf_counter() - start
# Not getrusage: its peak is carried over from the process that started this one.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(seconds, int(peak.split()[1]) / 1024)
"""


def cold(page: str) -> tuple[float, float]:
    """Seconds from import to answer in a new process (best of five), and that process's peak memory in MB."""
    best = (99.0, 0.0)
    # As installed: with byte code, which the first of the runs writes where it is not there.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", COLD], input=page, capture_output=True, text=True, check=True, cwd=ROOT, env=env
        )
        seconds, memory = map(float, done.stdout.split())
        best = min(best, (seconds, memory))
    return best


def _repair(text: str) -> int:
    return len(repair_text(text).changes)


def speed(text: str, processes: int) -> float:
    """Syllables repaired a second, all processes together, warm."""
    words = len(_WORD.findall(text))
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(_repair, [text[:2000]] * processes))
        start = time.perf_counter()
        list(pool.map(_repair, [text] * (2 * processes)))
        return 2 * processes * words / (time.perf_counter() - start)


# underthesea 9.5 has no restorer in its package any more, so only pyvi can be run.
PEERS = {"pyvi": ("pyvi==0.1.1", "from pyvi.ViUtils import add_accents as restore")}
PEER = """
import json, sys, time
{setup}
lines, restored, broke, start = json.load(sys.stdin), [], 0, time.perf_counter()
for line in lines:
    try:
        restored.append(restore(line))
    except KeyError:
        restored.append(line)
        broke += 1
print(json.dumps([restored, broke, time.perf_counter() - start]))
"""


def peer(name: str, lines: Sequence[str]) -> tuple[list[str], str]:
    """Lines as a published package restores them, from a virtual environment of its own, and how that went."""
    package, setup = PEERS[name]
    home = WORK / f"venv-{name}"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, capture_output=True, timeout=120)
        subprocess.run([python, "-m", "pip", "install", "-q", package], check=True, capture_output=True, timeout=400)
    code = PEER.format(setup=setup)
    done = subprocess.run(
        [python, "-W", "ignore", "-c", code], input=json.dumps(lines), stdout=subprocess.PIPE, text=True, check=True
    )
    restored, broke, seconds = json.loads(done.stdout.splitlines()[-1])
    speed = sum(len(line.split()) for line in lines) / seconds
    return restored, f"{speed:,.0f} syllables/s, gave up on {broke} of {len(lines)} lines"


def main() -> None:
    parser = argparse.ArgumentParser()
    given = os.environ.get("SOHOA_SHARED_DATA", str(ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(given))
    parser.add_argument("--peers", action="store_true", help="also run pyvi (needs a package index)")
    options = parser.parse_args()
    data: Path = options.data
    if not data.is_dir():
        sys.exit("the development data is not here: give --data")
    directives = [nfc((data / "seeds_text" / f"directive_{n}.txt").read_text("utf-8")) for n in range(4)]
    letters = "\n".join(directives)
    general = "\n".join(held_out(read_lines(data / "text" / "general.txt.xz"), TEST)[:3000])
    admin_lines = held_out(read_lines(data / "text" / "admin_legal.txt.xz"), TEST)
    rows: list[tuple[str, str, str]] = []

    def row(what: str, figure: str, target: str) -> None:
        rows.append((what, figure, target))
        print(f"| {what} | {figure} | {target} |", flush=True)

    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.machine()}\n")
    print("| what | measured | target |\n|---|---|---|")
    for name, truth, target in (("directives 0–3", letters, "≤ 0.7 %"), ("general text", general, "≤ 1.5 %")):
        bare = strip_marks(truth)
        row(f"stripped {name}, wrong: as given", share(truth, bare), "")
        row(f"stripped {name}, wrong: **repaired**", share(truth, repair_text(bare).text), target)
    sure_and_wrong(letters + "\n" + general, row)
    if options.peers:
        lines = [line for line in letters.split("\n") if line.strip()]
        for name in PEERS:
            restored, how = peer(name, [strip_marks(line) for line in lines])
            row(f"stripped directives 0–3, wrong: {name} ({how})", share("\n".join(lines), "\n".join(restored)), "")

    printed = wrap([*letters.split("\n"), *general.split("\n")[:60]])
    bad = count = 0
    for name, setting in UNSEEN.items():
        pairs = rendered(printed, setting)
        truth, read = "\n".join(right for right, _ in pairs), "\n".join(line for _, line in pairs)
        pages = [pairs[at : at + 40] for at in range(0, len(pairs), 40)]
        got = "\n".join(repair_text("\n".join(line for _, line in page)).text for page in pages)
        row(f"garbled, {name}, wrong: as read", share(truth, read), "")
        row(f"garbled, {name}, wrong: **repaired**", share(truth, got), "≤ 3 %")
        set_bad, set_count = wrong(truth, got)
        bad, count = bad + set_bad, count + set_count
    row("garbled, all four, wrong: **repaired**", f"{100 * bad / count:.2f} % of {count:,}", "≤ 3 %")
    right = "\n".join([letters, general, *admin_lines])
    row("right text changed", share(right, repair_text(right).text).replace("% of", "% of"), "≤ 0.02 %")
    row("text layers judged right (pages of 40 lines, four states)", judged(right, printed), "")

    sentences = strip_marks(general + "\n" + letters)
    row("stripped, syllables a second, one process", f"{speed(sentences, 1):,.0f}", "")
    row("stripped, syllables a second, two processes", f"{speed(sentences, 2):,.0f}", "≥ 20,000")
    setting = next(iter(UNSEEN.values()))
    page = "\n".join(line for _, line in rendered(printed, setting)[:40])
    seconds, memory = cold(page)
    row(f"garbled page of {len(page.split())} words in a new process, import and all", f"{seconds:.2f} s", "≤ 0.5 s")
    row("peak memory of that process", f"{memory:.0f} MB", "≤ 150 MB")
    shipped = sum(
        file.stat().st_size for file in (ROOT / "services/ocr/accents").iterdir() if file.suffix in (".bin", ".onnx")
    )
    row("model files shipped", f"{shipped / 1e6:.1f} MB", "≤ 12 MB")


def sure_and_wrong(truth: str, row: Callable[[str, str, str], None]) -> None:
    """Of the changes marked sure, how many are wrong; and how many are not marked so."""
    bare = strip_marks(truth)
    out = repair_text(bare)
    lines, wrong_sure, sure = truth.split("\n"), 0, 0
    for change in out.changes:
        if change.sure:
            sure += 1
            right = fold_tone_placement(lines[change.line][change.start : change.end])
            wrong_sure += right != fold_tone_placement(change.after)
    row("of the changes to stripped text, marked sure", f"{100 * sure / len(out.changes):.1f} %", "")
    row("of those, wrong", f"{100 * wrong_sure / sure:.2f} %", "")


def judged(right: str, printed: Sequence[str]) -> str:
    pages = [page for page in _pages(right.split("\n")) if len(page.split()) > 40]
    expected = [("good", page) for page in pages] + [("stripped", strip_marks(page)) for page in pages]
    for setting in UNSEEN.values():
        expected += [("garbled", page) for page in _pages([read for _, read in rendered(printed, setting)])]
    expected += [("other", page) for page in _pages((ROOT / "LICENSE").read_text("utf-8").splitlines())]
    hits = sum(judge_text(page) == state for state, page in expected)
    return f"{hits} of {len(expected)}"


def _pages(lines: Sequence[str]) -> list[str]:
    return ["\n".join(lines[at : at + 40]) for at in range(0, len(lines), 40)]


if __name__ == "__main__":
    main()
