"""A bad file is refused with a stable code and a sentence, and disturbs nothing else of its batch."""

from __future__ import annotations

import pytest

from services.storage import Kho
from services.storage.model import Actor
from tests.workers import papers
from tests.workers.conftest import UNIT, WholeWay
from workers.batch import Line

_BAD = {
    "empty-file": ("a-empty.pdf", papers.empty),
    "truncated-file": ("b-truncated.pdf", papers.truncated_pdf),
    "encrypted-pdf": ("c-password.pdf", papers.password_pdf),
    "not-a-document": ("d-text.pdf", papers.not_a_document),
    "no-pages": ("e-no-pages.pdf", papers.no_pages),
    "too-many-pixels": ("f-huge.png", papers.huge_picture),
    "blank-scan": ("g-blank.png", papers.blank),
    "too-large": ("h-big.pdf", papers.too_large),
}


@pytest.fixture(scope="module")
def batch(module_ingest: WholeWay, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Line]:
    """One batch: every bad file, a good one between them and one at its end, and that one's double."""
    folder = tmp_path_factory.mktemp("batch")
    for name, make in _BAD.values():
        make(folder / name)
    papers.scan(folder / "d-good.png", 1)
    papers.scan(folder / "y-good.png", 2)
    papers.scan(folder / "z-double.png", 2)
    return {line.file.name: line for line in module_ingest([folder])}


@pytest.mark.parametrize("code", _BAD)
def test_a_bad_file_is_refused_with_its_code_and_a_sentence_in_both_languages(
    code: str, batch: dict[str, Line]
) -> None:
    refused = batch[_BAD[code][0]]
    assert refused.error is not None
    assert (refused.state, refused.error.code) == ("refused", code)
    vi, en = refused.error.message.split(" / ", 1)
    assert len(vi) > 20
    assert len(en) > 20


def test_the_good_files_among_the_bad_go_their_way(batch: dict[str, Line]) -> None:
    assert {batch["d-good.png"].state, batch["y-good.png"].state} <= {"filed", "review"}


@pytest.mark.parametrize("code", ["empty-file", "too-large"])
def test_what_is_refused_at_the_door_leaves_no_intake(code: str, batch: dict[str, Line]) -> None:
    assert batch[_BAD[code][0]].intake_id is None


def test_the_same_bytes_twice_are_one_intake_and_the_second_is_told_so(batch: dict[str, Line]) -> None:
    first, second = batch["y-good.png"], batch["z-double.png"]
    assert first.intake_id == second.intake_id
    assert (first.already, second.already) == (False, True)


def test_every_accepted_file_has_come_to_its_end(batch: dict[str, Line], module_kho: Kho) -> None:
    assert module_kho.queue() == {"waiting": 0, "working": 0}
    assert (
        len(module_kho.intakes(Actor("t", UNIT, "clerk"), limit=200)) == len(batch) - 3
    )  # two at the door, one double
