"""First step of rebuilding ``context.onnx``: text → numbered tokens, without the held-out lines.

    python -m services.ocr.accents.context_training.prepare SHARED/text SHARED/seeds_text WORK

reads ``general.txt.xz``, ``admin_legal.txt.xz``, ``gazetteer.txt`` of the development data and writes into WORK

* ``vocabulary.json``: keys (stripped tokens the net knows) and, per key, the forms (accented spellings) it chooses among;
* ``tokens.npz``: the training text as numbers (see ``Corpus``), small enough to travel to a GPU machine;
* ``held_out.npz``: test (general line number % 997 == 5), dev (% 997 == 6) and the directives 0–3, same coding.

Held out honestly: a training line that shares ten consecutive stripped, lower-cased tokens with test, dev or any
directive (0–4) is dropped.
"""

from __future__ import annotations

import json
import logging
import lzma
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from services.ocr.accents.context_tokens import BUCKETS, CASES, GAPS, NUMBERS, Tokens, case_of, gap_of, split, word_code
from services.vietnamese import fold_tone_placement, nfc, strip_marks

LOG = logging.getLogger("prepare")
NGRAM = 10
MIN_FORM = 3  # a spelling seen fewer times is taken for a misprint
MIN_SHARE = 0.0002  # nor is one believed that is this rare beside the others of its key (unless seen MIN_SURE times)
MIN_SURE = 8
MIN_KEY = 40  # an unambiguous key seen fewer times shares a hashed row

# Lines of letters and forms that de-duplication made rare in the text, or that it never held: (weight, line).
FORMULAE = [
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc",
    "ỦY BAN NHÂN DÂN",
    "HỘI ĐỒNG NHÂN DÂN",
    "Kính gửi:",
    "Nơi nhận:",
    "Nơi nhận: - Như trên; - Lưu: VT",
    "Như trên;",
    "Lưu: VT, NC.",
    "KT. CHỦ TỊCH PHÓ CHỦ TỊCH",
    "TM. ỦY BAN NHÂN DÂN CHỦ TỊCH",
    "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH PHÓ CHỦ TỊCH",
    "TL. CHỦ TỊCH CHÁNH VĂN PHÒNG",
    "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC",
    "KT. BỘ TRƯỞNG THỨ TRƯỞNG",
    "QUYẾT ĐỊNH:",
    "SAO Y BẢN CHÍNH",
    "SAO Y",
    "(Đã ký)",
    "(Ký, ghi rõ họ tên, đóng dấu)",
    "(Ký, ghi rõ họ tên)",
    "V/v",
    "V/v triển khai thực hiện",
    "Về việc",
    "Số:",
    "ngày tháng năm",
    "Hà Nội, ngày 15 tháng 3 năm 2024",
    "Đồng Nai, ngày 26 tháng 4 năm 2025",
    "TỜ KHAI",
    "ĐƠN ĐỀ NGHỊ",
    "GIẤY KHAI SINH",
    "GIẤY CHỨNG NHẬN",
    "GIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT QUYỀN SỞ HỮU NHÀ Ở VÀ TÀI SẢN KHÁC GẮN LIỀN VỚI ĐẤT",
    "GIẤY CHỨNG NHẬN KẾT HÔN",
    "TRÍCH LỤC KHAI TỬ",
    "CĂN CƯỚC CÔNG DÂN",
    "Họ, chữ đệm, tên:",
    "Họ và tên:",
    "Ngày, tháng, năm sinh:",
    "Nơi sinh:",
    "Quê quán:",
    "Giới tính: Nam Dân tộc: Kinh Quốc tịch: Việt Nam",
    "Giới tính: Nữ Dân tộc: Kinh Quốc tịch: Việt Nam",
    "Nơi cư trú:",
    "Nơi thường trú:",
    "Nơi đăng ký khai sinh:",
    "Số định danh cá nhân:",
    "NGƯỜI KÝ GIẤY KHAI SINH",
    "Người đi khai sinh:",
]
FORMULA_WEIGHT = 60
GAZETTEER_WEIGHT = 2


class Corpus(NamedTuple):
    """Tokens of many lines end to end: ``word`` numbers (uint16 once coded), ``looks`` = case * len(GAPS) + gap."""

    word: np.ndarray
    looks: np.ndarray
    lengths: np.ndarray  # tokens per line


class _Forms(dict[str, tuple[int, int]]):
    """Raw token → (number of its folded lower-case spelling, case); new spellings are numbered as they come."""

    def __init__(self) -> None:
        super().__init__()
        self.number: dict[str, int] = {}

    def __missing__(self, raw: str) -> tuple[int, int]:
        spelling = fold_tone_placement(raw.lower())
        found = self[raw] = (self.number.setdefault(spelling, len(self.number)), case_of(raw))
        return found


