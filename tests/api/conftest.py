"""A whole service over a real embedded kho: two communes, a key for each role, one filed paper."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from services.coverage import open_dossier, seed
from services.settings import Settings
from services.storage import Kho
from services.storage.model import Actor, IntakeState, NewOwner, NewPaper
from services.storage.people.owners import ensure

HERE, THERE = "26041", "26068"  # P. Trấn Biên, P. Biên Hòa
DOSSIER = "H19.12-250825-0001"
OTHER_DOSSIER = "H19.13-250825-0001"
OWNER = NewOwner("CA_NHAN", "Nguyễn Thị Mẫu", "075190001234", dt.date(1990, 3, 5))


@dataclass(frozen=True)
class Service:
    """The running service, its kho, and one client a role: ``clients["clerk"]`` is of HERE, ``"stranger"`` of THERE."""

    kho: Kho
    clients: dict[str, TestClient]
    keys: dict[str, str]
    paper_id: int
    intake_id: str

    def __getitem__(self, who: str) -> TestClient:
        return self.clients[who]


def settings_for(folder: Path, **more: object) -> Settings:
    return Settings(data_dir=folder, max_bytes=3_000_000, _env_file=None, **more)  # type: ignore[arg-type, call-arg]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    app = create_app(settings_for(tmp_path))
    with TestClient(app, raise_server_exceptions=False) as anonymous:
        kho: Kho = app.state.kho
        admin = Actor("quản trị", "75", "admin")
        with kho.begin() as tx:
            seed(tx)
        with kho.begin() as tx:
            keys = {
                role: kho.create_key(tx, admin, name=role, unit=HERE, role=role)
                for role in ("clerk", "reviewer", "lookup", "reporter", "admin")
            }
            keys["stranger"] = kho.create_key(tx, admin, name="stranger", unit=THERE, role="clerk")
            owner = ensure(tx, kho.keys, [OWNER])[0]
            today = dt.date(2025, 8, 25)
            open_dossier(tx, DOSSIER, unit=HERE, owner_id=owner.id, owner_kind="CA_NHAN", received_on=today)
            open_dossier(tx, OTHER_DOSSIER, unit=THERE, owner_kind="CA_NHAN", received_on=today)
        clerk = Actor("một cửa", HERE, "clerk")
        paper_id, intake_id = file_birth_certificate(kho, clerk)
        clients = {
            who: TestClient(app, headers={"Authorization": f"Bearer {key}"}, raise_server_exceptions=False)
            for who, key in keys.items()
        }
        yield Service(kho, clients | {"anonymous": anonymous}, keys, paper_id, intake_id)


def birth_certificate(**changed: object) -> NewPaper:
    values: dict[str, object] = {
        "first_page": 1,
        "last_page": 1,
        "type_code": "KS",
        "type_name": "Giấy khai sinh",
        "copy_kind": "CHINH",
        "confidence": 0.99,
        "decided_by": "rules",
        "owners": (OWNER,),
        "so_ky_hieu": "125/2025",
        "ngay_cap": dt.date(2025, 7, 20),
        "co_quan_cap": "Ủy ban nhân dân phường Trấn Biên",
        "nguoi_ky": "Trần Văn Thử",
        "text": "GIẤY KHAI SINH Nguyễn Thị Mẫu",
    }
    return NewPaper(**(values | changed))  # type: ignore[arg-type]


def file_birth_certificate(kho: Kho, clerk: Actor) -> tuple[int, str]:
    accepted = kho.accept(
        io.BytesIO(b"the scan of a birth certificate"), file_name="ks.pdf", actor=clerk, dossier=DOSSIER
    )
    intake = kho.lease("test", intake_id=accepted.intake_id)
    assert intake is not None
    with kho.begin() as tx:
        filed = kho.file_paper(tx, intake, birth_certificate(), actor=clerk)
        kho.finish(tx, intake, IntakeState.FILED)
    return filed.paper_id, intake.id


def put_before_a_person(kho: Kho, paper: NewPaper, body: bytes = b"another scan") -> int:
    clerk = Actor("một cửa", HERE, "clerk")
    accepted = kho.accept(io.BytesIO(body), file_name="hỏi.pdf", actor=clerk, dossier=DOSSIER)
    intake = kho.lease("test", intake_id=accepted.intake_id)
    assert intake is not None
    with kho.begin() as tx:
        review_id = kho.ask_person(tx, intake, paper, "unsure-type")
        kho.finish(tx, intake, IntakeState.REVIEW)
    return review_id
