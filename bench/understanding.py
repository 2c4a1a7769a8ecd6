"""Understanding, judged: papers of the JUDGE part (another hand's wordings, fonts, damage), really read, then named.

    python -m bench.understanding           reads what is not yet read (kept under bench/work), prints the table
    python -m bench.understanding --quick   no pictures: the reader is simulated (development)

Types: of papers filed by themselves, how many are right; how many are filed by themselves. Fields: exact match after
case, white space and tone placement are folded, against what is printed. Cuts: stacks of papers, blanks and separators.
"""

from __future__ import annotations

import argparse
import pickle
import random
import re
import tempfile
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench.papers import LabelledPaper, make, one, simulate, wordings
from services.classify import understand
from services.classify.model import Piece
from services.ocr.model import Page, Quality, Reading
from services.vietnamese import fold_tone_placement

WORK = Path(__file__).resolve().parent / "work" / "understanding"
LEVELS = ("clean", "office", "worn", "phone")
SURE = 0.93  # a field's confidence from which it counts as given with high confidence
EXACT = ("so_ky_hieu", "ngay_cap", "dinh_danh")
# The truth leaves these empty although the catalogue names an issuer (DOMAIN §10: the seller, the designer).
NOT_JUDGED = {("HDON", "co_quan_cap"), ("BV", "co_quan_cap")}
TARGET = {"clean": 0.90, "office": 0.90, "worn": 0.75, "phone": 0.60}


def papers(part: str, seed: int, per_type: int, only: Sequence[str] | None = None) -> list[LabelledPaper]:
    return list(make(part, seed, per_type=per_type, strangers=0.16, only=only))


def kept_at(paper: LabelledPaper) -> Path:
    stamp = zlib.crc32(paper.text.encode())
    return WORK / f"{paper.part}-{paper.wording.replace('/', '_')}-{paper.seed}-{paper.level}-{stamp:08x}.pickle"


def kept_papers(part: str) -> list[LabelledPaper]:
    """The papers whose readings are kept and still fit the wording they were made from."""
    made = []
    for file in sorted(WORK.glob(f"{part}-*.pickle")):
        match = re.match(rf"{part}-(.+_[A-Z0-9]+_\d+)-(\d+)-([a-z]+)-[0-9a-f]+$", file.stem)
        wording = next((w for w in wordings() if match and w.name.replace("/", "_") == match.group(1)), None)
        if match and wording is not None and wording.part == part:
            paper = one(wording, int(match.group(2)), level=match.group(3))
            if kept_at(paper) == file:
                made.append(paper)
    return made


def read_really(paper: LabelledPaper) -> Reading:
    """The paper's pages as pictures in one file, read by our own reader;
    kept, since pictures and reader do not change."""
    from services.ocr import read_file

    kept = kept_at(paper)
    if kept.exists():
        reading: Reading = pickle.loads(kept.read_bytes())
        return reading
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "paper.pdf"
        images = [paper.image(n, 200).convert("RGB") for n in range(1, paper.page_count + 1)]
        images[0].save(file, "PDF", resolution=200, save_all=True, append_images=images[1:], quality=85)
        reading = read_file(file)
    WORK.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(pickle.dumps(reading))
    return reading


def same(field: str, given: str, wanted: str) -> bool:
    return _folded(given) == _folded(wanted)


def _folded(text: str) -> str:
    text = fold_tone_placement(text).casefold().replace("uỷ ban", "ủy ban").replace("–", "-")
    text = re.sub(r"[\"“”'’.,;:]", "", text)
    text = re.sub(r"^(v/v|về việc)\s+", "", text.strip())
    return re.sub(r"\s+", " ", text).strip()


def right(field: str, paper: LabelledPaper, given: str) -> bool:
    """Whether a given value is what the paper says; on a paper of several owners any way to name them counts."""
    wanted = paper.fields[field]
    ways = [wanted] if wanted else []
    ways += list(paper.accept.get(field, ()))
    if any(same(field, given, way) for way in ways if way):
        return True
    if len(paper.owners) > 1 and field in ("chu_so_huu", "dinh_danh"):
        told = {_folded(part) for part in given.split("; ")}
        known = {_folded(o.name if field == "chu_so_huu" else o.identifier or "") for o in paper.owners}
        return told <= known
    return False


class Tally:
    """Counts of one damage level."""

    def __init__(self) -> None:
        self.n = self.auto = self.auto_wrong = self.top_right = 0
        self.tp: Counter[str] = Counter()
        self.fp: Counter[str] = Counter()
        self.fn: Counter[str] = Counter()
        self.sure: Counter[str] = Counter()
        self.sure_wrong: Counter[str] = Counter()

    @property
    def f1(self) -> float:
        return f1(sum(self.tp.values()), sum(self.fp.values()), sum(self.fn.values()))


