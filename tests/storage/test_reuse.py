from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from services.storage import Actor, Kho, NewOwner
from services.storage.errors import NotFound, NotReusable, OtherOwner, OtherUnit, PurposeNeeded, RoleNotAllowed
from services.storage.filing.rules import FresherRule, Rules, SignatureRule
from services.storage.records.tables import ComponentRow, ReuseRow
from tests.storage.desk import (
    ADMIN,
    AN,
    BINH,
    CLERK,
    DOSSIER,
    ELSEWHERE,
    OTHER,
    PROCEDURE,
    UNIT,
    birth,
    codes,
    file,
    open_dossier,
)

DAY = dt.date(2025, 8, 1)
PURPOSE = "H19.12-250801-0007"
NUMBER = str(AN.identifier)


def _why_not(kho: Kho, type_code: str = "KS", **more: object) -> set[str]:
    answer = kho.reuse(CLERK, owner=NUMBER, type=type_code, purpose=PURPOSE, on=DAY, **more)  # type: ignore[arg-type]
    assert not answer.usable
    return codes(answer.not_usable[0].why) if answer.not_usable else set()


def test_a_paper_scanned_in_one_commune_is_found_in_another_with_why(kho: Kho) -> None:
    filed = file(kho, birth(signature="valid"), actor=ELSEWHERE, dossier=None)
    found = kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=PURPOSE).usable[0]
    assert found.paper.id == filed.paper_id
    assert codes(found.why) == {"owner", "no-expiry", "original", "signed"}
    assert found.warnings == ()


def test_a_scan_without_a_signature_is_offered_with_a_warning(kho: Kho) -> None:
    file(kho, birth())
    assert codes(kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=PURPOSE).usable[0].warnings) == {"unsigned"}


def test_a_scan_without_a_signature_is_not_offered_where_the_rules_require_one(kho: Kho) -> None:
    file(kho, birth())
    kho.rules = kho.rules.model_copy(update={"signature": SignatureRule(policy="required")})
    assert _why_not(kho) == {"signature-missing"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"copy_kind": "SAO"}, "copy-only"),
        ({"copy_kind": "SAO_CHUNG_THUC"}, "copy-only"),
        ({"signature": "invalid"}, "signature-invalid"),
        ({"valid_to": dt.date(2025, 7, 31)}, "expired"),
        ({"type_code": "QD"}, "expiry-unknown"),
        ({"type_code": "TKHT"}, "one-dossier"),
        ({"type_code": "HC", "valid_to": None}, "expiry-unknown"),
        ({"type_code": "CCCD", "valid_to": dt.date(2040, 1, 1)}, "shown-only"),
        ({"type_code": "TTHN", "ngay_cap": dt.date(2025, 6, 1)}, "purpose-bound"),
        ({"type_code": "TTHN", "ngay_cap": dt.date(2025, 1, 1)}, "expired"),
        ({"ngay_cap": dt.date(2025, 9, 1)}, "not-yet-valid"),
    ],
)
def test_a_paper_that_may_not_be_reused_says_why(kho: Kho, changes: dict[str, object], expected: str) -> None:
    file(kho, birth(**changes))
    assert expected in _why_not(kho, str(changes.get("type_code", "KS")))


def test_the_last_day_of_validity_still_counts(kho: Kho) -> None:
    file(kho, birth(valid_to=DAY))
    assert kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=PURPOSE, on=DAY).usable
    assert not kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=PURPOSE, on=DAY + dt.timedelta(1)).usable


def test_a_replaced_paper_is_left_and_its_successor_taken(kho: Kho) -> None:
    file(kho, birth(type_code="CT07", ngay_cap=dt.date(2025, 1, 1), so_ky_hieu="1"))
    newer = file(kho, birth(type_code="CT07", ngay_cap=dt.date(2025, 5, 1), so_ky_hieu="2"))
    answer = kho.reuse(CLERK, owner=NUMBER, type="CT07", purpose=PURPOSE, on=DAY)
    assert [one.paper.id for one in answer.usable] == [newer.paper_id]
    assert codes(answer.not_usable[0].why) == {"superseded"}
    assert answer.not_usable[0].paper.superseded_by == newer.paper_id


