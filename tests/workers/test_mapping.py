"""A piece as understood becomes a paper as filed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services.classify.model import OwnerName, Value
from services.ocr.model import Signature
from tests.workers.samples import page, piece, reading
from workers.mapping import paper_of


def test_the_contract_fields_become_the_papers_columns() -> None:
    paper = paper_of(piece(), reading())
    assert (paper.type_code, paper.so_ky_hieu, paper.ngay_cap) == ("KS", "125/2025", dt.date(2025, 7, 25))
    assert paper.nguoi_ky is None


def test_a_date_that_is_no_day_of_the_calendar_is_left_out() -> None:
    wrong = piece(fields={"ngay_cap": Value("2025-02-30", 0.9, 1)})
    assert paper_of(wrong, reading()).ngay_cap is None


def test_the_text_is_that_of_the_papers_own_pages() -> None:
    stack = reading(page(1, "một"), page(2, "hai"), page(3, "ba"))
    assert paper_of(piece(first_page=2, last_page=3), stack).text == "hai\fba"


@pytest.mark.parametrize(
    ("owner", "kind"),
    [
        (OwnerName("Nguyễn Văn Ổi", "075090001234", None, 1.0), "CA_NHAN"),
        (OwnerName("CÔNG TY TNHH Cây Bưởi", "3600000014", None, 1.0), "TO_CHUC"),
        (OwnerName("Hộ kinh doanh Bưởi Tân Triều", "075090001234", None, 1.0), "HKD"),
        (OwnerName("Trung tâm Bưởi", "3600000014-001", None, 1.0), "TO_CHUC"),
    ],
)
def test_an_owners_kind_follows_from_name_then_number(owner: OwnerName, kind: str) -> None:
    assert paper_of(piece(owners=(owner,)), reading()).owners[0].kind == kind


def test_an_owner_without_a_name_is_not_filed() -> None:
    assert paper_of(piece(owners=(OwnerName(None, "075090001234", None, 0.5),)), reading()).owners == ()


_SIGNED = Signature("UBND", None, "right", covers_whole_file=True, intact=True)


@pytest.mark.parametrize(
    ("signatures", "state"),
    [
        ((), "none"),
        ((_SIGNED,), "valid"),
        ((_SIGNED, replace(_SIGNED, intact=None)), "unchecked"),
        ((replace(_SIGNED, intact=None), replace(_SIGNED, intact=False)), "invalid"),
    ],
)
def test_a_file_is_as_well_signed_as_its_worst_signature(signatures: tuple[Signature, ...], state: str) -> None:
    assert paper_of(piece(), reading(signatures=signatures)).signature == state


def test_a_perceptual_hash_fits_a_databases_signed_number() -> None:
    assert paper_of(piece(), reading(page(phash=2**64 - 1))).phash == -1


def test_each_value_keeps_its_place_on_the_page_for_the_screen() -> None:
    places = paper_of(piece(), reading()).places
    assert places["so_ky_hieu"] == {"value": "125/2025", "confidence": 0.99, "page": 1, "box": [1, 2, 3, 4]}
    assert "ho_ten" in places
