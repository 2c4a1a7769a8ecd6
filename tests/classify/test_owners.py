from __future__ import annotations

import pytest

from services.classify import understand
from services.classify.model import OwnerName
from services.classify.owners import match_owner

from .sheets import BIRTH, reading

PAPER = (OwnerName("NGUYỄN MINH AN", "075325001234", "2025-02-01", 0.95),)


@pytest.mark.parametrize(
    ("dossier", "verdict"),
    [
        (OwnerName("Nguyễn Minh An", "075325001234", None, 1), "same"),
        (OwnerName("nguyen minh an", None, "2025-02-01", 1), "same"),
        (OwnerName("Nguyễn Minh An", "075325009999", None, 1), "conflict"),
        (OwnerName("Nguyễn Minh An", None, "1999-01-01", 1), "conflict"),
        (OwnerName("Trần Văn Bình", "075325001234", None, 1), "conflict"),
        (OwnerName("Trần Văn Bình", "075075001111", None, 1), "other"),
        (OwnerName("Nguyễn Minh An", None, None, 1), "unknown"),
    ],
)
def test_the_dossiers_owner_is_matched_by_number_or_by_name_and_birth(dossier: OwnerName, verdict: str) -> None:
    assert match_owner(PAPER, dossier) == verdict


def test_a_paper_that_contradicts_the_dossiers_owner_asks_a_person() -> None:
    (piece,) = understand(reading(BIRTH), dossier_owner=OwnerName("Nguyễn Minh An", "075325009999", None, 1))
    assert (piece.needs_review, piece.reason) == (True, "owner-conflict")


def test_another_person_s_paper_in_a_dossier_is_no_conflict() -> None:
    (piece,) = understand(reading(BIRTH), dossier_owner=OwnerName("Trần Thị Bình", "075196001234", None, 1))
    assert not piece.needs_review
