from __future__ import annotations

import io

import pytest

from api.schemas import error_problem
from services.errors import SohoaError
from services.storage.model import Actor, IntakeState
from tests.api.conftest import DOSSIER, HERE, OWNER, Service, birth_certificate, put_before_a_person


def test_the_kho_is_asked_before_scanning_and_says_why(service: Service) -> None:
    answer = service["lookup"].get("/v1/reuse", params={"owner": OWNER.identifier, "type": "KS", "purpose": DOSSIER})
    found = answer.json()
    assert [judged["paper"]["so_ky_hieu"] for judged in found["usable"]] == ["125/2025"]
    assert found["usable"][0]["why"][0]["vi"]


def test_an_owner_without_a_number_is_found_by_name_and_birth_date(service: Service) -> None:
    asked = {"name": "nguyen thi mau", "birth_date": "1990-03-05", "type": "KS", "purpose": DOSSIER}
    assert len(service["clerk"].get("/v1/reuse", params=asked).json()["usable"]) == 1


def test_search_finds_without_accents_and_marks_the_words(service: Service) -> None:
    found = service["clerk"].get("/v1/search", params={"q": "giay khai sinh mau", "purpose": DOSSIER}).json()
    assert [hit["paper"]["id"] for hit in found["items"]] == [service.paper_id]
    hit = found["items"][0]
    assert {hit["excerpt"][start:end].lower() for start, end in hit["marks"]} & {"giấy", "khai", "sinh", "mẫu"}


def test_a_person_confirms_a_paper_and_it_is_filed_with_their_values(service: Service) -> None:
    review_id = put_before_a_person(service.kho, birth_certificate(so_ky_hieu=None, confidence=0.4))
    values = {
        "decision": "file",
        "type_code": "TLKS",
        "so_ky_hieu": "77/TLKS",
        "ngay_cap": "2025-08-01",
        "chu_so_huu": OWNER.name,
        "dinh_danh": OWNER.identifier,
        "ngay_sinh": "1990-03-05",
    }
    filed = service["clerk"].post(f"/v1/reviews/{review_id}", json=values).json()
    shown = service["clerk"].get(f"/v1/papers/{filed['paper_id']}", params={"purpose": DOSSIER}).json()
    assert (shown["type_code"], shown["so_ky_hieu"], shown["ngay_cap"]) == ("TLKS", "77/TLKS", "2025-08-01")