def test_a_revoked_paper_is_never_offered_and_says_the_reason(kho: Kho) -> None:
    filed = file(kho, birth())
    with kho.begin() as tx:
        kho.revoke(tx, ADMIN, filed.paper_id, reason="cấp sai thẩm quyền", purpose="12/QĐ-UBND")
    assert _why_not(kho) == {"revoked"}
    left = kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=PURPOSE).not_usable[0]
    assert "cấp sai thẩm quyền" in left.why[0].vi


def test_a_revoked_paper_is_not_offered_by_another_scan_of_it(kho: Kho) -> None:
    first = file(kho, birth())
    again = file(kho, birth(BINH), actor=ELSEWHERE, dossier=None)
    rescan = file(kho, birth())
    with kho.begin() as tx:
        revoked = kho.revoke(tx, ADMIN, rescan.paper_id, reason="cấp sai", purpose="12/QĐ-UBND")
    assert revoked == (first.paper_id, rescan.paper_id)
    assert _why_not(kho) >= {"revoked"}
    assert [
        one.paper.id for one in kho.reuse(CLERK, owner=str(BINH.identifier), type="KS", purpose=PURPOSE).usable
    ] == [again.paper_id]


@pytest.mark.parametrize("purpose", ["", " ", NUMBER])
def test_a_paper_is_revoked_for_a_purpose_that_is_no_persons_number(kho: Kho, purpose: str) -> None:
    filed = file(kho, birth())
    with pytest.raises(PurposeNeeded), kho.begin() as tx:
        kho.revoke(tx, ADMIN, filed.paper_id, reason="cấp sai", purpose=purpose)


def test_the_reason_of_a_revocation_is_shown_without_identity_numbers(kho: Kho) -> None:
    filed = file(kho, birth())
    with kho.begin() as tx:
        kho.revoke(tx, ADMIN, filed.paper_id, reason=f"nhầm người {NUMBER}", purpose="12/QĐ-UBND")
    assert NUMBER not in kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=PURPOSE).not_usable[0].why[0].vi


def test_a_clerk_may_not_revoke(kho: Kho) -> None:
    filed = file(kho, birth())
    with pytest.raises(RoleNotAllowed), kho.begin() as tx:
        kho.revoke(tx, CLERK, filed.paper_id, reason="x", purpose="y")


def test_another_scan_of_a_paper_is_offered_once(kho: Kho) -> None:
    first = file(kho, birth())
    file(kho, birth())
    answer = kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=PURPOSE)
    assert [one.paper.id for one in answer.usable] == [first.paper_id]
    assert codes(answer.not_usable[0].why) == {"same-paper"}


def test_a_procedure_may_ask_for_a_fresher_paper(kho: Kho) -> None:
    file(kho, birth(ngay_cap=dt.date(2025, 1, 15)))
    fresher = {"1.000001": {"KS": FresherRule(months=6)}}
    kho.rules = Rules.model_validate(kho.rules.model_dump() | {"procedure": fresher})
    assert _why_not(kho, procedure="1.000001") == {"too-old"}
    assert kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=PURPOSE, procedure="2.0", on=DAY).usable


def test_the_best_paper_comes_first(kho: Kho) -> None:
    plain = file(kho, birth(so_ky_hieu="1", type_code="VB", ngay_cap=dt.date(2020, 1, 1)))
    signed = file(kho, birth(so_ky_hieu="2", type_code="VB", ngay_cap=dt.date(2010, 1, 1), signature="valid"))
    answer = kho.reuse(CLERK, owner=NUMBER, type="VB", purpose=PURPOSE)
    assert [one.paper.id for one in answer.usable] == [signed.paper_id, plain.paper_id]


def test_a_stated_scope_is_shown_as_a_warning(kho: Kho) -> None:
    file(kho, birth(scope="để bổ sung hồ sơ vay vốn"))
    assert "scope" in codes(kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=PURPOSE).usable[0].warnings)


# --- whose --------------------------------------------------------------------------------------------------------


def test_an_owner_is_also_found_by_name_and_birth(kho: Kho) -> None:
    file(kho, birth())
    asked = NewOwner("CA_NHAN", "nguyen van an", None, AN.birth_date)
    assert len(kho.reuse(CLERK, owner=asked, type="KS", purpose=PURPOSE).usable) == 1


