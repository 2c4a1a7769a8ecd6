from __future__ import annotations

import pytest

from services.classify import understand
from services.classify.catalogue import catalogue
from services.classify.fields.facts import Facts
from services.classify.model import OwnerName, Value
from services.classify.owners import match_owner, owners_of

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


@pytest.mark.parametrize(
    ("name", "number", "born", "kept"),
    [
        ("Trần Quốc Bảo", "075090004182", "1990-03-02", "1990-03-02"),
        ("Trần Quốc Bảo", "075090004182", "2025-07-22", None),  # the child's, on the form that the father signs
        ("Trương Minh Trí", None, "1979-01-30", "1979-01-30"),
        ("Công ty TNHH Nông sản Sông Ray Xanh", "3600123456", "1979-01-30", None),  # its director's
    ],
)
def test_a_birth_date_that_cannot_be_the_owners_is_not_taken_for_theirs(
    name: str, number: str | None, born: str, kept: str | None
) -> None:
    facts = Facts()
    facts.fields["chu_so_huu"] = Value(name, 0.95, 1, None)
    facts.fields["dinh_danh"] = Value(number, 0.95, 1, None) if number else None
    facts.more["ngay_sinh"] = Value(born, 0.95, 1, None)
    (owner,) = owners_of(facts, catalogue()["TKHT"])
    assert owner.birth_date == kept
