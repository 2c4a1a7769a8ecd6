"""Nobody sees what is not theirs: every route of /v1, every role, the other unit."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.api.conftest import DOSSIER, OTHER_DOSSIER, Service, birth_certificate, put_before_a_person

OPEN = {"/healthz", "/readyz", "/openapi.json", "/docs", "/login", "/logout"}


def _operations(service: Service) -> list[tuple[str, str]]:
    app = service["clerk"].app
    assert isinstance(app, FastAPI)
    return [
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if path not in OPEN
    ]


def _fill(path: str, service: Service) -> str:
    known = {"intake_id": service.intake_id, "paper_id": str(service.paper_id), "number": "1", "code": DOSSIER}
    return re.sub(r"\{(\w+)\}", lambda name: known.get(name[1], "1"), path)


def test_every_route_of_v1_asks_who_is_there(service: Service) -> None:
    operations = _operations(service)
    assert len(operations) > 15
    for method, path in operations:
        answer = service["anonymous"].request(method, _fill(path, service))
        assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in"), (method, path)
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_wrong_key_is_refused(service: Service) -> None:
    answer = service["anonymous"].get("/v1/intakes", headers={"X-API-Key": "sohoa_guess"})
    assert (answer.status_code, answer.json()["code"]) == (401, "bad-key")


def test_a_disabled_key_stops_at_once(service: Service) -> None:
    from services.storage.model import Actor

    assert service["clerk"].get("/v1/intakes").status_code == 200
    with service.kho.begin() as tx:
        service.kho.disable_key(tx, Actor("a", "75", "admin"), "clerk")
    assert service["clerk"].get("/v1/intakes").status_code == 401


def test_no_route_shows_another_units_file_paper_review_or_dossier(service: Service) -> None:
    review_id = put_before_a_person(service.kho, birth_certificate(so_ky_hieu=None))
    stranger = service["stranger"]
    purpose = {"purpose": OTHER_DOSSIER}
    for path in (
        f"/v1/intakes/{service.intake_id}",
        f"/v1/intakes/{service.intake_id}/look",
        f"/v1/intakes/{service.intake_id}/pages/1.png",
        f"/v1/papers/{service.paper_id}",
        f"/v1/papers/{service.paper_id}/file",
        f"/v1/papers/{service.paper_id}/pages/1.png",
        f"/v1/reviews/{review_id}",
        f"/v1/dossiers/{DOSSIER}",
        f"/v1/dossiers/{DOSSIER}/checklist",
    ):
        answer = stranger.get(path, params=purpose)
        assert answer.status_code in (403, 404), path
    assert stranger.post(f"/v1/reviews/{review_id}", json={"decision": "drop"}).status_code in (403, 404)
    assert stranger.post(f"/v1/dossiers/{DOSSIER}/reuse", json={"paper_id": service.paper_id}).status_code in (403, 404)
    assert stranger.get("/v1/intakes").json()["items"] == []
    assert stranger.get("/v1/reviews").json() == []
    assert stranger.get("/v1/search", params={"q": "giấy khai sinh", **purpose}).json()["items"] == []


def test_another_units_dossier_is_no_purpose(service: Service) -> None:
    answer = service["clerk"].get(f"/v1/papers/{service.paper_id}", params={"purpose": OTHER_DOSSIER})
    assert (answer.status_code, answer.json()["code"]) == (403, "other-unit")


@pytest.mark.parametrize(
    ("who", "method", "path", "body"),
    [
        ("lookup", "POST", "/v1/intakes", None),
        ("reporter", "GET", "/v1/reuse?owner=075190001234&type=KS&purpose=" + DOSSIER, None),
        ("reporter", "GET", "/v1/search?q=khai+sinh&purpose=" + DOSSIER, None),
        ("lookup", "GET", "/v1/reviews", None),
        ("reporter", "POST", "/v1/dossiers", {"code": "H19.12-250826-0009"}),
        ("clerk", "POST", "/v1/papers/1/revoke", {"reason": "nhầm", "purpose": DOSSIER}),
    ],
)
def test_a_role_may_not_do_what_is_not_its_work(
    service: Service, who: str, method: str, path: str, body: dict[str, Any] | None
) -> None:
    files = {"file": ("a.pdf", b"x")} if path == "/v1/intakes" else None
    answer = service[who].request(method, path, json=body, files=files)
    assert (answer.status_code, answer.json()["code"]) == (403, "role-not-allowed")


def test_every_look_at_a_paper_is_in_the_log_with_its_purpose(service: Service) -> None:
    from services.storage.model import Actor

    assert service["clerk"].get(f"/v1/papers/{service.paper_id}", params={"purpose": DOSSIER}).status_code == 200
    entries = service.kho.audit_entries(Actor("a", "75", "admin"), thing=f"paper:{service.paper_id}")
    assert [(entry.actor, entry.purpose) for entry in entries if entry.action == "look"] == [("clerk", DOSSIER)]


def test_taking_or_revoking_that_is_refused_is_in_the_log(service: Service) -> None:
    from services.storage.model import Actor

    taken = service["stranger"].post(f"/v1/dossiers/{OTHER_DOSSIER}/reuse", json={"paper_id": service.paper_id})
    revoked = service["clerk"].post(
        f"/v1/papers/{service.paper_id}/revoke", json={"reason": "nhầm", "purpose": DOSSIER}
    )
    assert (taken.status_code, revoked.status_code) == (404, 403)
    entries = service.kho.audit_entries(Actor("a", "75", "admin"), thing=f"paper:{service.paper_id}")
    assert [(line.actor, line.action, line.purpose, line.result) for line in entries][-2:] == [
        ("stranger", "reuse", OTHER_DOSSIER, "not-found"),
        ("clerk", "revoke", DOSSIER, "role-not-allowed"),
    ]


def test_a_look_without_a_purpose_is_refused(service: Service) -> None:
    answer = service["clerk"].get(f"/v1/papers/{service.paper_id}", params={"purpose": " "})
    assert (answer.status_code, answer.json()["code"]) == (400, "purpose-needed")


def test_lists_never_carry_a_whole_identity_number(service: Service) -> None:
    for path in (
        f"/v1/reuse?owner=075190001234&type=KS&purpose={DOSSIER}",
        f"/v1/search?q=mau&purpose={DOSSIER}",
        f"/v1/intakes/{service.intake_id}",
    ):
        answer = service["clerk"].get(path)
        assert answer.status_code == 200
        assert "Nguyễn Thị Mẫu" in answer.text
        assert "075190001234" not in answer.text, path


def test_an_error_names_no_value_that_was_sent(service: Service) -> None:
    answer = service["clerk"].get("/v1/reuse", params={"owner": "075190001234", "birth_date": "075190001234"})
    assert answer.status_code == 400
    assert "075190001234" not in answer.text
    assert {field["field"] for field in answer.json()["fields"]} >= {"query.type", "query.birth_date"}


def test_an_unknown_address_is_a_problem_document(service: Service) -> None:
    answer = service["clerk"].get("/v1/nothing-here")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_a_cookie_does_not_count_for_a_change_asked_by_another_site(service: Service) -> None:
    browser = TestClient(service["clerk"].app, cookies={"sohoa_key": service.keys["clerk"]})
    assert browser.get("/v1/intakes").status_code == 200
    here = browser.post("/v1/dossiers", json={"code": "bad"}, headers={"origin": "http://testserver"})
    there = browser.post("/v1/dossiers", json={"code": "bad"}, headers={"origin": "http://evil.example"})
    assert here.json()["code"] != "not-signed-in"
    assert there.json()["code"] == "not-signed-in"