def test_a_paper_that_showed_no_number_is_found_by_the_owners_number(kho: Kho) -> None:
    file(kho, birth(replace(AN, identifier=None)))
    file(kho, birth(type_code="VB", so_ky_hieu="9"))
    assert len(kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=PURPOSE).usable) == 1


def test_a_name_alone_is_never_enough(kho: Kho) -> None:
    file(kho, birth())
    answer = kho.reuse(CLERK, owner=NewOwner("CA_NHAN", "Nguyễn Văn An"), type="KS", purpose=PURPOSE)
    assert codes(answer.not_usable[0].why) == {"owner-unclear"}


def test_a_name_alone_shows_no_papers_of_other_units(kho: Kho) -> None:
    file(kho, birth(), actor=ELSEWHERE, dossier=None)
    asked = NewOwner("CA_NHAN", "Nguyễn Văn An")
    open_dossier(kho, DOSSIER, owner=None)
    for purpose in (PURPOSE, DOSSIER):
        answer = kho.reuse(CLERK, owner=asked, type="KS", purpose=purpose)
        assert (answer.usable, answer.not_usable) == ((), ())


def test_of_people_of_one_name_only_the_dossiers_owner_is_told_of(kho: Kho) -> None:
    mine = file(kho, birth(), dossier=None)
    file(kho, birth(replace(AN, identifier="075085009999", birth_date=dt.date(1985, 1, 1))), dossier=None)
    open_dossier(kho, DOSSIER)
    answer = kho.reuse(CLERK, owner=NewOwner("CA_NHAN", "Nguyễn Văn An"), type="KS", purpose=DOSSIER)
    assert [one.paper.id for one in (*answer.usable, *answer.not_usable)] == [mine.paper_id]


def test_two_people_of_one_name_and_birth_are_not_taken_for_each_other(kho: Kho) -> None:
    file(kho, birth())
    file(kho, birth(replace(AN, identifier="075090009999"), so_ky_hieu="7"))
    asked = NewOwner("CA_NHAN", "Nguyễn Văn An", None, AN.birth_date)
    answer = kho.reuse(CLERK, owner=asked, type="KS", purpose=PURPOSE)
    assert not answer.usable
    assert all("owner-unclear" in codes(one.why) for one in answer.not_usable)


def test_a_paper_without_a_number_is_nobodys_where_two_share_name_and_birth(kho: Kho) -> None:
    file(kho, birth(), dossier=None)
    file(kho, birth(replace(AN, identifier="075090009999"), so_ky_hieu="7"), dossier=None)
    unnumbered = file(kho, birth(replace(AN, identifier=None), type_code="VB", so_ky_hieu="9"), dossier=None)
    assert not kho.reuse(CLERK, owner=NUMBER, type="VB", purpose=PURPOSE).usable
    open_dossier(kho, DOSSIER, asks=(("VB",),))
    assert kho.checklist(CLERK, DOSSIER).items[0].state != "in-kho"
    with pytest.raises(NotReusable, match="owner-unclear"), kho.begin() as tx:
        kho.attach(tx, CLERK, DOSSIER, unnumbered.paper_id)


@pytest.mark.parametrize("newer_shows_the_number", [True, False])
def test_a_newer_issue_replaces_one_that_shows_the_number_where_it_does_not(
    kho: Kho, newer_shows_the_number: bool
) -> None:
    plain = replace(AN, identifier=None)
    file(kho, birth(type_code="VB", so_ky_hieu="9"), dossier=None)  # who has the number is known
    new, old = (AN, plain) if newer_shows_the_number else (plain, AN)
    newer = file(kho, birth(new, so_ky_hieu="9/2020", ngay_cap=dt.date(2020, 1, 1)), dossier=None)
    older = file(kho, birth(old), dossier=None)
    answer = kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=PURPOSE)
    assert [one.paper.id for one in answer.usable] == [newer.paper_id]
    assert codes(answer.not_usable[0].why) == {"superseded"}
    open_dossier(kho, DOSSIER)
    assert [one.paper.id for one in kho.checklist(CLERK, DOSSIER).items[0].papers] == [newer.paper_id]
    with pytest.raises(NotReusable, match="superseded"), kho.begin() as tx:
        kho.attach(tx, CLERK, DOSSIER, older.paper_id)


