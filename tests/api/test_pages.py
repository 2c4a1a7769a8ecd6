from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import DOSSIER, OWNER, Service, birth_certificate, put_before_a_person


def browser(service: Service, who: str = "clerk") -> TestClient:
    return TestClient(service["clerk"].app, cookies={"sohoa_key": service.keys[who]}, headers={"accept": "text/html"})


@pytest.mark.parametrize("path", ["/", "/review", "/kho", "/coverage", "/kho/1?purpose=x"])
def test_a_stranger_is_sent_to_sign_in_and_back(service: Service, path: str) -> None:
    answer = service["anonymous"].get(path, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=/")


def test_signing_in_with_the_units_key_sets_a_cookie_scripts_cannot_read(service: Service) -> None:
    answer = service["anonymous"].post(
        "/login", data={"key": service.keys["clerk"], "next": "/kho"}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/kho")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "samesite=strict" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example/"])
def test_signing_in_never_leads_to_another_site(service: Service, target: str) -> None:
    answer = service["anonymous"].post(
        "/login", data={"key": service.keys["clerk"], "next": target}, follow_redirects=False
    )
    assert answer.headers["location"] == "/"


def test_a_wrong_key_says_so_in_vietnamese(service: Service) -> None:
    answer = service["anonymous"].post("/login", data={"key": "sai"})
    assert answer.status_code == 401
    assert "Khóa truy cập không đúng" in answer.text


def test_the_desk_lists_the_units_last_files(service: Service) -> None:
    page = browser(service).get("/").text
    assert "ks.pdf" in page
    assert "Đã lưu kho" in page
    assert "ks.pdf" not in browser(service, "stranger").get("/").text


def test_the_review_page_shows_values_reason_and_doubt(service: Service) -> None:
    places = {"so_ky_hieu": {"value": "125/2025", "confidence": 0.6, "page": 1, "box": [1, 2, 3, 4]}}
    review_id = put_before_a_person(service.kho, birth_certificate(places=places))
    queue = browser(service).get("/review").text
    assert f"/review/{review_id}" in queue
    page = browser(service).get(f"/review/{review_id}").text
    assert "Máy chưa chắc về loại giấy tờ." in page
    assert 'value="125/2025"' in page
    assert "Máy chỉ chắc 60 %" in page


def test_the_kho_page_finds_without_accents_and_masks_numbers(service: Service) -> None:
    page = browser(service).get("/kho", params={"q": "giay khai sinh", "purpose": DOSSIER}).text
    assert "<mark>" in page
    assert str(OWNER.identifier) not in page


def test_the_paper_page_needs_a_purpose(service: Service) -> None:
    refused = browser(service).get(f"/kho/{service.paper_id}")
    assert refused.status_code == 400
    assert "Phải nêu mã hồ sơ" in refused.text
    assert "125/2025" in browser(service).get(f"/kho/{service.paper_id}", params={"purpose": DOSSIER}).text


def test_the_coverage_page_shows_rates_targets_and_causes(service: Service) -> None:
    page = browser(service, "admin").get("/coverage", params={"from": "2025-08-01", "to": "2025-08-31"}).text
    assert "Phường Trấn Biên" in page
    assert "80 %" in page
    chart = page[page.index("<svg") : page.index("</svg>")]
    assert "<title>Số hồ sơ theo nguyên nhân</title>" in chart
    assert "Điểm (/22)" in page
    assert "mặc định" in page


def test_a_units_page_lists_its_dossiers_and_what_to_do(service: Service) -> None:
    page = browser(service).get("/coverage/26041", params={"from": "2025-08-01", "to": "2025-08-31"}).text
    assert "Phường Trấn Biên" in page
    assert browser(service).get("/coverage/26068").status_code == 403


def test_text_of_a_paper_cannot_become_script(service: Service) -> None:
    evil = "<script>alert(1)</script>"
    review_id = put_before_a_person(service.kho, birth_certificate(trich_yeu=evil, so_ky_hieu='"><img src=x>'))
    page = browser(service).get(f"/review/{review_id}").text
    assert evil not in page
    assert "<img src=x>" not in page


def test_every_page_forbids_foreign_scripts(service: Service) -> None:
    for path in ("/", "/review", "/kho", "/coverage", "/login"):
        policy = browser(service).get(path).headers["content-security-policy"]
        assert "script-src 'self';" in policy


def test_the_docs_page_loads_nothing_from_elsewhere(service: Service) -> None:
    page = service["anonymous"].get("/docs").text
    assert "https://" not in page.replace("https://www.w3.org", "")
