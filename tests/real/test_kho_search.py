"""Search gives the same answers from SQLite and PostgreSQL, in the same order, with or without accents."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from services.settings import Settings
from services.storage import Hits, Kho, NewOwner
from services.storage.errors import BadCursor, BadQuery, OtherUnit, PurposeNeeded
from services.storage.search import postgresql as search_postgresql
from services.storage.search import tsquery
from services.storage.search.query import SCATTERED, Query
from services.storage.search.tsquery import rarest
from tests.storage.desk import ADMIN, CLERK, ELSEWHERE, OTHER, UNIT, WORKER, birth, open_dossier, open_kho, take_in

PURPOSE = "H19.12-250801-0099"

NAMES = ("Nguyễn Văn An", "Nguyễn Thị An", "Trần Văn Bình", "Lê Hoà Bình", "Phạm Thị Thuý", "Nguyễn An")
KINDS = (
    ("KS", "Giấy khai sinh", "nơi sinh Bệnh viện đa khoa Đồng Nai, đất Biên Hòa"),
    ("GPXD", "Giấy phép xây dựng", "nhà ở riêng lẻ tại phường Biên Hòa, kính gửi ông Nguyễn Văn An"),
    ("GCNQSDD", "Giấy chứng nhận quyền sử dụng đất", "thửa đất số 45, tờ bản đồ 12"),
)
QUERIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("giay khai sinh nguyen van an", {}),
    ("GIẤY KHAI SINH Nguyễn Văn An", {}),
    ("nguyen van an", {}),
    ("nguyen an", {}),
    ("an nguyen", {}),
    ("an", {}),
    ("hoà bình", {}),
    ("hòa", {}),
    ("thuy", {}),
    ("biên hòa", {"type": "GPXD"}),
    ("quyen su dung dat", {}),
    ("sinh giay", {}),
    ("giay dat", {}),
    ("giay phep an", {}),
    ("an giay", {"type": "KS"}),
    ("xây nhà", {}),
    ("dat 45 12", {}),
    ("3/2013", {}),
    ("so 3/2013 giay", {}),
    ("", {"number": "3/2013"}),
    ("", {"type": "KS"}),
    ("nguyen", {"issued_from": dt.date(2014, 1, 1)}),
    ("nguyen", {"issued_to": dt.date(2014, 1, 1)}),
    ("nguyen", {"valid_on": dt.date(2030, 1, 1)}),
    ("", {"owner": "075190000001"}),
    ("075190000001 khai sinh", {}),
    ("khai sinh 075 190 000 001", {}),
    ("giay", {"unit": OTHER}),
    ("giay", {"unit": UNIT}),
    ("khong co gi", {}),
    ('"; DROP TABLE paper; -- OR NEAR(*', {}),
    ("nguyen & ! | <-> : * ' \" ( )", {}),
)


def _fill(kho: Kho) -> None:
    for n, (name, (code, title, said)) in enumerate(itertools.product(NAMES, KINDS)):
        intake = take_in(kho, actor=ELSEWHERE if n % 3 == 0 else CLERK, dossier=None)
        owner = NewOwner("CA_NHAN", name, f"07519000000{n % 6}", dt.date(1980 + n % 6, 1, 1))
        paper = birth(
            owner,
            type_code=code,
            type_name=title,
            so_ky_hieu=f"{n % 5}/20{10 + n % 5}",
            ngay_cap=dt.date(2010 + n % 5, 1, 1 + n % 28),
            text=f"{title} {name} {said}",
        )
        with kho.begin() as tx:
            kho.file_paper(tx, intake, paper, actor=WORKER)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, postgres_server: Any) -> Iterator[tuple[Kho, Kho]]:
    from tests.real.servers import postgres_admin, postgres_url

    postgres_admin(postgres_server, "CREATE DATABASE search")
    folder = tmp_path_factory.mktemp("search")
    one = open_kho(Settings(data_dir=folder / "a"))
    other = open_kho(Settings(data_dir=folder / "b", database_url=postgres_url(postgres_server, "search")))
    for kho in (one, other):
        _fill(kho)
    yield one, other
    one.close()
    other.close()


def _shown(hits: Hits) -> list[tuple[int, int, str, tuple[tuple[int, int], ...]]]:
    return [(hit.tier, hit.paper.id, hit.excerpt, hit.marks) for hit in hits.hits]


@pytest.fixture(
    params=[(6000, 4, 0), (2, 4, 1000), (2, 500, 0), (2, 2, 0)], ids=["common", "rare", "less common", "in between"]
)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ways PostgreSQL finds words: among the newest, by the rarest, in a wider look back, by all the lists."""
    window, wider, few = request.param
    monkeypatch.setattr(search_postgresql, "_WINDOW", window)
    monkeypatch.setattr(search_postgresql, "_WINDOW_OF_UNITS", window)
    monkeypatch.setattr(search_postgresql, "_WIDER", wider)
    monkeypatch.setattr(search_postgresql, "_FEW", few)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(("words", "conditions"), QUERIES)
def test_both_databases_answer_alike(both: tuple[Kho, Kho], words: str, conditions: dict[str, Any]) -> None:
    one, other = (kho.find(ADMIN, words, purpose="H19", limit=100, **conditions) for kho in both)
    assert _shown(one) == _shown(other)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("words", ["giay", "nguyen van an", "an nguyen"])
def test_pages_joined_are_the_whole_and_the_same_on_both(both: tuple[Kho, Kho], words: str) -> None:
    for kho in both:
        whole = kho.find(ADMIN, words, purpose="H19", limit=100)
        assert whole.after is None
        pages, after = [], None
        while True:
            page = kho.find(ADMIN, words, purpose="H19", limit=2, after=after)
            pages += _shown(page)
            after = page.after
            if after is None:
                break
        assert pages == _shown(whole)


