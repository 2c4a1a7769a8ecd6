from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.storage import IntakeState, Kho, NewOwner, NewPaper, Role
from services.storage.records.tables import ComponentRow, DossierRow, OwnerRow, PaperRow
from tests.storage.desk import (
    ADMIN,
    AN,
    BINH,
    CLERK,
    DOSSIER,
    ELSEWHERE,
    OTHER,
    WORKER,
    birth,
    file,
    open_dossier,
    take_in,
)


def _row(kho: Kho, paper_id: int) -> PaperRow:
    with kho.begin() as tx:
        return tx.get_one(PaperRow, paper_id)


def _land(plot: str, day: dt.date, **changes: object) -> NewPaper:
    return replace(
        birth(type_code="GCNQSDD", type_name="Giấy chứng nhận QSDĐ", so_ky_hieu=f"CS {plot}{day.year}"),
        ngay_cap=day,
        more={"to_ban_do": "12", "thua_dat": plot},
        **changes,  # type: ignore[arg-type]
    )


def test_filing_the_same_pages_again_changes_nothing(kho: Kho) -> None:
    intake = take_in(kho)
    with kho.begin() as tx:
        first = kho.file_paper(tx, intake, birth(), actor=WORKER)
    with kho.begin() as tx:
        again = kho.file_paper(tx, intake, birth(so_ky_hieu="999/2015"), actor=WORKER)
    assert again.paper_id == first.paper_id
    assert _row(kho, first.paper_id).so_ky_hieu == "125/2015"


def test_the_code_counts_an_owners_papers_of_a_type_and_hides_the_identity_number(kho: Kho) -> None:
    one = file(kho, birth())
    two = file(kho, birth(so_ky_hieu="9/2020", ngay_cap=dt.date(2020, 1, 1)))
    other = file(kho, birth(BINH))
    assert [filed.code for filed in (one, two, other)] == ["1.KS.01", "1.KS.02", "2.KS.01"]
    assert kho.paper(CLERK, one.paper_id, purpose=DOSSIER).official_code == "075190001234.KS.01"


def test_a_paper_without_an_owner_has_a_code_with_the_owner_left_empty(kho: Kho) -> None:
    filed = file(kho, birth(owners=()))
    assert filed.code == f".KS.{filed.paper_id:02}"
    assert kho.paper(CLERK, filed.paper_id, purpose=DOSSIER).official_code == filed.code


def test_no_identity_number_stands_in_the_records_unsealed(kho: Kho) -> None:
    assert AN.identifier is not None
    paper = birth(
        type_code="CCCD",
        so_ky_hieu=AN.identifier,
        trich_yeu=f"Cấp cho người có số {AN.identifier}",
        scope=f"để kết hôn với người có số {AN.identifier}",
        text=f"Số định danh: {AN.identifier}; CMND cũ 271234567",
        more={"so_dinh_danh": AN.identifier},
        places={"dinh_danh": {"value": AN.identifier, "page": 1}},
    )
    intake = take_in(kho)
    with kho.begin() as tx:
        filed = kho.file_paper(tx, intake, paper, actor=WORKER)
        kho.ask_person(tx, intake, replace(paper, first_page=2, last_page=2), "unsure")
    kho.close()
    written = b"".join(path.read_bytes() for path in kho.settings.data_dir.glob("kho.sqlite*"))
    assert AN.identifier.encode() not in written
    assert b"271234567" not in written
    whole = kho.paper(CLERK, filed.paper_id, purpose=DOSSIER)
    assert whole.more["so_dinh_danh"] == AN.identifier
    assert whole.owners[0].identifier_masked == "075*****1234"


def test_the_dossier_the_clerk_names_is_opened_and_holds_the_paper(kho: Kho) -> None:
    filed = file(kho, birth())
    assert filed.dossier_code == DOSSIER
    with kho.begin() as tx:
        dossier = tx.query(DossierRow).one()
        component = tx.query(ComponentRow).one()
    assert (dossier.opened_here, dossier.received_on) == (True, None)
    assert (component.dossier_id, component.paper_id, component.role, component.reused) == (
        dossier.id,
        filed.paper_id,
        "THANH_PHAN",
        0,
    )


