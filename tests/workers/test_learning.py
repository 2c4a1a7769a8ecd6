"""What clerks confirm teaches the next model, and only that."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from services.classify import default_model
from services.ocr.model import Box, Page, Word
from services.ocr.wire import keep_reading
from services.settings import Settings
from services.storage import Kho
from services.storage.model import Actor, IntakeState
from tests.workers.samples import page, piece, reading
from workers.learning import Learned, NothingToLearnFrom, learn
from workers.mapping import paper_of

NEW_TYPE = "PHIEU_GUI_XE"
needs_model = pytest.mark.skipif(default_model() is None, reason="the shipped model has not been built")


def _ticket(number: int) -> Page:
    lines = ("PHIẾU GỬI XE THÁNG", f"Số: {number}", "Họ và tên: Lê Văn Khế", f"Biển số: 60A-{number:05}")
    words = []
    for row, line in enumerate(lines):
        for column, word in enumerate(line.split()):
            left, top = 200 + 140 * column, 200 + 80 * row
            words.append(Word(word, Box(left, top, left + 120, top + 40), 0.95, line=row, block=0))
    return replace(page(text="\n".join(lines)), words=tuple(words), codes=(), red_stamps=())


def _confirm(kho: Kho, clerk: Actor, number: int) -> None:
    """A paper that a person saw in the review and named."""
    seen = reading(_ticket(number))
    kho.accept(io.BytesIO(f"ticket {number}".encode()), file_name="ticket.pdf", actor=clerk)
    intake = kho.lease("by-hand")
    assert intake is not None
    asked = paper_of(piece(code="KHAC", name="Không xác định", needs_review=True), seen)
    with kho.begin() as tx:
        review = kho.ask_person(tx, intake, asked, "unknown-type")
        kho.finish(tx, intake, IntakeState.REVIEW, reading_sha256=kho.keep(keep_reading(seen)))
    with kho.begin() as tx:
        kho.decide(tx, review, replace(asked, type_code=NEW_TYPE, type_name="Phiếu gửi xe"), actor=clerk)


def test_without_a_confirmed_paper_there_is_nothing_to_learn(kho: Kho, settings: Settings) -> None:
    with pytest.raises(NothingToLearnFrom):
        learn(kho, Learned(settings.data_dir))


@needs_model
def test_three_confirmed_papers_make_a_new_type_that_running_workers_take_up(
    kho: Kho, settings: Settings, clerk: Actor
) -> None:
    running = Learned(settings.data_dir)
    before = running.model()
    for number in range(3):
        _confirm(kho, clerk, number)
    trained = learn(kho, Learned(settings.data_dir))
    after = running.model()
    assert before is not None
    assert after is not None
    assert trained.accepted
    assert NEW_TYPE not in before.codes
    assert NEW_TYPE in after.codes
    assert after.version == trained.version