def test_nothing_is_told_about_someone_who_is_not_the_dossiers_owner(kho: Kho) -> None:
    file(kho, birth())
    open_dossier(kho, DOSSIER + "9", owner=BINH)
    with pytest.raises(OtherOwner):
        kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=DOSSIER + "9")


def test_a_look_for_someone_who_is_not_the_dossiers_owner_is_logged(kho: Kho) -> None:
    file(kho, birth())
    open_dossier(kho, DOSSIER + "9", owner=BINH)
    with pytest.raises(OtherOwner):
        kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=DOSSIER + "9")
    assert [(line.action, line.result) for line in kho.audit_entries(ADMIN)][-1] == ("reuse-look", "other-owner")


# --- purpose and role ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", [None, "", "  "])
def test_a_look_without_a_purpose_is_refused_and_logged(kho: Kho, purpose: str | None) -> None:
    with pytest.raises(PurposeNeeded):
        kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=purpose)
    assert [(line.action, line.result) for line in kho.audit_entries(ADMIN)][-1] == ("reuse-look", "purpose-needed")


def test_another_units_dossier_is_no_purpose(kho: Kho) -> None:
    open_dossier(kho, DOSSIER)
    with pytest.raises(OtherUnit):
        kho.reuse(ELSEWHERE, owner=NUMBER, type="KS", purpose=DOSSIER)
    with pytest.raises(OtherUnit):
        kho.checklist(ELSEWHERE, DOSSIER)


@pytest.mark.parametrize("role", ["reporter", "system", "nobody"])
def test_who_only_counts_or_works_may_not_look(kho: Kho, role: str) -> None:
    with pytest.raises(RoleNotAllowed):
        kho.reuse(Actor("x", UNIT, role), owner=NUMBER, type="KS", purpose=PURPOSE)


def test_every_look_is_logged_with_its_purpose_and_without_the_number(kho: Kho) -> None:
    file(kho, birth(), dossier=None)
    kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=PURPOSE)
    line = kho.audit_entries(ADMIN, purpose=PURPOSE)[0]
    assert (line.actor, line.action, line.object, line.result) == ("lan", "reuse-look", "owner:1 KS", "1/1")


def test_no_identity_number_comes_into_the_log_by_purpose_or_type(kho: Kho) -> None:
    with pytest.raises(PurposeNeeded):
        kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=f"cho {NUMBER}")
    kho.reuse(CLERK, owner=NUMBER, type=NUMBER, purpose=PURPOSE)
    with pytest.raises(NotFound):
        kho.checklist(CLERK, NUMBER)
    lines = kho.audit_entries(ADMIN)
    assert [line.result for line in lines][-3:] == ["purpose-needed", "0/0", "not-found"]
    assert not any(NUMBER in f"{line.object} {line.purpose}" for line in lines)


def test_a_look_at_many_people_of_one_name_names_all_of_them_in_the_log(kho: Kho) -> None:
    for year in range(1950, 1990):
        file(kho, birth(NewOwner("CA_NHAN", "Nguyễn Văn An", None, dt.date(year, 1, 1))), dossier=None)
    kho.reuse(CLERK, owner=NewOwner("CA_NHAN", "Nguyễn Văn An"), type="KS" * 40, purpose=PURPOSE)
    lines = [line.object for line in kho.audit_entries(ADMIN, purpose=PURPOSE)]
    named = ",".join(line.removeprefix("owner:").split(" ")[0] for line in lines).split(",")
    assert len(set(named)) == 40
    assert all(len(line) <= 200 and line.endswith("KS") for line in lines)


def test_a_paper_of_another_unit_is_seen_only_for_its_owners_dossier(kho: Kho) -> None:
    filed = file(kho, birth(), actor=ELSEWHERE, dossier=None)
    with pytest.raises(NotFound):
        kho.paper(CLERK, filed.paper_id, purpose=PURPOSE)
    open_dossier(kho, DOSSIER, owner=AN)
    assert kho.paper(CLERK, filed.paper_id, purpose=DOSSIER).id == filed.paper_id


# --- into a dossier -----------------------------------------------------------------------------------------------


