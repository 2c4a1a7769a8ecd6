"""The smaller parts: identity numbers, rules, likeness, excerpts, the log, API keys, reviews, verification."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.storage import Actor, IntakeState, Kho, NewPaper
from services.storage.errors import AlreadyDecided, BadKey, BadRules, NotFound, RoleNotAllowed, WrongKeys
from services.storage.filing.rules import load_rules, months_after
from services.storage.filing.sketch import bits_apart, likeness, signed64, sketch
from services.storage.people.identity import Keyring, mask, mask_numbers, open_keyring
from services.storage.records.tables import LabelRow
from services.storage.search.excerpt import excerpt
from tests.storage.desk import ADMIN, AN, BINH, CLERK, DOSSIER, ELSEWHERE, UNIT, WORKER, birth, file, take_in

KEYS = [bytes([n]) * 32 for n in range(3)]

# --- identity -------------------------------------------------------------------------------------------------------


@given(st.text(max_size=60))
def test_what_is_sealed_opens_and_shows_nothing(text: str) -> None:
    sealed = Keyring(KEYS).seal(text)
    assert Keyring(KEYS).open(sealed) == text
    assert len(text) < 4 or text.encode() not in sealed


def test_a_seal_opens_with_its_key_only_and_not_when_changed() -> None:
    sealed = Keyring(KEYS[:1]).seal("075190001234")
    with pytest.raises(WrongKeys):
        Keyring(KEYS[1:]).open(sealed)
    with pytest.raises(WrongKeys):
        Keyring(KEYS).open(sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_the_blind_index_is_the_same_for_one_number_and_another_under_another_key() -> None:
    ring = Keyring(KEYS)
    assert ring.index("075190001234") == ring.index("075 190.001-234")
    assert len(set(ring.indexes("075190001234"))) == 3


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("số 075190001234 cấp", "số 075*****1234 cấp"),
        ("0 7 5 1 9 0 0 0 1 2 3 4", "075*****1234"),
        ("CMND 271234567.", "CMND 271*****4567."),
        ("MST 3600000014-001", "MST 360*****4001"),
        ("ngày 01/02/2025 số 125/2015", "ngày 01/02/2025 số 125/2015"),
        ("thửa 12345678", "thửa 12345678"),
    ],
)
def test_identity_numbers_are_masked_and_other_numbers_are_not(text: str, masked: str) -> None:
    assert mask_numbers(text) == masked


def test_a_short_number_is_masked_whole() -> None:
    assert mask("1234") == "****"


def test_the_first_start_makes_a_key_only_its_user_can_read(tmp_path: Path) -> None:
    file = tmp_path / "new" / "identity.keys"
    assert open_keyring(None, file).fingerprints == open_keyring(None, file).fingerprints
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == ["identity.keys"]


@pytest.mark.parametrize("given", ["not base64!", "c2hvcnQ="])
def test_a_key_that_is_none_is_refused(tmp_path: Path, given: str) -> None:
    with pytest.raises(WrongKeys):
        open_keyring(given, tmp_path / "x")


# --- rules ----------------------------------------------------------------------------------------------------------


def test_every_type_of_the_catalogue_has_a_rule() -> None:
    assert len(load_rules().type) == 53


def test_months_end_on_the_months_last_day_where_it_has_no_such_day() -> None:
    assert months_after(dt.date(2024, 8, 31), 6) == dt.date(2025, 2, 28)
    assert months_after(dt.date(2024, 12, 5), 12) == dt.date(2025, 12, 5)


@given(st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 240))
def test_months_later_is_that_many_months_later(day: dt.date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day <= day.day


def test_a_printed_end_counts_before_the_types_rule() -> None:
    rules, issued = load_rules(), dt.date(2025, 1, 1)
    assert rules.valid_to("TTHN", issued, None) == (dt.date(2025, 7, 1), True)
    assert rules.valid_to("TTHN", issued, dt.date(2025, 3, 1)) == (dt.date(2025, 3, 1), True)
    assert rules.valid_to("KS", issued, None) == (None, True)
    assert rules.valid_to("GPLX", issued, None) == (None, False)
    assert rules.valid_to("TTHN", None, None) == (None, False)
    assert rules.valid_to("unheard-of", issued, None) == (None, False)


@pytest.mark.parametrize(
    "change",
    [
        ('validity = "forever"', 'validity = "for ever"'),
        ("months = 6, thing", "thing"),
        ('kept = "{owner_key}', 'kept = "{owner_id}'),
        ("[signature]", "[signatures]"),
    ],
)
def test_rules_that_break_the_schema_are_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    import services.storage.filing.rules as module

    text = Path(module.__file__).with_name("filing.toml").read_text("utf-8")
    assert change[0] in text
    wrong = tmp_path / "filing.toml"
    wrong.write_text(text.replace(*change), "utf-8")
    with pytest.raises(BadRules):
        load_rules(wrong)


# --- likeness -------------------------------------------------------------------------------------------------------

PAGE = " ".join(f"chữ{n} việt{n % 7} nam{n % 11}" for n in range(80))


def test_one_text_read_twice_is_alike_and_another_is_not() -> None:
    words = PAGE.split()
    misread = " ".join("hỏng" if n % 40 == 0 else word for n, word in enumerate(words))
    other = " ".join(f"khác{n} hẳn{n} nhau{n}" for n in range(80))
    assert likeness(sketch(PAGE), sketch(PAGE.upper())) == 1.0
    assert (likeness(sketch(PAGE), sketch(misread)) or 0) > 0.75
    assert (likeness(sketch(PAGE), sketch(other)) or 0) < 0.2


def test_too_short_a_text_is_like_nothing() -> None:
    assert sketch("chỉ vài chữ") is None
    assert likeness(None, sketch(PAGE)) is None


@given(st.integers(1, 2**64 - 1), st.integers(1, 2**64 - 1))
def test_bits_apart_survives_the_database_column(one: int, other: int) -> None:
    assert bits_apart(signed64(one), signed64(other)) == (one ^ other).bit_count()


# --- excerpt --------------------------------------------------------------------------------------------------------


@given(st.text(alphabet="aăâđê ớ·1/Ừ", max_size=80), st.text(alphabet="aăâđê ớ.1Ừ", max_size=400))
def test_marks_always_lie_on_whole_matching_words(head: str, body: str) -> None:
    lines, marks = excerpt(head, body, ["a", "d", "o"])
    assert all(lines[start:end].lower() in ("a", "ă", "â", "đ", "ớ") for start, end in marks)


# --- the log, keys, reviews -----------------------------------------------------------------------------------------


def test_only_an_administrator_reads_the_log(kho: Kho) -> None:
    with pytest.raises(RoleNotAllowed):
        kho.audit_entries(CLERK)


def test_a_key_brings_its_unit_and_role_until_it_is_disabled(kho: Kho) -> None:
    with kho.begin() as tx:
        secret = kho.create_key(tx, ADMIN, name="một cửa", unit=UNIT, role="clerk")
    assert kho.actor_of(secret, ip="10.0.0.1") == Actor("một cửa", UNIT, "clerk", "10.0.0.1")
    assert secret not in str(kho.api_keys(ADMIN))
    with kho.begin() as tx:
        kho.disable_key(tx, ADMIN, "một cửa")
    for wrong in (secret, "sohoa_guess"):
        with pytest.raises(BadKey):
            kho.actor_of(wrong)


def test_a_clerk_makes_no_keys(kho: Kho) -> None:
    with pytest.raises(RoleNotAllowed), kho.begin() as tx:
        kho.create_key(tx, CLERK, name="x", unit=UNIT, role="admin")


def test_what_a_clerk_confirms_is_filed_and_kept_as_an_example(kho: Kho) -> None:
    intake = take_in(kho)
    guess = NewPaper(1, 2, "KHAC", "Khác", "CHINH", 0.3, "rules")
    with kho.begin() as tx:
        review = kho.ask_person(tx, intake, guess, "unsure")
        assert kho.ask_person(tx, intake, guess, "unsure") == review
        kho.finish(tx, intake, IntakeState.REVIEW)
    assert kho.review(CLERK, review).proposal == guess
    with kho.begin() as tx:
        filed = kho.decide(tx, review, birth(last_page=2), actor=CLERK)
    assert filed is not None
    with kho.begin() as tx:
        label = tx.query(LabelRow).one()
    assert (label.guessed, label.confirmed, label.last_page) == ("KHAC", "KS", 2)
    assert kho.intake(intake.id, CLERK).state == IntakeState.FILED
    assert kho.reviews(CLERK) == []


def test_a_file_of_which_everything_was_dropped_is_refused_with_a_reason(kho: Kho) -> None:
    intake = take_in(kho)
    with kho.begin() as tx:
        reviews = [kho.ask_person(tx, intake, birth(first_page=n, last_page=n), "unsure") for n in (1, 2)]
        kho.finish(tx, intake, IntakeState.REVIEW)
    for left, review in zip((1, 0), reviews, strict=True):
        with kho.begin() as tx:
            assert kho.decide(tx, review, None, actor=CLERK) is None
        assert len(kho.reviews(CLERK)) == left
    assert (kho.intake(intake.id, CLERK).state, kho.intake(intake.id, CLERK).error_code) == (
        IntakeState.REFUSED,
        "dropped",
    )


def test_a_review_is_decided_once_and_by_its_own_unit(kho: Kho) -> None:
    intake = take_in(kho)
    with kho.begin() as tx:
        review = kho.ask_person(tx, intake, birth(BINH), "unsure")
        kho.finish(tx, intake, IntakeState.REVIEW)
    with pytest.raises(NotFound), kho.begin() as tx:
        kho.decide(tx, review, None, actor=ELSEWHERE)
    with kho.begin() as tx:
        kho.decide(tx, review, birth(BINH), actor=CLERK)
    with pytest.raises(AlreadyDecided), kho.begin() as tx:
        kho.decide(tx, review, None, actor=CLERK)


def test_verification_finds_the_rotten_and_the_missing_and_goes_at_its_pace(kho: Kho) -> None:
    papers = [file(kho, birth(so_ky_hieu=str(n))) for n in range(3)]
    rotten, missing = (kho.paper(CLERK, filed.paper_id, purpose=DOSSIER).sha256 for filed in papers[:2])
    with kho.fetch(rotten) as path:
        path.chmod(0o640)
        path.write_bytes(b"x")
    with kho.fetch(missing) as path:
        path.unlink()
    kho.keep(b"left by a crash")
    seen: list[int] = []
    report = kho.verify(pace_mb_s=0.0002, on_progress=lambda so_far: seen.append(so_far.objects))
    assert (report.rotten, report.missing, report.unreferenced, report.objects) == ([rotten], [missing], 1, 3)
    assert seen == [1, 2, 3]
    assert report.seconds >= report.bytes / 200 * 0.9
    assert kho.verify().missing == sorted((rotten, missing))


def test_the_workers_actor_files_and_the_log_says_who(kho: Kho) -> None:
    filed = file(kho, birth(AN))
    line = kho.audit_entries(ADMIN, thing=f"paper:{filed.paper_id}")[0]
    assert (line.actor, line.action, line.purpose) == (WORKER.name, "file", DOSSIER)