def f1(tp: int, fp: int, fn: int) -> float:
    return 2 * tp / (2 * tp + fp + fn) if tp else 0.0


def _tag(paper: LabelledPaper) -> str:
    return f"{paper.wording} {paper.level} {paper.seed}"


def score(paper: LabelledPaper, pieces: Sequence[Piece], tally: Tally, log: list[str]) -> None:
    tally.n += 1
    piece = pieces[0] if pieces else None
    code = piece.code if piece else "KHAC"
    auto = piece is not None and not piece.needs_review
    tally.top_right += code == paper.code
    tally.auto += auto
    tag = _tag(paper)
    if auto and code != paper.code:
        tally.auto_wrong += 1
        log.append(f"WRONG {tag} as {code} {piece.confidence if piece else 0}")
    elif not auto:
        log.append(f"ASK {tag} as {code} {piece.confidence if piece else 0} {piece.reason if piece else ''}")
    if len(pieces) > 1:
        log.append(f"CUT {tag} into {[(p.first_page, p.last_page, p.code) for p in pieces]}")
    if piece is None or code != paper.code:
        for field, wanted in paper.fields.items():
            if wanted and field not in paper.handwritten:
                tally.fn[field] += 1
        return
    for field, wanted in paper.fields.items():
        value = piece.fields.get(field)
        if value is not None and value.confidence < 0.3:
            value = None
        good = value is not None and right(field, paper, value.value)
        if value is not None and value.confidence >= SURE:
            tally.sure[field] += 1
            tally.sure_wrong[field] += not good
            if not good:
                log.append(f"SURE {tag} {field}: {value.value!r} {value.confidence}, is {wanted!r}")
        if field in paper.handwritten or (paper.code, field) in NOT_JUDGED:
            continue
        if good:
            tally.tp[field] += 1
            continue
        if value is not None:
            tally.fp[field] += 1
        if wanted:
            tally.fn[field] += 1
        if value is not None or wanted:
            log.append(f"FIELD {tag} {field}: {value.value if value else None!r}, is {wanted!r}")


def _one(job: tuple[LabelledPaper, bool]) -> tuple[LabelledPaper, Reading | None, str]:
    paper, quick = job
    try:
        return paper, simulate(paper) if quick else read_really(paper), ""
    except Exception as error:
        return paper, None, repr(error)


def readings(
    chosen: Sequence[LabelledPaper], *, quick: bool, jobs: int
) -> Iterable[tuple[LabelledPaper, Reading | None, str]]:
    if quick or jobs == 1:
        return map(_one, ((paper, quick) for paper in chosen))
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(_one, [(paper, quick) for paper in chosen], chunksize=2))


# ---------------------------------------------------------------- stacks


def stack(read: Sequence[tuple[LabelledPaper, Reading]], rng: random.Random) -> tuple[Reading, list[tuple[int, int]]]:
    """Papers one behind the other, with blank backs and now and then a separator sheet;
    and where each begins and ends."""
    pages: list[Page] = []
    spans = []
    for _, reading in read:
        start = len(pages) + 1
        pages += [replace(page, number=len(pages) + 1 + i) for i, page in enumerate(reading.pages)]
        spans.append((start, len(pages)))
        if rng.random() < 0.25:
            last = pages[-1]
            pages.append(
                Page(len(pages) + 1, last.width_px, last.height_px, 200, 0, 0, "recognised", Quality(blank=True), "")
            )
    return Reading(tuple(pages), "application/pdf"), spans


def cuts(read: Sequence[tuple[LabelledPaper, Reading]], log: list[str], seed: int = 5) -> tuple[int, int, int]:
    """Right, false and missed cuts over stacks of three to six papers (a cut is a paper's first page)."""
    rng = random.Random(seed)
    order = list(read)
    rng.shuffle(order)
    tp = fp = fn = 0
    while order:
        size = rng.randint(3, 6)
        chosen, order = order[:size], order[size:]
        reading, spans = stack(chosen, rng)
        found = {piece.first_page for piece in understand(reading)}
        wanted = {first for first, _ in spans}
        tp, fp, fn = tp + len(found & wanted), fp + len(found - wanted), fn + len(wanted - found)
        for first in found - wanted:
            inside = next(i for i, (a, b) in enumerate(spans) if a <= first <= b + 1)
            log.append(f"FALSECUT {_tag(chosen[inside][0])} page {first - spans[inside][0] + 1}")
        for first in wanted - found:
            inside = next(i for i, (a, _) in enumerate(spans) if a == first)
            log.append(f"NOCUT {_tag(chosen[inside][0])} after {chosen[inside - 1][0].wording}")
    return tp, fp, fn


