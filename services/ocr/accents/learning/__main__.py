"""Rebuilds ``accents.bin``: ``python -m services.ocr.accents.learning --data DIR [--out FILE]``.

``DIR`` holds ``text/`` (admin_legal.txt.xz, general.txt.xz, gazetteer.txt, acronyms.tsv), ``garbled/pairs_*.jsonl`` and
``seeds_text/`` (only to keep it out of the training). Further pairs are rendered and read on the spot, so Tesseract's
``eng`` and the fonts of ``rendered.py`` are needed; ``--pairs FILE`` keeps them between runs. The same
inputs, fonts and Tesseract give the same bytes. Takes a few minutes and 6 GB of memory.
"""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

import numpy as np

from services.ocr.accents.learning.channel import learn_channel, pack_channel
from services.ocr.accents.learning.corpus import gather
from services.ocr.accents.learning.lexical import acronyms, capitals, choose_words
from services.ocr.accents.learning.ngrams import Budget, learn
from services.ocr.accents.learning.rendered import training_pairs
from services.ocr.accents.lexicon import MODEL_FILE
from services.ocr.accents.packed import write_arrays
from services.vietnamese import strip_marks

_log = logging.getLogger(__name__)
BUDGET = Budget(bigrams=520_000, trigrams=1_550_000)


def build(data: Path, out: Path, kept_pairs: Path | None, budget: Budget = BUDGET) -> None:
    """Learns everything from ``data`` and writes the packed model to ``out``."""
    given = [
        (right, read)
        for file in sorted((data / "garbled").glob("pairs_*.jsonl"))
        for right, read in map(json.loads, file.read_text("utf-8").splitlines())
    ]
    if kept_pairs is not None and kept_pairs.exists():
        made = [(right, read) for right, read, *_ in map(json.loads, kept_pairs.read_text("utf-8").splitlines())]
    else:
        made = training_pairs(data)
        if kept_pairs is not None:
            kept_pairs.write_text("".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in made), "utf-8")
    _log.info("%d pairs given, %d rendered", len(given), len(made))
    channel = pack_channel(learn_channel([*given, *made]))

    corpus = gather(data)
    _log.info(
        "%d words; %d of %d lines share text with what is held out",
        len(corpus.ids),
        corpus.excluded_lines,
        corpus.lines,
    )
    lexicon, ids = choose_words(corpus.ids, corpus.words)
    groups: dict[str, int] = {}
    letters = np.array([groups.setdefault(strip_marks(word), len(groups)) for word in lexicon])
    arrays = learn(ids, len(lexicon), letters, budget)
    arrays["words"] = np.frombuffer("\n".join(lexicon).encode("utf-8"), np.uint8)
    arrays["case.title"], arrays["case.lower"] = capitals(data, lexicon)
    arrays["acronyms"] = np.frombuffer(acronyms(data).encode("utf-8"), np.uint8)
    arrays.update(channel)
    write_arrays(out, arrays)
    _log.info("%s: %d words, %d bytes", out, len(lexicon), out.stat().st_size)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Rebuild the accent model.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=MODEL_FILE)
    parser.add_argument("--pairs", type=Path, help="keeps the rendered pairs here, or takes them from here")
    parser.add_argument("--bigrams", type=int, default=BUDGET.bigrams)
    parser.add_argument("--trigrams", type=int, default=BUDGET.trigrams)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    build(given.data, given.out, given.pairs, Budget(given.bigrams, given.trigrams))


if __name__ == "__main__":
    main()
