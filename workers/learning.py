"""What clerks confirmed becomes a new model, kept beside the records and used from then on.

    data_dir/models/VERSION.npz    every model that was accepted
    data_dir/models/current        the name of the one in use

Only confirmed labels teach; a model that is worse on its held-out part is not used (``services.classify.learning``).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

from services.classify import Model, default_model, load_model
from services.classify.learning import Example, Trained, train
from services.errors import UsageError
from services.ocr.wire import kept_reading
from services.storage import Kho
from services.storage.model import Label

log = logging.getLogger(__name__)


class NothingToLearnFrom(UsageError):
    code = "nothing-to-learn-from"
    vi = "Chưa có giấy tờ nào được người xem xác nhận, hoặc bản cài đặt thiếu mô hình gốc."
    en = "No paper has been confirmed by a person yet, or this installation lacks the base model."


class Learned:
    """The model in use; looked up again when another one takes its place."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "models"
        self._name: str | None = None
        self._model = default_model()

    def model(self) -> Model | None:
        """The current model, the shipped one where none was trained here; None decides by rules alone."""
        name = self._current()
        if name != self._name:
            self._model = load_model((self._folder / name).read_bytes()) if name else default_model()
            self._name = name
        return self._model

    def use(self, trained: Trained) -> Path:
        """Keep an accepted model and put it in use, at once for every worker that shares this folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = self._folder / f"{trained.version}.npz"
        _write(kept, trained.model_bytes)
        _write(self._folder / "current", kept.name.encode())
        return kept

    def _current(self) -> str | None:
        try:
            return (self._folder / "current").read_text().strip() or None
        except FileNotFoundError:
            return None


def learn(kho: Kho, learned: Learned) -> Trained:
    """Train on everything confirmed so far; put the model in use if it is not worse. Raises ``NothingToLearnFrom``."""
    base = default_model()
    examples = list(_examples(kho))
    if base is None or not examples:
        raise NothingToLearnFrom
    trained = train(examples, base)
    if trained.accepted:
        learned.use(trained)
    log.info("model %s: %s %s", trained.version, "in use" if trained.accepted else "not used", dict(trained.report))
    return trained


def _examples(kho: Kho) -> Iterator[Example]:
    by_reading: dict[str, list[Label]] = {}
    for label in kho.labels():
        by_reading.setdefault(label.reading_sha256, []).append(label)
    for sha256, labels in by_reading.items():
        with kho.fetch(sha256) as kept:
            reading = kept_reading(kept.read_bytes())
        for label in labels:
            yield Example.of(reading, label.first_page, label.last_page, label.confirmed)


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all: a worker may read it at any moment."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(data)
    aside.replace(path)