def test_a_paper_cannot_be_filed_as_unknown(service: Service) -> None:
    review_id = put_before_a_person(service.kho, birth_certificate(type_code="KHAC", type_name="Không xác định"))
    answer = service["clerk"].post(f"/v1/reviews/{review_id}", json={"decision": "file", "type_code": "KHAC"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")


def test_a_review_is_decided_once(service: Service) -> None:
    review_id = put_before_a_person(service.kho, birth_certificate())
    assert service["clerk"].post(f"/v1/reviews/{review_id}", json={"decision": "drop"}).status_code == 200
    again = service["clerk"].post(f"/v1/reviews/{review_id}", json={"decision": "drop"})
    assert (again.status_code, again.json()["code"]) == (409, "already-decided")


def test_opening_a_dossier_shows_what_it_lacks(service: Service) -> None:
    body = {"code": "H19.12-250826-0007", "owner": {"name": "Lê Văn Thí", "birth_date": "1980-01-02"}}
    answer = service["clerk"].post("/v1/dossiers", json=body)
    assert answer.status_code == 201
    failing = {check["code"] for check in answer.json()["checks"] if not check["passed"]}
    assert "C2" in failing


def test_a_kho_paper_taken_into_a_dossier_counts_at_once_and_once(service: Service) -> None:
    code = "H19.12-250826-0008"
    owner = {"name": OWNER.name, "identifier": OWNER.identifier, "birth_date": "1990-03-05"}
    service["clerk"].post(
        "/v1/dossiers", json={"code": code, "owner": owner, "procedure": _procedure_with("KS", service)}
    )
    first = service["clerk"].post(f"/v1/dossiers/{code}/reuse", json={"paper_id": service.paper_id}).json()
    again = service["clerk"].post(f"/v1/dossiers/{code}/reuse", json={"paper_id": service.paper_id}).json()
    assert (first["already"], again["already"]) == (False, True)
    passed = {check["code"]: check["passed"] for check in service["clerk"].get(f"/v1/dossiers/{code}").json()["checks"]}
    assert passed["C2"]
    assert passed["C5"]
    states = {item["state"] for item in service["clerk"].get(f"/v1/dossiers/{code}/checklist").json()["components"]}
    assert "in-dossier" in states


def test_a_revoked_paper_is_kept_and_not_offered(service: Service) -> None:
    why = {"reason": "cấp sai tên cha", "purpose": DOSSIER}
    assert service["reviewer"].post(f"/v1/papers/{service.paper_id}/revoke", json=why).status_code == 204
    found = (
        service["clerk"].get("/v1/reuse", params={"owner": OWNER.identifier, "type": "KS", "purpose": DOSSIER}).json()
    )
    assert (found["usable"], len(found["not_usable"])) == ([], 1)


def test_the_original_comes_back_byte_for_byte_and_never_opens_in_the_page(service: Service) -> None:
    answer = service["clerk"].get(f"/v1/papers/{service.paper_id}/file", params={"purpose": DOSSIER})
    assert answer.content == b"the scan of a birth certificate"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_coverage_is_the_units_own_and_the_provinces_whole(service: Service) -> None:
    own = service["clerk"].get("/v1/coverage", params={"from": "2025-08-01", "to": "2025-08-31"}).json()
    assert [unit["code"] for unit in own["units"] if unit["received"]] == ["26041"]
    assert {"period", "profile", "units", "province"} <= set(own)


def test_a_register_goes_in_by_http_and_bad_rows_are_named(service: Service) -> None:
    header = "Mã hồ sơ,Đơn vị,Ngày tiếp nhận,Trạng thái"
    rows = [
        "H19.12-250827-0001,Phường Trấn Biên,27/08/2025,Đang xử lý",
        "H19.12-250827-0002,Phường Trấn Biên,31/02/2025,9",
    ]
    csv = "\n".join([header, *rows]).encode()
    answer = service["clerk"].post("/v1/register", files={"file": ("so.csv", csv)}).json()
    assert (answer["inserted"], answer["refused"]) == (1, 1)
    assert answer["bad_rows"][0]["row"] == 3


def _procedure_with(type_code: str, service: Service) -> str:
    from services.storage.records.tables import ProcedureComponentRow

    with service.kho.begin() as tx:
        rows = tx.query(ProcedureComponentRow).order_by(ProcedureComponentRow.procedure).all()
        return next(row.procedure for row in rows if type_code in row.accepts and row.of_relation is None)


@pytest.mark.parametrize("code", ["blank-scan", "dropped", "gave-up", "encrypted-pdf", "truncated-file", "time-limit"])
def test_each_way_a_file_can_end_badly_has_its_own_sentence(code: str) -> None:
    problem = error_problem(code)
    assert problem is not None
    assert problem.code == code
    assert problem.title != SohoaError.vi


def test_another_units_file_is_handed_over_where_it_holds_that_one_paper_only(service: Service) -> None:
    code = "H19.13-250826-0002"
    owner = {"name": OWNER.name, "identifier": OWNER.identifier, "birth_date": "1990-03-05"}
    assert service["stranger"].post("/v1/dossiers", json={"code": code, "owner": owner}).status_code == 201
    alone = service["stranger"].get(f"/v1/papers/{service.paper_id}/file", params={"purpose": code})
    assert (alone.status_code, alone.content) == (200, b"the scan of a birth certificate")
    clerk = Actor("một cửa", HERE, "clerk")
    accepted = service.kho.accept(io.BytesIO(b"a stack"), file_name="stack.pdf", actor=clerk, dossier=DOSSIER)
    intake = service.kho.lease("test", intake_id=accepted.intake_id)
    assert intake is not None
    with service.kho.begin() as tx:
        first = service.kho.file_paper(tx, intake, birth_certificate(so_ky_hieu="9/2020"), actor=clerk)
        other = birth_certificate(first_page=2, last_page=2, owners=(), so_ky_hieu="7/2021")
        service.kho.file_paper(tx, intake, other, actor=clerk)
        service.kho.finish(tx, intake, IntakeState.FILED)
    of_stack = f"/v1/papers/{first.paper_id}"
    assert service["stranger"].get(of_stack, params={"purpose": code}).status_code == 200
    refused = service["stranger"].get(f"{of_stack}/file", params={"purpose": code})
    assert (refused.status_code, refused.json()["code"]) == (403, "shared-file")
    for who in ("clerk", "lookup"):
        assert service[who].get(f"{of_stack}/file", params={"purpose": DOSSIER}).content == b"a stack"