class _Gaps(dict[str, int]):
    def __missing__(self, gap: str) -> int:
        found = self[gap] = gap_of(gap)
        return found


def read_lines(path: Path) -> Iterator[str]:
    """Lines of an xz or plain file, NFC, without the line end."""
    with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield nfc(line.rstrip("\n"))


def number(lines: Iterable[str], forms: _Forms, gaps: _Gaps) -> Corpus:
    """Tokens of the lines, with the growing spelling numbers of ``forms``."""
    words: list[np.ndarray] = []
    looks: list[np.ndarray] = []
    lengths: list[int] = []
    for line in lines:
        tokens: Tokens = split(line)
        lengths.append(len(tokens.words))
        if not tokens.words:
            continue
        pairs = np.array([forms[w] for w in tokens.words], np.int32)
        words.append(pairs[:, 0])
        looks.append((pairs[:, 1] * len(GAPS) + [gaps[g] for g in tokens.gaps]).astype(np.uint8))
    return Corpus(np.concatenate(words), np.concatenate(looks), np.array(lengths, np.int64))


def ngram_hashes(
    corpus: Corpus, key_of: np.ndarray, salt: np.ndarray, *, across_lines: bool
) -> tuple[np.ndarray, np.ndarray]:
    """64-bit hashes of every run of ``NGRAM`` stripped tokens, and the line each starts in."""
    value = salt[key_of[corpus.word]]
    line = np.repeat(np.arange(len(corpus.lengths)), corpus.lengths)
    count = len(value) - NGRAM + 1
    total = np.zeros(count, np.uint64)
    for step in range(NGRAM):
        total = total * np.uint64(0x9E3779B97F4A7C15) + value[step : step + count]
    if across_lines:
        return total, line[:count]
    inside = line[:count] == line[NGRAM - 1 :]
    return total[inside], line[:count][inside]


def keep_lines(corpus: Corpus, keep: np.ndarray) -> Corpus:
    """The lines for which ``keep`` is true."""
    token = np.repeat(keep, corpus.lengths)
    return Corpus(corpus.word[token], corpus.looks[token], corpus.lengths[keep])


