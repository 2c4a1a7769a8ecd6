"""Whatever is asked, read or typed: an answer or a refusal, the same from both record stores, and never a number."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import io
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from services.coverage import seed
from services.settings import Settings
from services.storage import Kho, NewPaper
from services.storage.errors import BadCode
from tests.real.servers import free_port
from tests.storage.desk import ADMIN, AN, CLERK, DOSSIER, UNIT, WORKER, birth, file, open_dossier, open_kho, take_in

TOO_FAR = 2**63
NUMBER = str(AN.identifier)


def _cursor(said: str) -> str:
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


@pytest.fixture
def desk(records_settings: Settings) -> Iterator[tuple[Kho, TestClient]]:
    """The service on each record store, with a reviewer's key and one filed paper (number 1) and review (number 1)."""
    app = create_app(records_settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        kho: Kho = app.state.kho
        with kho.begin() as tx:
            seed(tx)
        with kho.begin() as tx:
            client.headers["Authorization"] = (
                f"Bearer {kho.create_key(tx, ADMIN, name='a', unit=UNIT, role='reviewer')}"
            )
        open_dossier(kho, DOSSIER)
        file(kho, birth())
        intake = take_in(kho)
        with kho.begin() as tx:
            kho.ask_person(tx, intake, birth(), "unsure")
        yield kho, client


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/search?owner=&purpose=x", 400),
        ("/v1/search?q=an&owner=&purpose=x", 200),
        ("/v1/search?q=an&purpose=x%00", 400),
        ("/v1/search?number=%00&purpose=x", 400),
        (f"/v1/search?q=an&purpose=x&after={_cursor(f'1:{TOO_FAR}')}", 400),
        (f"/v1/search?q=an&purpose=x&after={_cursor('1:-5')}", 400),
        (f"/v1/search?q=an&purpose=x&after={_cursor('1:' + '9' * 5000)}", 400),
        (f"/v1/papers/{TOO_FAR}?purpose=x", 400),
        ("/v1/papers/-1?purpose=x", 400),
        (f"/v1/papers/{TOO_FAR - 1}?purpose=x", 404),
        (f"/v1/reviews/{TOO_FAR}", 400),
        (f"/v1/reviews?after={TOO_FAR}", 400),
        ("/v1/intakes?after=%00", 400),
        ("/v1/intakes/%00", 400),
        ("/v1/dossiers/%00/checklist", 400),
        ("/v1/dossiers/" + "x" * 5000 + "/checklist", 404),
        ("/v1/reuse?type=%00&owner=1&purpose=x", 400),
        ("/v1/reuse?type=KS&name=%00&purpose=x", 400),
        ("/v1/reuse?type=KS&purpose=x", 200),
        ("/v1/reuse?type=KS&name=a&birth_date=10000-01-01&purpose=x", 400),
        ("/v1/search?q=%E2%80%AE%CC%81an&purpose=x&issued_from=0001-01-01&valid_on=9999-12-31", 200),
        ("/v1/search?q=" + "%F0%9F%98%80" * 50 + "&purpose=x", 400),
    ],
)
def test_an_odd_question_gets_the_same_answer_from_both(desk: tuple[Kho, TestClient], path: str, status: int) -> None:
    assert desk[1].get(path).status_code == status


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/v1/dossiers/{DOSSIER}/reuse", {"paper_id": TOO_FAR}),
        ("/v1/papers/1/revoke", {"reason": "abc\0", "purpose": "x"}),
        ("/v1/papers/1/revoke", {"reason": "abc", "purpose": "\0"}),
        (f"/v1/papers/{TOO_FAR}/revoke", {"reason": "abc", "purpose": "x"}),
        ("/v1/dossiers", {"code": "H19.12-250725-0009", "owner": {"name": "\0"}}),
        ("/v1/reviews/1", {"decision": "file", "so_ky_hieu": "a\0", "chu_so_huu": "A"}),
        ("/v1/reviews/1", {"decision": "file", "chu_so_huu": "A\0"}),
    ],
)
def test_an_odd_body_is_refused_by_both(desk: tuple[Kho, TestClient], path: str, body: dict[str, Any]) -> None:
    assert desk[1].post(path, json=body).status_code == 400