def test_taking_a_paper_puts_it_on_the_dossier_once_and_counts_once(kho: Kho) -> None:
    filed = file(kho, birth(), dossier=None)
    open_dossier(kho, DOSSIER)
    answers = []
    for _ in range(2):
        with kho.begin() as tx:
            answers.append(kho.attach(tx, CLERK, DOSSIER, filed.paper_id))
    assert [answer.already for answer in answers] == [False, True]
    with kho.begin() as tx:
        component = tx.query(ComponentRow).one()
        assert (component.reused, component.from_store, component.component_code) == (1, True, "TP0")
        assert tx.query(ReuseRow).count() == 1
    assert [line.purpose for line in kho.audit_entries(ADMIN, thing=f"paper:{filed.paper_id}")][-1] == DOSSIER


def test_a_paper_that_may_not_be_reused_cannot_be_taken(kho: Kho) -> None:
    filed = file(kho, birth(copy_kind="SAO"), dossier=None)
    open_dossier(kho, DOSSIER)
    with pytest.raises(NotReusable, match="copy-only"), kho.begin() as tx:
        kho.attach(tx, CLERK, DOSSIER, filed.paper_id)


def test_someone_elses_paper_cannot_be_taken(kho: Kho) -> None:
    filed = file(kho, birth(BINH), dossier=None)
    open_dossier(kho, DOSSIER)
    with pytest.raises(OtherOwner), kho.begin() as tx:
        kho.attach(tx, CLERK, DOSSIER, filed.paper_id)


def test_a_dossier_without_an_owner_opens_no_other_units_papers(kho: Kho) -> None:
    theirs = file(kho, birth(), actor=ELSEWHERE, dossier=None)
    mine = file(kho, birth(BINH), dossier=None)
    open_dossier(kho, DOSSIER, owner=None)
    with pytest.raises(NotFound), kho.begin() as tx:
        kho.attach(tx, CLERK, DOSSIER, theirs.paper_id)
    with kho.begin() as tx:
        assert not kho.attach(tx, CLERK, DOSSIER, mine.paper_id).already


def test_a_dossier_of_a_name_alone_takes_no_paper_of_someone_so_called(kho: Kho) -> None:
    filed = file(kho, birth(), actor=ELSEWHERE, dossier=None)
    open_dossier(kho, DOSSIER, owner=NewOwner("CA_NHAN", "Nguyễn Văn An"))
    with pytest.raises(NotReusable, match="owner-unclear"), kho.begin() as tx:
        kho.attach(tx, CLERK, DOSSIER, filed.paper_id)


def test_a_paper_whose_other_owner_is_certain_does_not_make_this_one_so(kho: Kho) -> None:
    nameless = NewOwner("CA_NHAN", "Nguyễn Văn An")
    filed = file(kho, birth(type_code="KH", owners=(nameless, BINH)), dossier=None)
    open_dossier(kho, DOSSIER, owner=nameless, asks=(("KH",),))
    assert kho.checklist(CLERK, DOSSIER).items[0].state == "not-usable"
    with pytest.raises(NotReusable, match="owner-unclear"), kho.begin() as tx:
        kho.attach(tx, CLERK, DOSSIER, filed.paper_id)


def test_a_paper_scanned_for_this_dossier_is_no_reuse(kho: Kho) -> None:
    open_dossier(kho, DOSSIER)
    filed = file(kho, birth())
    with pytest.raises(NotReusable, match="in-dossier"), kho.begin() as tx:
        kho.attach(tx, CLERK, DOSSIER, filed.paper_id)


# --- checklist ----------------------------------------------------------------------------------------------------


def test_the_checklist_tells_what_is_here_what_the_kho_has_and_what_is_missing(kho: Kho) -> None:
    open_dossier(kho, DOSSIER, asks=(("KS",), ("VB",), ("TTHN",), ("GPXD",)))
    file(kho, birth())
    degree = file(kho, birth(type_code="VB", so_ky_hieu="1"), dossier=None, actor=ELSEWHERE)
    file(kho, birth(type_code="TTHN", ngay_cap=dt.date(2024, 1, 1), so_ky_hieu="2"), dossier=None)
    checklist = kho.checklist(CLERK, DOSSIER, on=DAY)
    assert [item.state for item in checklist.items] == ["in-dossier", "in-kho", "not-usable", "missing"]
    assert checklist.items[1].papers[0].paper.id == degree.paper_id
    assert "expired" in codes(checklist.items[2].papers[0].why)
    assert (checklist.procedure, checklist.complete) == (PROCEDURE, False)