def test_the_best_rung_comes_first_and_the_newest_on_it(both: tuple[Kho, Kho]) -> None:
    hits = both[0].find(ADMIN, "nguyen van an", purpose="H19").hits
    assert [hit.tier for hit in hits] == sorted(hit.tier for hit in hits)
    first = [hit.paper.id for hit in hits if hit.tier == 1]
    assert first == sorted(first, reverse=True)
    assert all("Nguyễn Văn An" in hit.excerpt for hit in hits if hit.tier == 1)


def test_words_scattered_in_the_head_stand_before_words_scattered_in_the_text(both: tuple[Kho, Kho]) -> None:
    for kho in both:
        hits = kho.find(ADMIN, "giay dat", purpose="H19", limit=100).hits
        assert [(hit.tier, hit.paper.type_code) for hit in hits] == [(3, "GCNQSDD")] * 6 + [(4, "KS")] * 6


def test_an_owners_number_is_found_however_it_is_grouped(both: tuple[Kho, Kho]) -> None:
    for kho in both:
        asked = ("075190000001 xay dung", "xay dung 075 190 000 001", "0 7 5 1 9 0 0 0 0 0 0 1 xay dung")
        found = [[hit.paper.id for hit in kho.find(ADMIN, words, purpose=PURPOSE).hits] for words in asked]
        assert found[0]
        assert found[0] == found[1] == found[2]


def test_accents_make_no_difference_and_matches_are_marked(both: tuple[Kho, Kho]) -> None:
    with_accents, without = (both[0].find(ADMIN, words, purpose="H19") for words in ("Phạm Thị Thuý", "pham thi thuy"))
    assert _shown(with_accents) == _shown(without)
    hit = without.hits[0]
    assert [hit.excerpt[start:end] for start, end in hit.marks] == ["Phạm", "Thị", "Thuý"]


def test_the_lines_around_a_match_in_the_body_are_shown(both: tuple[Kho, Kho]) -> None:
    hit = both[0].find(ADMIN, "bệnh viện đa khoa", purpose="H19").hits[0]
    assert (hit.tier, [hit.excerpt[start:end] for start, end in hit.marks][:2]) == (2, ["Bệnh", "viện"])


def test_a_clerk_finds_their_own_units_papers_only(both: tuple[Kho, Kho]) -> None:
    for kho in both:
        assert {hit.paper.unit for hit in kho.find(CLERK, "giay", purpose="H19", limit=100).hits} == {UNIT}
        with pytest.raises(OtherUnit):
            kho.find(CLERK, "giay", purpose="H19", unit=OTHER)


def test_the_log_keeps_which_papers_were_shown_and_not_the_words(both: tuple[Kho, Kho]) -> None:
    hits = both[0].find(CLERK, "nguyen van an", purpose="H19.12-250725-0077").hits
    line = both[0].audit_entries(ADMIN, purpose="H19.12-250725-0077")[0]
    assert line.object == "papers:" + ",".join(str(hit.paper.id) for hit in hits)


def test_a_long_page_is_in_the_log_to_its_last_paper(records_settings: Settings) -> None:
    kho = open_kho(records_settings)
    intake = take_in(kho, dossier=None)
    with kho.begin() as tx:
        for page in range(1, 91):
            kho.file_paper(tx, intake, birth(first_page=page, last_page=page, so_ky_hieu=f"{page}/2015"), actor=WORKER)
    hits = kho.find(CLERK, "khai sinh", purpose=PURPOSE, limit=100).hits
    lines = kho.audit_entries(ADMIN, purpose=PURPOSE)
    logged = ",".join(line.object.removeprefix("papers:") for line in lines).split(",")
    assert len(hits) == 90
    assert logged == [str(hit.paper.id) for hit in hits]
    kho.close()


def test_another_units_dossier_is_no_purpose_of_a_search(both: tuple[Kho, Kho]) -> None:
    for kho in both:
        open_dossier(kho, "H19.13-250801-0001", owner=None, unit=OTHER)
        with pytest.raises(OtherUnit):
            kho.find(CLERK, "khai sinh", purpose="H19.13-250801-0001")


def test_a_search_needs_a_purpose_something_to_search_by_and_a_true_cursor(both: tuple[Kho, Kho]) -> None:
    for kho in both:
        with pytest.raises(PurposeNeeded):
            kho.find(CLERK, "giay", purpose=" ")
        with pytest.raises(BadQuery):
            kho.find(CLERK, "…", purpose="H19")
        for cursor in ("x", "!!!", "OTk6MQ"):
            with pytest.raises(BadCursor):
                kho.find(CLERK, "giay", purpose="H19", after=cursor)


def test_of_words_that_stand_together_as_a_rule_the_index_is_first_asked_for_one(both: tuple[Kho, Kho]) -> None:
    kho = both[1]
    kho.verify()  # counts the words
    with kho.begin() as tx:
        first = rarest(tx, Query("nha o thua"), SCATTERED, "body", 2)
    assert first == [["nha"], ["thua"]]


def test_before_words_were_counted_any_are_asked_for(both: tuple[Kho, Kho], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        tsquery, "_SHARES", text("SELECT '' AS word, 0.0 AS share WHERE CAST(:words AS text[]) IS NULL")
    )
    monkeypatch.setattr(search_postgresql, "_WINDOW", 2)
    one, other = (kho.find(ADMIN, "nguyen van an", purpose="H19", limit=100) for kho in both)
    assert _shown(one) == _shown(other)
