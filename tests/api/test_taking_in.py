from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.body_limit import BodyLimit
from services.settings import Settings
from tests.api.conftest import DOSSIER, Service, settings_for

PDF = b"%PDF-1.4 not really"


def send(client: TestClient, body: bytes = PDF, **form: str) -> tuple[int, dict[str, object]]:
    answer = client.post("/v1/intakes", files={"file": ("quét.pdf", body)}, data=form)
    return answer.status_code, answer.json()


def test_an_accepted_file_is_answered_202_with_where_to_watch_it(service: Service) -> None:
    answer = service["clerk"].post("/v1/intakes", files={"file": ("a.pdf", PDF)}, data={"dossier": DOSSIER})
    assert answer.status_code == 202
    shown = service["clerk"].get(answer.headers["location"]).json()
    assert (shown["state"], shown["dossier"], shown["file_name"]) == ("waiting", DOSSIER, "a.pdf")


def test_accepted_bytes_are_in_the_store_when_the_answer_comes(service: Service) -> None:
    _, accepted = send(service["clerk"])
    with service.kho.fetch(str(accepted["sha256"])) as path:
        assert path.read_bytes() == PDF


def test_the_same_bytes_again_are_the_same_intake_and_said_so(service: Service) -> None:
    _, first = send(service["clerk"])
    status, second = send(service["clerk"])
    assert (status, second["id"], second["already"]) == (202, first["id"], True)


def test_an_empty_file_is_refused_with_a_sentence_in_both_languages(service: Service) -> None:
    status, problem = send(service["clerk"], b"")
    assert (status, problem["code"]) == (422, "empty-file")
    assert problem["title"]
    assert problem["detail"]


@pytest.mark.parametrize("declared", [True, False])
def test_a_file_over_the_limit_is_refused_whether_its_length_is_declared_or_not(
    service: Service, declared: bool
) -> None:
    boundary, big = b"xx", b"a" * 3_200_000
    body = b'--xx\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + big + b"\r\n--xx--\r\n"
    content = body if declared else iter([body[:1_600_000], body[1_600_000:]])
    headers = {"content-type": f"multipart/form-data; boundary={boundary.decode()}"}
    answer = service["clerk"].post("/v1/intakes", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_a_stalled_upload_is_given_up() -> None:
    sent = []

    async def stalled() -> dict[str, object]:
        await asyncio.sleep(60)
        return {}

    async def reads_its_body(scope: object, receive: object, send: object) -> None:
        await receive()  # type: ignore[operator]

    async def note(message: dict[str, object]) -> None:
        sent.append(message)

    limit = BodyLimit(reads_its_body, max_bytes=10, idle_s=0.05)  # type: ignore[arg-type]
    asyncio.run(limit({"type": "http", "headers": []}, stalled, note))  # type: ignore[arg-type]
    assert sent[0]["status"] == 408


def test_each_accepted_file_wakes_the_workers_once(tmp_path: Path) -> None:
    woken: list[str] = []
    from services.coverage import seed
    from services.storage.model import Actor

    app = create_app(settings_for(tmp_path), wake=woken.append)
    with TestClient(app) as client:
        with app.state.kho.begin() as tx:
            seed(tx)
            key = app.state.kho.create_key(tx, Actor("a", "75", "admin"), name="k", unit="26041", role="clerk")
        client.headers["X-API-Key"] = key
        _, accepted = send(client)
    assert woken == [accepted["id"]]


def test_a_broker_that_is_away_does_not_lose_the_file(tmp_path: Path) -> None:
    from services.coverage import seed
    from services.storage.model import Actor

    app = create_app(settings_for(tmp_path, broker_url="redis://127.0.0.1:1/0"))
    with TestClient(app) as client:
        with app.state.kho.begin() as tx:
            seed(tx)
            key = app.state.kho.create_key(tx, Actor("a", "75", "admin"), name="k", unit="26041", role="clerk")
        client.headers["X-API-Key"] = key
        status, accepted = send(client)
        assert status == 202
        assert client.get(f"/v1/intakes/{accepted['id']}").json()["state"] == "waiting"


def test_the_settings_are_read_by_the_service_itself_when_none_are_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOHOA_DATA_DIR", str(tmp_path / "elsewhere"))
    assert create_app().state.settings.data_dir == Settings(_env_file=None).data_dir  # type: ignore[call-arg]


def test_a_clerk_is_told_of_a_blurred_or_blank_page_before_it_is_read(service: Service, tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "white.png"
    Image.new("L", (1654, 2339), 255).save(path, dpi=(200, 200))
    _, accepted = send(service["clerk"], path.read_bytes())
    look = service["clerk"].get(f"/v1/intakes/{accepted['id']}/look").json()
    assert [page["blank"] for page in look["pages"]] == [True]