def test_a_dossier_code_read_from_the_paper_opens_nothing_and_finds_only_this_units(kho: Kho) -> None:
    assert file(kho, birth(ma_ho_so="H19.12-250725-0042"), dossier=None).dossier_code is None
    open_dossier(kho, "H19.12-250725-0042")
    assert file(kho, birth(ma_ho_so="H19.12-250725-0042"), dossier=None).dossier_code == "H19.12-250725-0042"
    assert file(kho, birth(ma_ho_so="H19.12-250725-0042"), dossier=None, actor=ELSEWHERE).dossier_code is None


def test_a_process_paper_takes_its_role_from_the_rules_and_a_result_from_the_clerk(kho: Kho) -> None:
    file(kho, birth(type_code="PTC", type_name="Phiếu từ chối"))
    file(kho, birth(type_code="QD", type_name="Quyết định", so_ky_hieu="1/QĐ"), role=Role.KET_QUA)
    with kho.begin() as tx:
        assert [row.role for row in tx.query(ComponentRow).order_by(ComponentRow.id)] == [
            "GIAY_TO_QUY_TRINH",
            "KET_QUA",
        ]


def test_a_paper_is_put_under_the_component_that_accepts_it_and_has_none(kho: Kho) -> None:
    open_dossier(kho, DOSSIER, asks=(("KS", "TLKS"), ("KS",), ("GPXD",)))
    for number in ("1/2015", "2/2015", "3/2015"):
        file(kho, birth(so_ky_hieu=number))
    with kho.begin() as tx:
        assert [row.component_code for row in tx.query(ComponentRow).order_by(ComponentRow.id)] == ["TP0", "TP1", "TP0"]


# --- the same paper, other bytes ------------------------------------------------------------------------------------


def test_another_scan_of_a_paper_is_recognised_by_number_day_and_issuer(kho: Kho) -> None:
    first = file(kho, birth())
    again = file(kho, birth(text="read quite differently this time"))
    assert again.already_in_kho == first.paper_id
    assert _row(kho, again.paper_id).same_as == first.paper_id


def test_a_third_scan_names_the_first_not_the_second(kho: Kho) -> None:
    first = file(kho, birth())
    file(kho, birth())
    assert file(kho, birth()).already_in_kho == first.paper_id


def test_a_scan_whose_number_was_not_read_is_recognised_by_day_and_text(kho: Kho) -> None:
    first = file(kho, birth())
    blurred = birth(so_ky_hieu=None, text=birth().text.replace("Bệnh", "Bênh"), phash=0b1011)
    again = file(kho, blurred)
    assert again.already_in_kho == first.paper_id
    assert _row(kho, again.paper_id).same_as == first.paper_id


def test_alike_scans_with_nothing_read_are_offered_and_not_taken_for_one(kho: Kho) -> None:
    nothing = birth(so_ky_hieu=None, ngay_cap=None, co_quan_cap=None)
    first = file(kho, nothing)
    again = file(kho, nothing)
    assert again.already_in_kho == first.paper_id
    assert _row(kho, again.paper_id).same_as is None


def test_papers_that_differ_in_number_or_day_are_two(kho: Kho) -> None:
    file(kho, birth())
    assert file(kho, birth(so_ky_hieu="126/2015")).already_in_kho is None
    assert file(kho, birth(ngay_cap=dt.date(2016, 3, 4))).already_in_kho is None


def test_the_same_number_and_day_of_another_owner_is_another_paper(kho: Kho) -> None:
    file(kho, birth())
    assert file(kho, birth(BINH)).already_in_kho is None


def test_an_original_and_its_photocopy_are_two_papers(kho: Kho) -> None:
    file(kho, birth(copy_kind="SAO"))
    assert file(kho, birth()).already_in_kho is None


def test_different_pictures_are_not_alike_however_alike_the_form(kho: Kho) -> None:
    blank = birth(so_ky_hieu=None, ngay_cap=None, phash=0xFFFF0000FFFF0000)
    file(kho, blank)
    assert file(kho, replace(blank, phash=0x0000FFFFFFFF0000)).already_in_kho is None


# --- newer replaces older -------------------------------------------------------------------------------------------