def test_a_taken_paper_is_in_the_dossier(kho: Kho) -> None:
    filed = file(kho, birth(), dossier=None)
    open_dossier(kho, DOSSIER)
    with kho.begin() as tx:
        kho.attach(tx, CLERK, DOSSIER, filed.paper_id)
    assert kho.checklist(CLERK, DOSSIER).complete


def test_a_spouses_paper_is_found_where_the_procedure_names_the_spouse(kho: Kho) -> None:
    file(kho, birth(type_code="KH", owners=(AN, BINH), so_ky_hieu="5/2012"), dossier=None, actor=ELSEWHERE)
    hers = file(kho, birth(BINH), dossier=None)
    open_dossier(kho, DOSSIER, asks=(("KH",), ("KS",)), relation="VO_CHONG")
    item = kho.checklist(CLERK, DOSSIER).items[1]
    assert (item.state, item.papers[0].paper.id) == ("in-kho", hers.paper_id)
    assert "relation" in codes(item.papers[0].warnings)
    with kho.begin() as tx:
        kho.attach(tx, CLERK, DOSSIER, hers.paper_id)


def test_a_persons_own_newer_paper_does_not_replace_their_spouses(kho: Kho) -> None:
    file(kho, birth(type_code="KH", owners=(AN, BINH), so_ky_hieu="5/2012"), dossier=None, actor=ELSEWHERE)
    hers = file(kho, birth(BINH, ngay_cap=dt.date(2001, 2, 3)), dossier=None)
    file(kho, birth(ngay_cap=dt.date(2020, 2, 3), so_ky_hieu="77/2020"), dossier=None)
    open_dossier(kho, DOSSIER, asks=(("KH",), ("KS",)), relation="VO_CHONG")
    assert kho.checklist(CLERK, DOSSIER).items[1].papers[0].paper.id == hers.paper_id
    with kho.begin() as tx:
        assert not kho.attach(tx, CLERK, DOSSIER, hers.paper_id).already


def test_a_spouse_known_by_name_alone_is_not_taken_for_everyone_of_that_name(kho: Kho) -> None:
    wife = NewOwner("CA_NHAN", "Trần Thị Bình")
    file(kho, birth(type_code="KH", owners=(AN, wife), so_ky_hieu="5/2012"), dossier=None)
    file(kho, birth(wife), dossier=None)
    open_dossier(kho, DOSSIER, asks=(("KH",), ("KS",)), relation="VO_CHONG")
    item = kho.checklist(CLERK, DOSSIER).items[1]
    assert item.state == "not-usable"
    assert codes(item.papers[0].why) == {"owner-unclear"}


def test_a_checklist_of_an_unknown_dossier_is_not_found(kho: Kho) -> None:
    with pytest.raises(NotFound):
        kho.checklist(CLERK, "H19.12-250725-9999")


def test_papers_of_a_damaged_file_are_not_offered_until_it_is_whole_again(kho: Kho, tmp_path: Path) -> None:
    filed = file(kho, birth())
    sha256 = kho.paper(CLERK, filed.paper_id, purpose=DOSSIER).sha256
    with kho.fetch(sha256) as path:
        good = path.read_bytes()
        path.chmod(0o640)
        path.write_bytes(b"rot" + good[3:])
    assert kho.verify().rotten == [sha256]
    assert _why_not(kho) == {"file-damaged"}
    kho.keep(good)
    assert kho.verify().healed == [sha256]
    assert kho.reuse(CLERK, owner=NUMBER, type="KS", purpose=PURPOSE).usable


def test_units_under_a_unit_are_seen_from_it(kho: Kho) -> None:
    with kho.begin() as tx:
        kho.add_unit(tx, "so", "Sở", "SO_BAN_NGANH")
        kho.add_unit(tx, "phong", "Phòng", "DONVI_TRUCTHUOC", parent="so")
    filed = file(kho, birth(), actor=Actor("p", "phong", "clerk"), dossier=None)
    assert kho.paper(Actor("s", "so", "clerk"), filed.paper_id, purpose=PURPOSE).unit == "phong"
    with pytest.raises(NotFound):
        kho.paper(Actor("x", OTHER, "clerk"), filed.paper_id, purpose=PURPOSE)