def test_a_year_that_means_for_ever_is_filed(desk: tuple[Kho, TestClient]) -> None:
    said = {"decision": "file", "type_code": "TTHN", "ngay_cap": "9999-12-31", "chu_so_huu": "Nguyễn Văn An"}
    assert desk[1].post("/v1/reviews/1", json=said).status_code == 200


@pytest.mark.parametrize("dossier", ["x" * 61, "x\0", NUMBER])
def test_what_cannot_be_a_dossiers_code_is_refused_when_a_file_is_taken_in(
    desk: tuple[Kho, TestClient], dossier: str
) -> None:
    kho, _ = desk
    with pytest.raises(BadCode):
        kho.accept(io.BytesIO(b"a"), file_name="a.pdf", actor=CLERK, dossier=dossier)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (f"{NUMBER}.pdf", "075*****1234.pdf"),
        (f"CCCD_{NUMBER}_mat-truoc.jpg", "CCCD_075*****1234_mat-truoc.jpg"),
        ("20251127_101010.pdf", "20251127_101010.pdf"),
        ("h\udce9.pdf", "h?.pdf"),
        ("a\0.pdf", "a.pdf"),
    ],
)
def test_a_file_name_is_kept_readable_and_without_identity_numbers(
    desk: tuple[Kho, TestClient], given: str, kept: str
) -> None:
    kho, _ = desk
    accepted = kho.accept(io.BytesIO(b"a"), file_name=given, actor=CLERK)
    assert kho.intake(accepted.intake_id, CLERK).file_name == kept


@pytest.mark.parametrize(
    "paper",
    [
        birth(text="GIẤY\0 KHAI SINH", so_ky_hieu="7\0/2015"),
        birth(text="khai \ud800sinh", trich_yeu="\udfff"),
        birth(text="khai sinh " + "a" * 5000 + " " + "b" * 5000),
    ],
    ids=["NUL", "half a surrogate pair", "words longer than words are"],
)
def test_a_paper_is_filed_whatever_was_read_on_it(records_settings: Settings, paper: NewPaper) -> None:
    kho = open_kho(records_settings)
    intake = take_in(kho)
    with kho.begin() as tx:
        review = kho.ask_person(tx, intake, paper, "unsure")
    with kho.begin() as tx:
        filed = kho.file_paper(tx, intake, paper, actor=WORKER)
    assert kho.review(CLERK, review).proposal.type_code == "KS"
    for words in ("khai sinh", "khai " + "a" * 5000):
        found = [hit.paper.id for hit in kho.find(CLERK, words, purpose="x").hits]
        assert found == ([filed.paper_id] if words == "khai sinh" or "aaa" in paper.text else [])
    kho.close()


def test_a_picture_of_a_page_is_a_look_that_is_logged(desk: tuple[Kho, TestClient]) -> None:
    kho, client = desk
    accepted = kho.accept(io.BytesIO(b"no scan"), file_name="a.pdf", actor=CLERK)
    client.get(f"/v1/intakes/{accepted.intake_id}/pages/1.png")
    looks = [line for line in kho.audit_entries(ADMIN, thing=f"intake:{accepted.intake_id}") if line.action == "look"]
    assert [(line.actor, line.purpose) for line in looks] == [("a", accepted.intake_id)]


def test_the_servers_log_keeps_no_identity_number(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.app:create_app", "--port", str(port)]
    environment = os.environ | {"SOHOA_DATA_DIR": str(tmp_path / "var"), "PYTHONPATH": os.pathsep.join(sys.path)}
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 60
        while b"reuse" not in (tmp_path / "log").read_bytes() and time.monotonic() < end:
            with contextlib.suppress(urllib.error.HTTPError, urllib.error.URLError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/reuse?owner={NUMBER}&type=KS", timeout=5)
            time.sleep(0.1)
    finally:
        server.terminate()
        server.wait()
    said = (tmp_path / "log").read_text()
    assert "/v1/reuse" in said
    assert NUMBER not in said


def test_a_day_past_the_last_is_the_last(desk: tuple[Kho, TestClient]) -> None:
    filed = file(desk[0], birth(type_code="LLTP", so_ky_hieu="1/TP", ngay_cap=dt.date(9999, 12, 1)))
    assert desk[0].paper(CLERK, filed.paper_id, purpose=DOSSIER).valid_to == dt.date.max