def test_a_newer_issue_of_the_same_thing_replaces_the_older_and_keeps_it(kho: Kho) -> None:
    old = file(kho, _land("45", dt.date(2010, 1, 1)))
    new = file(kho, _land("45", dt.date(2024, 1, 1)))
    assert new.superseded == (old.paper_id,)
    assert (_row(kho, old.paper_id).validity, _row(kho, old.paper_id).superseded_by) == ("BI_THAY_THE", new.paper_id)


def test_an_older_issue_that_comes_later_is_replaced_at_once(kho: Kho) -> None:
    new = file(kho, _land("45", dt.date(2024, 1, 1)))
    old = file(kho, _land("45", dt.date(2010, 1, 1)))
    assert old.superseded == ()
    assert _row(kho, old.paper_id).superseded_by == new.paper_id
    assert _row(kho, new.paper_id).validity == "CON"


def test_an_older_issue_is_replaced_by_a_newer_one_that_was_revoked_since(kho: Kho) -> None:
    newer = file(kho, birth(ngay_cap=dt.date(2020, 1, 1), so_ky_hieu="2"))
    with kho.begin() as tx:
        kho.revoke(tx, ADMIN, newer.paper_id, reason="cấp sai", purpose="12/QĐ-UBND")
    older = file(kho, birth(ngay_cap=dt.date(2015, 1, 1), so_ky_hieu="1"))
    assert _row(kho, older.paper_id).validity == "BI_THAY_THE"
    assert _row(kho, older.paper_id).superseded_by == newer.paper_id


def test_another_plot_another_owner_and_a_copy_replace_nothing(kho: Kho) -> None:
    file(kho, _land("45", dt.date(2010, 1, 1)))
    assert file(kho, _land("46", dt.date(2024, 1, 1))).superseded == ()
    assert file(kho, _land("45", dt.date(2024, 1, 1), owners=(BINH,))).superseded == ()
    assert file(kho, _land("45", dt.date(2024, 1, 1), copy_kind="SAO_CHUNG_THUC")).superseded == ()


def test_a_plot_that_was_not_read_replaces_nothing(kho: Kho) -> None:
    file(kho, _land("45", dt.date(2010, 1, 1)))
    assert file(kho, replace(_land("45", dt.date(2024, 1, 1)), more={})).superseded == ()


def test_a_paper_of_a_couple_replaces_only_the_same_couples(kho: Kho) -> None:
    wedding = birth(type_code="KH", owners=(AN, BINH))
    single = file(kho, replace(wedding, owners=(AN,), so_ky_hieu="1", ngay_cap=dt.date(2001, 1, 1)))
    older = file(kho, replace(wedding, so_ky_hieu="2", ngay_cap=dt.date(2002, 1, 1)))
    newer = file(kho, replace(wedding, so_ky_hieu="3", ngay_cap=dt.date(2003, 1, 1)))
    assert newer.superseded == (older.paper_id,)
    assert _row(kho, single.paper_id).validity == "CON"


# --- owners ---------------------------------------------------------------------------------------------------------


def test_one_identity_number_is_one_owner_however_it_is_written(kho: Kho) -> None:
    file(kho, birth())
    file(kho, birth(NewOwner("CA_NHAN", "NGUYỄN VĂN AN", "075 190 001 234"), so_ky_hieu="2/2015"))
    with kho.begin() as tx:
        assert tx.query(OwnerRow).count() == 1


def test_an_owner_without_a_number_is_told_apart_by_name_and_birth(kho: Kho) -> None:
    for name, year in (("Lê Thị Hòa", 1980), ("LÊ THỊ HOÀ", 1980), ("Lê Thị Hòa", 1981)):
        file(kho, birth(NewOwner("CA_NHAN", name, None, dt.date(year, 1, 1)), so_ky_hieu=f"{name}{year}"))
    with kho.begin() as tx:
        assert tx.query(OwnerRow).count() == 2


def test_a_dossier_of_another_unit_is_not_opened_by_a_file_that_names_it(kho: Kho) -> None:
    open_dossier(kho, DOSSIER, unit=OTHER)
    intake = take_in(kho, dossier=None)
    with kho.begin() as tx:
        filed = kho.file_paper(tx, intake, birth(ma_ho_so=DOSSIER), actor=WORKER)
        kho.finish(tx, intake, IntakeState.FILED)
    assert filed.dossier_code is None
