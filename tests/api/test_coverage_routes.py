from __future__ import annotations

import datetime as dt
import io
import zipfile

from services.coverage import open_dossier
from tests.api.conftest import DOSSIER, HERE, Service

AUGUST = {"from": "2025-08-01", "to": "2025-08-31"}


def test_the_dossiers_behind_a_figure_come_page_by_page_with_what_to_do(service: Service) -> None:
    with service.kho.begin() as tx:
        for day in range(1, 6):
            open_dossier(tx, f"H19.12-25080{day}-0001", unit=HERE, received_on=dt.date(2025, 8, day))
    asked = {**AUGUST, "figure": "C2", "limit": "4"}
    first = service["clerk"].get("/v1/coverage/dossiers", params=asked).json()
    second = service["clerk"].get("/v1/coverage/dossiers", params={**asked, "after": first["next"]}).json()
    codes = [item["code"] for item in first["items"] + second["items"]]
    assert len(codes) == len(set(codes)) == 6
    assert second["next"] is None
    assert all(todo["vi"] for item in first["items"] for todo in item["todo"])


def test_the_plan_says_how_many_dossiers_are_missing_to_the_target(service: Service) -> None:
    plan = service["clerk"].get("/v1/coverage/plan", params=AUGUST).json()
    assert (plan["percent"], plan["missing"]) == (80, 1)
    assert [item["code"] for item in plan["items"]] == [DOSSIER]


def test_another_units_dossiers_are_not_behind_our_figures(service: Service) -> None:
    listed = service["clerk"].get("/v1/coverage/dossiers", params={**AUGUST, "figure": "received"}).json()
    assert {item["unit"] for item in listed["items"]} == {HERE}
    refused = service["clerk"].get("/v1/coverage/dossiers", params={**AUGUST, "unit": "26068"})
    assert (refused.status_code, refused.json()["code"]) == (403, "other-unit")


def test_the_reports_open_as_what_they_say_they_are(service: Service) -> None:
    for name, inside in (("xlsx", "xl/workbook.xml"), ("docx", "word/document.xml")):
        answer = service["reporter"].get(f"/v1/coverage.{name}", params=AUGUST)
        assert answer.status_code == 200, answer.text
        assert inside in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert service["reporter"].get("/v1/coverage.csv", params=AUGUST).content.startswith(b"\xef\xbb\xbf")


def test_a_period_that_is_none_is_a_bad_request(service: Service) -> None:
    answer = service["clerk"].get("/v1/coverage", params={"period": "2025-13"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-period")
