"""Coverage on the real kho, on SQLite and on a real PostgreSQL: migrations, owners, histories, two writers at once."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select

from services import coverage as cov
from services.coverage import counting, drift, rebuild
from services.coverage.law import load_rules
from services.coverage.tables import day_count
from services.settings import Settings
from services.storage import Kho
from services.storage.records.tables import Base, DossierRow, OwnerRow
from services.storage.reuse import holdings
from services.storage.reuse.predicate import judge
from tests.coverage.making import ATTP, CHUNG_THUC, DAY, KS, PROVINCE, attach, dossier, moment, owner, paper, sheet


@pytest.fixture(params=["sqlite", "postgresql"])
def kho(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kho]:
    url = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    opened = Kho.open(Settings(data_dir=tmp_path, database_url=url))
    with opened.begin() as tx:
        cov.seed(tx)
    yield opened
    opened.close()


def test_the_migrated_tables_are_the_ones_the_code_names(kho: Kho) -> None:
    ours = {"dossier_check", "day_count", "month_count", "procedure_day", "procedure_month", "procedure_accepts"}
    ours |= {"acknowledgement", "published_score", "dossier", "procedure_use"}
    with kho.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert [d for d in differences if any(f"'{name}'" in str(d) for name in ours)] == []


def test_owners_of_a_register_are_sealed_and_found_again(kho: Kho, tmp_path: Path) -> None:
    head = ["Mã hồ sơ", "Đơn vị", "Trạng thái", "Ngày tiếp nhận", "Chủ hồ sơ", "Số định danh"]
    rows = [
        ["H19.1-250804-0001", "26068", 2, "04/08/2025", "Nguyễn Thị Mẫu", "075190001234"],
        ["H19.1-250804-0002", "26068", 2, "04/08/2025", "Nguyễn Thị Mẫu", 75190001234],
        ["H19.1-250804-0003", "26068", 2, "04/08/2025", "Công ty Mẫu", "3600000014"],
        ["H19.1-250804-0004", "26068", 2, "04/08/2025", "Không rõ", "abc"],
    ]
    file = sheet(tmp_path / "r.xlsx", [head, *rows])
    assert cov.import_register(kho, file, actor=PROVINCE).inserted == 4
    assert cov.import_register(kho, file, actor=PROVINCE).unchanged == 4
    with kho.begin() as tx:
        owners = tx.scalars(select(OwnerRow).order_by(OwnerRow.kind)).all()
        ids = tx.scalars(select(DossierRow.owner_id).order_by(DossierRow.code)).all()
    assert [(o.kind, o.identifier_masked) for o in owners] == [("CA_NHAN", "075*****1234"), ("TO_CHUC", "360*****0014")]
    assert kho.keys.open(owners[0].identifier_sealed or b"") == "075190001234"
    assert ids == [owners[0].id, owners[0].id, owners[1].id, None]


def test_a_long_history_leaves_the_counts_that_a_rebuild_gives(kho: Kho) -> None:
    rng = random.Random(7)
    with kho.begin() as tx:
        me = owner(tx)
        paper(tx, me)
        rows: list[DossierRow] = []
        for _ in range(120):
            facts: dict[str, Any] = {
                "unit": rng.choice(["26068", "26041", "SKHCN"]),
                "procedure": rng.choice([None, KS, ATTP, CHUNG_THUC]),
                "received_on": rng.choice([None, DAY, DAY + dt.timedelta(days=1)]),
                "status": rng.randint(1, 10),
                "channel": rng.choice([None, 1, 2, 3]),
                "declared_components": rng.randint(0, 2),
                "declared_results": rng.randint(0, 1),
                "synced": rng.choice([None, True, False]),
                "declared_complete": rng.choice([None, True, False]),
                "declared_reused": rng.choice([None, True, False]),
            }
            if rows and rng.random() < 0.6:
                row = rng.choice(rows)
                for name, value in facts.items():
                    setattr(row, name, value)
                if rng.random() < 0.3:
                    attach(tx, row, paper(tx, me, type_code=rng.choice(["PTC", "RUT", "TBD", "KS"])))
            else:
                row = dossier(tx, owner_id=me.id, **facts)
                rows.append(row)
            if rng.random() < 0.2:
                counting.recount(tx, counting.chosen_by(select(DossierRow.id)))
            else:
                counting.recount_ids(tx, [row.id])
        counting.recount_ids(tx, [row.id for row in rows])
        assert drift(tx) == []
        assert rebuild(tx) == len(rows)
        assert drift(tx) == []


def test_c5_judges_as_the_kho_offers(kho: Kho) -> None:
    """What the kho would offer at the desk on the day of reception, C5 takes to have been held, and nothing else."""
    rng = random.Random(5)
    with kho.begin() as tx:
        for _ in range(60):
            me = owner(tx)
            row = dossier(tx, procedure=ATTP, owner_kind="TO_CHUC", owner_id=me.id)
            held = paper(
                tx,
                me,
                type_code=rng.choice(["DKDN", "HKD", "GKSK", "DON"]),
                copy_kind=rng.choice(["CHINH", "CHINH", "DIEN_TU", "SAO", "SAO_CHUNG_THUC"]),
                signature=rng.choice(["valid", "none", "unchecked", "invalid"]),
                validity=rng.choice(["CON", "CON", "CON", "KHONG_RO", "BI_THU_HOI", "BI_THAY_THE"]),
                valid_to=rng.choice([None, DAY, DAY - dt.timedelta(days=1)]),
                valid_from=rng.choice([None, DAY, DAY + dt.timedelta(days=1)]),
            )
            checks = cov.recheck(tx, row.code)
            assert checks is not None
            found = holdings.paper(tx, held.id)
            assert found is not None
            offered = judge(found, rules=load_rules(), on=DAY, procedure=ATTP, owner_certain=True)
            assert ("C5" in {c.code for c in checks.failing}) is offered.usable, offered.why


def test_writers_at_once_lose_no_count(kho: Kho) -> None:
    with kho.begin() as tx:
        codes = [dossier(tx).code for _ in range(6)]
        for code in codes:
            cov.recheck(tx, code)
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        rng = random.Random(seed)
        try:
            for _ in range(12):
                with kho.begin() as tx:
                    cov.change_dossier(
                        tx,
                        rng.choice(codes),
                        declared_results=rng.randint(0, 1),
                        received_on=DAY + dt.timedelta(days=rng.randint(0, 1)),
                        synced=rng.choice([True, False]),
                    )
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with kho.begin() as tx:
        assert drift(tx) == []
        assert tx.scalar(select(func.sum(day_count.c.received))) == 6


def test_reports_read_alike_on_both_records(kho: Kho, tmp_path: Path) -> None:
    head = ["Mã hồ sơ", "Đơn vị", "Mã TTHC", "Trạng thái", "Ngày tiếp nhận", "Số tệp thành phần"]
    rows = [[f"H19.1-250804-{n:04}", "26068", KS, 9, "04/08/2025", n % 3] for n in range(9)]
    cov.import_register(kho, sheet(tmp_path / "r.xlsx", [head, *rows]), actor=PROVINCE)
    whole = cov.report_json(cov.coverage(kho, campaign="30-ngay/2"))["province"]
    assert (whole["received"], whole["causes"]["C1"], whole["causes"]["C2"]) == (9, 9, 3)
    page = cov.failing(kho, None, "C2", campaign="30-ngay/2", limit=2)
    assert len(page.lines) == 2
    assert len(cov.failing(kho, None, "C2", campaign="30-ngay/2", limit=2, after=page.next).lines) == 1
    assert cov.to_reach(kho, "26068", campaign="30-ngay/2").missing == 8


def test_a_paper_filed_in_the_evening_was_held_the_next_morning(kho: Kho) -> None:
    with kho.begin() as tx:
        me = owner(tx)
        row = dossier(tx, procedure=ATTP, owner_kind="TO_CHUC", owner_id=me.id)
        kept = paper(tx, me, filed_at=moment(DAY - dt.timedelta(days=1), 17))
        late = cov.recheck(tx, row.code)
        kept.filed_at = moment(DAY - dt.timedelta(days=1), 16)
        early = cov.recheck(tx, row.code)
    assert late is not None
    assert early is not None
    assert ([c.code for c in late.failing], [c.code for c in early.failing]) == ([], ["C5"])