def main(text: Path, seeds: Path, work: Path) -> None:
    """Does the whole step; see the module docstring."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    work.mkdir(parents=True, exist_ok=True)
    forms, gaps = _Forms(), _Gaps()
    general = number(read_lines(text / "general.txt.xz"), forms, gaps)
    LOG.info("general: %d tokens", len(general.word))
    admin = number(read_lines(text / "admin_legal.txt.xz"), forms, gaps)
    LOG.info("admin: %d tokens", len(admin.word))
    places = number(read_lines(text / "gazetteer.txt"), forms, gaps)
    formulae = number(FORMULAE, forms, gaps)
    directives = [number(read_lines(seeds / f"directive_{n}.txt"), forms, gaps) for n in range(5)]

    spellings = list(forms.number)
    key_number: dict[str, int] = {}
    key_of = np.array([key_number.setdefault(strip_marks(s), len(key_number)) for s in spellings])
    keys = list(key_number)
    salt = np.random.default_rng(997).integers(0, 2**63, len(keys), dtype=np.uint64)

    row = np.arange(len(general.lengths))
    test, dev = keep_lines(general, row % 997 == 5), keep_lines(general, row % 997 == 6)
    held = [ngram_hashes(c, key_of, salt, across_lines=False)[0] for c in (test, dev)]
    held += [ngram_hashes(c, key_of, salt, across_lines=True)[0] for c in directives]
    forbidden = np.unique(np.concatenate(held))
    trains = []
    for name, corpus, ours in (("general", general, row % 997 > 6), ("admin", admin, None)):
        keep = np.ones(len(corpus.lengths), bool) if ours is None else ~np.isin(row % 997, (5, 6))
        hashes, line = ngram_hashes(corpus, key_of, salt, across_lines=False)
        at = np.minimum(np.searchsorted(forbidden, hashes), len(forbidden) - 1)
        shared = np.unique(line[forbidden[at] == hashes])
        keep[shared] = False
        LOG.info("%s: %d lines share a 10-gram with held-out text, %d stay", name, len(shared), keep.sum())
        trains.append(keep_lines(corpus, keep & (corpus.lengths > 0)))

    counts = np.zeros(len(spellings), np.int64)
    for corpus, weight in ((trains[0], 1), (trains[1], 1), (places, GAZETTEER_WEIGHT), (formulae, FORMULA_WEIGHT)):
        counts += weight * np.bincount(corpus.word, minlength=len(spellings))
    vocabulary, code_of = choose_vocabulary(spellings, keys, key_of, counts)
    (work / "vocabulary.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    LOG.info("vocabulary: %d keys, %d forms", len(vocabulary["keys"]), sum(map(len, vocabulary["forms"])))

    packed: dict[str, np.ndarray] = {}
    for name, corpus in (("general", trains[0]), ("admin", trains[1]), ("places", places), ("formulae", formulae)):
        packed |= {
            f"{name}_word": code_of[corpus.word],
            f"{name}_looks": corpus.looks,
            f"{name}_lengths": corpus.lengths.astype(np.uint16),
        }
    np.savez(work / "tokens.npz", **packed)
    packed = {}
    for name, corpus in (("test", test), ("dev", dev), *((f"directive{n}", directives[n]) for n in range(4))):
        code = code_of[corpus.word]
        # A held-out spelling that the vocabulary lacks is coded by its key, and can only be wrong.
        known = counts[corpus.word] > 0
        packed |= {
            f"{name}_word": code,
            f"{name}_looks": corpus.looks,
            f"{name}_lengths": corpus.lengths,
            f"{name}_seen": known,
        }
    np.savez(work / "held_out.npz", **packed)
    report_ceiling(packed, vocabulary)


def choose_vocabulary(
    spellings: list[str], keys: list[str], key_of: np.ndarray, counts: np.ndarray
) -> tuple[dict[str, list[str] | list[list[str]] | list[list[int]]], np.ndarray]:
    """Which keys and forms get a number, and the number (uint16) of every spelling.

    Numbers: ``NUMBERS`` classes, ``BUCKETS`` hashed rows, keys, then forms in the order of their keys. A spelling that
    is a form gets the form's number; any other gets its key's (+ 0x8000 when it is not spelt like the key: no target).
    """
    key_total = np.bincount(key_of, weights=counts, minlength=len(keys))
    order = np.argsort(key_of, kind="stable")
    bounds = np.searchsorted(key_of[order], np.arange(len(keys) + 1))
    known_keys: list[str] = []
    known_forms: list[list[str]] = []
    form_counts: list[list[int]] = []
    first = len(NUMBERS) + BUCKETS
    chosen: dict[str, tuple[str, ...]] = {}
    for k in np.argsort(-key_total, kind="stable"):
        if key_total[k] < MIN_FORM:
            break
        members = order[bounds[k] : bounds[k + 1]]
        if word_code(keys[k]) < len(NUMBERS):
            continue
        good = [
            m
            for m in members
            if counts[m] >= MIN_FORM and (counts[m] >= MIN_SURE or counts[m] >= MIN_SHARE * key_total[k])
        ]
        bare = [m for m in members if spellings[m] == keys[k] and m not in good and counts[m] > 0]
        good += bare  # an acronym or foreign word may look like any syllable
        good.sort(key=lambda m: (-counts[m], spellings[m]))
        plain = len(good) == 1 and spellings[good[0]] == keys[k]
        if not good or (plain and key_total[k] < MIN_KEY):
            continue
        chosen[keys[k]] = tuple(spellings[m] for m in good)
        known_keys.append(keys[k])
        known_forms.append([] if plain else [spellings[m] for m in good])
        form_counts.append([] if plain else [int(counts[m]) for m in good])
    key_code = {k: first + i for i, k in enumerate(known_keys)}
    start = first + len(known_keys)
    form_code = {f: start + i for i, f in enumerate(f for fs in known_forms for f in fs)}
    codes = np.empty(len(spellings), np.uint16)
    for i, spelling in enumerate(spellings):
        key = keys[key_of[i]]
        code = form_code.get(spelling)
        if code is None:
            code = key_code[key] if key in key_code else word_code(key)
            if spelling != key or (key in key_code and known_forms[key_code[key] - first]):
                code += 0x8000
        codes[i] = code
    if start + len(form_code) >= 0x8000:
        raise SystemExit("vocabulary too large for the coding")
    return {
        "keys": known_keys,
        "forms": known_forms,
        "counts": form_counts,
        "cases": list(CASES),
        "gaps": list(GAPS),
    }, codes


def report_ceiling(packed: dict[str, np.ndarray], vocabulary: dict[str, list]) -> None:  # type: ignore[type-arg]
    """Logs the share of held-out tokens that the vocabulary can spell at all."""
    for name in ("test", "dev", "directive0", "directive1", "directive2", "directive3"):
        word = packed[f"{name}_word"]
        LOG.info("%s: %d tokens, %.3f %% can be spelt", name, len(word), 100 * (word < 0x8000).mean())


if __name__ == "__main__":
    main(*(Path(a) for a in sys.argv[1:4]))
