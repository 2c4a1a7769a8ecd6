"""Builds the shipped model from made-up papers of the TRAIN part: ``python -m bench.train_model``.

Every wording is drawn at four levels of reader's mistakes, people and numbers anew each time; strangers teach KHAC.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bench.papers import make, simulate
from services.classify.layout import lay_out
from services.classify.learned import DIMENSIONS, Model, features, load_model
from services.classify.marks import take_off_marks

OUT = Path(__file__).resolve().parent.parent / "services" / "classify" / "data" / "model.npz"
REMEMBERED = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-type", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    begun = time.perf_counter()
    labels, rows, columns, values = [], [], [], []
    memory = []
    kept: Counter[str] = Counter()
    for paper in make("train", given.seed, per_type=given.per_type, strangers=0.25):
        sheets, _ = take_off_marks([lay_out(page) for page in simulate(paper).pages], (), "")
        indices, weights = features(sheets)
        if not len(indices):
            continue
        rows += [len(labels)] * len(indices)
        columns += indices.tolist()
        values += weights.tolist()
        labels.append(paper.code)
        if kept[paper.code] < REMEMBERED:
            kept[paper.code] += 1
            memory.append((paper.code, indices, weights))
    matrix = csr_matrix((np.array(values, np.float32), (rows, columns)), shape=(len(labels), DIMENSIONS))
    fitted = LogisticRegression(C=20.0, max_iter=300, tol=1e-3).fit(matrix, labels)
    model = Model(
        "", tuple(fitted.classes_.tolist()), fitted.coef_.T.astype(np.float32),
        fitted.intercept_.astype(np.float32), (),
        tuple(sorted(memory, key=lambda one: one[0])), {"papers": float(len(labels))},
    )  # fmt: skip
    data = model.to_bytes()
    given.out.write_bytes(data)
    print(
        f"{load_model(data).version}: {len(labels)} papers, {len(data) / 1e6:.2f} MB, "
        f"{time.perf_counter() - begun:.0f} s"
    )


if __name__ == "__main__":
    main()
