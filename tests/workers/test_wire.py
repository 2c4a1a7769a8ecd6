"""The JSON forms that scripts are written against."""

from __future__ import annotations

import json

import pytest

from services.classify.wire import piece_json
from services.ocr.wire import keep_reading, kept_reading, page_json
from tests.workers.samples import page, piece, reading


def test_a_page_has_the_promised_names_and_words_only_when_asked() -> None:
    form = page_json(page())
    promised = {"number", "width_px", "height_px", "dpi", "rotation_deg", "skew_deg", "source", "quality", "text"}
    assert set(form) == promised
    assert page_json(page(), words=True)["words"] == [
        {"text": "CỘNG", "box": [1, 2, 30, 40], "confidence": 0.9877, "line": 0, "block": 0}
    ]


def test_a_piece_has_every_contract_field_and_null_where_nothing_was_read() -> None:
    form = piece_json(piece(fields={}))
    assert set(form["fields"].values()) == {None}
    assert list(form["fields"]) == [
        "so_ky_hieu",
        "ngay_cap",
        "co_quan_cap",
        "trich_yeu",
        "chu_so_huu",
        "dinh_danh",
        "nguoi_ky",
        "thoi_han",
        "ma_ho_so",
    ]


def test_a_field_says_its_value_confidence_page_and_box() -> None:
    assert piece_json(piece())["fields"]["so_ky_hieu"] == {
        "value": "125/2025",
        "confidence": 0.99,
        "page": 1,
        "box": [1, 2, 3, 4],
    }


def test_a_kept_reading_comes_back_as_it_was_but_for_rounded_confidences() -> None:
    before = reading(page(1), page(2))
    after = kept_reading(keep_reading(before))
    assert keep_reading(after) == keep_reading(before)
    assert after.pages[0].words[0].confidence == pytest.approx(0.987654, abs=1e-4)
    assert (after.pages[1].codes, after.pages[1].quality, after.text) == (
        before.pages[1].codes,
        before.pages[1].quality,
        before.text,
    )


def test_a_reading_of_another_version_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="version"):
        kept_reading(json.dumps({"version": 99}).encode())
