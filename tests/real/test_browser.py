"""A clerk's morning in a real browser: sign in, send a scan, reuse a paper, confirm a doubtful one, see the figures."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from PIL import Image, ImageDraw, ImageFont

from api.app import create_app
from services.coverage import open_dossier, seed
from services.storage import Kho
from services.storage.model import Actor
from services.storage.people.owners import ensure
from services.storage.records.tables import ProcedureComponentRow
from tests.api.conftest import (
    DOSSIER,
    HERE,
    OWNER,
    birth_certificate,
    file_birth_certificate,
    put_before_a_person,
    settings_for,
)

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NEW_DOSSIER = "H19.12-250825-0002"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, str, Kho]]:
    """Address, a reviewer's key, and the kho of a service on a free port."""
    app = create_app(settings_for(tmp_path))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.05)
    kho: Kho = app.state.kho
    with kho.begin() as tx:
        seed(tx)
    with kho.begin() as tx:
        key = kho.create_key(tx, Actor("a", "75", "admin"), name="Chị Hoa", unit=HERE, role="reviewer")
        owner = ensure(tx, kho.keys, [OWNER])[0]
        asks = next(row for row in tx.query(ProcedureComponentRow).all() if "KS" in row.accepts and not row.of_relation)
        for code in (DOSSIER, NEW_DOSSIER):
            open_dossier(
                tx,
                code,
                unit=HERE,
                procedure=asks.procedure,
                owner_id=owner.id,
                owner_kind="CA_NHAN",
                received_on=dt.date(2025, 8, 25),
            )
    file_birth_certificate(kho, Actor("một cửa", HERE, "clerk"))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", key, kho
    server.should_exit = True
    thread.join(timeout=20)
    listening.close()


def scan_of(words: str) -> bytes:
    sheet = Image.new("RGB", (1240, 1754), "white")
    font = ImageFont.load_default(40)
    ImageDraw.Draw(sheet).text((150, 200), words, fill="black", font=font)
    picture = io.BytesIO()
    sheet.save(picture, "PNG", dpi=(150, 150))
    return picture.getvalue()


def test_a_clerks_morning(site: tuple[str, str, Kho], tmp_path: Path) -> None:
    from playwright.sync_api import expect, sync_playwright

    address, key, kho = site
    places = {"so_ky_hieu": {"value": "125/2025", "confidence": 0.6, "page": 1, "box": [10, 10, 300, 80]}}
    review_id = put_before_a_person(
        kho, birth_certificate(so_ky_hieu="12S/2025", places=places, confidence=0.5), scan_of("GIAY KHAI SINH")
    )
    scan = tmp_path / "to khai.png"
    scan.write_bytes(scan_of("TO KHAI"))
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith(address) else None)

        page.goto(f"{address}/?dossier={NEW_DOSSIER}")
        page.fill("#key", key)
        page.click("text=Đăng nhập >> nth=-1")
        page.get_by_role("button", name="Dùng lại, không cần quét").click()
        expect(page.locator("#checklist")).to_contain_text("Đã có trong hồ sơ", timeout=15_000)

        page.set_input_files("#file", scan)
        expect(page.locator("#files")).to_contain_text("Đang chờ đọc", timeout=15_000)

        page.goto(f"{address}/review/{review_id}")
        expect(page.locator(".sheet .place")).to_have_count(0)  # this intake kept no reading, so no place can be shown
        expect(page.locator("#f-so_ky_hieu")).to_have_value("12S/2025")
        page.fill("#f-so_ky_hieu", "125/2025")
        page.click("text=Xác nhận, lưu kho")
        page.wait_for_url(f"{address}/review")
        expect(page.locator("main")).to_contain_text("Không có giấy tờ nào đang chờ")

        page.goto(f"{address}/coverage?from=2025-08-01&to=2025-08-31")
        expect(page.locator("table")).to_contain_text("Phường Trấn Biên")
        browser.close()
    assert wrong == []