# ---------------------------------------------------------------- the table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="simulate the reader")
    parser.add_argument("--part", default="judge", choices=("judge", "train"))
    parser.add_argument("--per-type", type=int, default=8)
    parser.add_argument("--seed", type=int, default=2025)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--log", type=Path, help="every miss, a line each")
    parser.add_argument("--cached", action="store_true", help="only papers whose reading is kept")
    parser.add_argument("--read-only", action="store_true", help="only fill the cache of readings")
    given = parser.parse_args()
    chosen = papers(given.part, given.seed, given.per_type, given.only)
    if given.cached:
        chosen = kept_papers(given.part)
    tallies: dict[str, Tally] = defaultdict(Tally)
    strangers = Counter()
    times: list[float] = []
    log: list[str] = []
    bins: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    read: list[tuple[LabelledPaper, Reading]] = []
    for paper, reading, error in readings(chosen, quick=given.quick, jobs=given.jobs):
        if reading is None:
            log.append(f"UNREAD {paper.wording} {paper.level}: {error}")
            continue
        read.append((paper, reading))
    if given.read_only:
        print(len(read), "papers read;", *log)
        return
    for paper, reading in read:
        begun = time.process_time()
        pieces = understand(reading)
        times.append(time.process_time() - begun)
        if paper.code == "KHAC":
            strangers["n"] += 1
            filed = [piece for piece in pieces if not piece.needs_review]
            strangers["filed"] += bool(filed)
            log += [
                f"STRANGER {paper.wording} {paper.level} {paper.seed} filed as {piece.code} {piece.confidence}"
                for piece in filed
            ]
            continue
        score(paper, pieces, tallies[paper.level], log)
        if pieces:
            slot = bins[min(9, int(pieces[0].confidence * 10))]
            slot[0] += 1
            slot[1] += pieces[0].code == paper.code
    tp, fp, fn = cuts(read, log)
    _print(tallies, strangers, times, bins, (tp, fp, fn))
    if given.log:
        given.log.write_text("\n".join(log), "utf-8")


def _print(
    tallies: dict[str, Tally],
    strangers: Counter[str],
    times: Sequence[float],
    bins: dict[int, list[int]],
    cut: tuple[int, int, int],
) -> None:
    print(
        "| damage | papers | right type | filed alone (target) | filed alone wrong | fields F1 | sure "
        "number/day/id: right |"
    )
    print("|---|---|---|---|---|---|---|")
    for level in LEVELS:
        tally = tallies[level]
        sure, wrong = sum(tally.sure[f] for f in EXACT), sum(tally.sure_wrong[f] for f in EXACT)
        share, alone = tally.top_right / max(1, tally.n), tally.auto / max(1, tally.n)
        numbers = f"{sure - wrong} of {sure} ({(sure - wrong) / max(1, sure):.4f})"
        alone_cell = f"{alone:.3f} (≥ {TARGET[level]:.2f})"
        print(f"| {level} | {tally.n} | {share:.3f} | {alone_cell} | {tally.auto_wrong} | {tally.f1:.3f} | {numbers} |")
    auto, wrong = sum(t.auto for t in tallies.values()), sum(t.auto_wrong for t in tallies.values())
    share = (auto - wrong) / max(1, auto)
    print(f"\nFiled alone, of the right type: {auto - wrong} of {auto} ({share:.4f}; target ≥ 0.995).")
    print(f"Out-of-catalogue papers filed alone: {strangers['filed']} of {strangers['n']} (target 0).")
    print(f"Cuts F1: {f1(*cut):.4f} (right {cut[0]}, false {cut[1]}, missed {cut[2]}; target ≥ 0.98).")
    millis = sorted(1000 * t for t in times)
    print(
        f"Processor time a paper: median {median(millis):.0f} ms, "
        f"95th {millis[int(0.95 * len(millis))]:.0f} ms (target ≤ 60).\n"
    )
    print("| field | F1 clean+office | F1 worn | F1 phone | precision when sure |\n|---|---|---|---|---|")
    names = list(dict.fromkeys(f for t in tallies.values() for f in [*t.tp, *t.fn, *t.fp]))
    for field in names:
        near = [tallies[level] for level in ("clean", "office")]
        cells = [f1(sum(t.tp[field] for t in near), sum(t.fp[field] for t in near), sum(t.fn[field] for t in near))]
        cells += [
            f1(tallies[level].tp[field], tallies[level].fp[field], tallies[level].fn[field])
            for level in ("worn", "phone")
        ]
        sure, wrong = sum(t.sure[field] for t in tallies.values()), sum(t.sure_wrong[field] for t in tallies.values())
        numbers = f"{(sure - wrong) / max(1, sure):.4f} of {sure}"
        print(f"| {field} | {cells[0]:.3f} | {cells[1]:.3f} | {cells[2]:.3f} | {numbers} |")
    print("\n| confidence | papers | right |\n|---|---|---|")
    for slot in sorted(bins):
        count, good = bins[slot]
        print(f"| {slot / 10:.1f}–{slot / 10 + 0.1:.1f} | {count} | {good / count:.3f} |")


if __name__ == "__main__":
    main()
