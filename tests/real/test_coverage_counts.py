"""The kept counts where it gets rough: an upgrade of records in use, and filing while everything is counted anew."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.orm import Session

from services import coverage as cov
from services.coverage import counting, drift, rebuild
from services.coverage.counting import COUNTS
from services.coverage.tables import day_count
from services.settings import Settings
from services.storage import Kho
from services.storage.records import engine as engines
from services.storage.records.tables import DossierRow
from tests.coverage.making import ATTP, CHUNG_THUC, DAY, KS, dossier


@pytest.fixture(params=["sqlite", "postgresql"])
def any_kho(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kho]:
    url = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    yield from _opened(tmp_path, url)


@pytest.fixture
def kho(postgres: str, tmp_path: Path) -> Iterator[Kho]:
    yield from _opened(tmp_path, postgres)


def _opened(folder: Path, url: str | None) -> Iterator[Kho]:
    opened = Kho.open(Settings(data_dir=folder, database_url=url))
    with opened.begin() as tx:
        cov.seed(tx)
    yield opened
    opened.close()


def _downgrade(engine: Engine, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(engines.__file__).parent / "migrations"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, to)
        connection.commit()


def _kept(tx: Session) -> list[Any]:
    return [tx.execute(select(table).order_by(*table.primary_key)).all() for table in COUNTS]


def test_records_of_the_schema_before_are_counted_by_month_after_the_upgrade(any_kho: Kho) -> None:
    rng = random.Random(3)
    with any_kho.begin() as tx:
        for _ in range(80):
            dossier(
                tx,
                unit=rng.choice(["26068", "26041", "SKHCN"]),
                procedure=rng.choice([None, KS, ATTP, CHUNG_THUC]),
                received_on=DAY + dt.timedelta(days=rng.randint(0, 90)),
                status=rng.randint(1, 10),
                channel=rng.choice([1, 2]),
                synced=rng.choice([None, True]),
            )
        rebuild(tx)
        before = _kept(tx)
    _downgrade(any_kho.engine, "0002")
    key = inspect(any_kho.engine).get_pk_constraint("procedure_day")
    assert key["constrained_columns"] == ["unit", "procedure", "day"]
    assert not inspect(any_kho.engine).has_table("month_count")
    engines.migrate(any_kho.engine)
    with any_kho.begin() as tx:
        assert _kept(tx) == before
        assert drift(tx) == []


def test_filing_goes_on_while_everything_is_counted(kho: Kho) -> None:
    """The rebuild is held up amid making its tables; what is filed then is neither kept waiting nor lost."""
    with kho.begin() as tx:
        codes = [dossier(tx, received_on=DAY + dt.timedelta(days=n % 40)).code for n in range(30)]
        rebuild(tx)
    done: list[int] = []
    with kho.engine.connect() as holding:
        holding.execute(text("CREATE TABLE procedure_day_next (i INTEGER)"))  # nobody else can make one of this name
        counting_all = threading.Thread(target=lambda: done.append(_rebuild(kho)))
        counting_all.start()
        _until_waiting(kho, "CREATE TABLE procedure_day_next")
        with kho.begin() as tx:
            tx.execute(text("SET LOCAL lock_timeout = '2s'"))
            cov.change_dossier(tx, codes[0], declared_components=0, received_on=DAY + dt.timedelta(days=70))
            cov.change_dossier(tx, codes[1], procedure=ATTP, synced=False)
            cov.open_dossier(tx, "H19.1-250804-9999", unit="26041", procedure=KS, received_on=DAY)
        holding.rollback()
        counting_all.join(60)
    assert done == [31]
    with kho.begin() as tx:
        assert drift(tx) == []
        assert tx.scalar(select(func.sum(day_count.c.received))) == 31


def _rebuild(kho: Kho) -> int:
    with kho.begin() as tx:
        return rebuild(tx)


def _until_waiting(kho: Kho, statement: str) -> None:
    query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE :start")
    for _ in range(600):
        with kho.begin() as tx:
            if tx.execute(query, {"start": f"{statement}%"}).scalar_one():
                return
        time.sleep(0.05)
    raise AssertionError(f"never waited: {statement}")


def test_rebuilds_and_writers_at_once_lose_no_count(kho: Kho) -> None:
    with kho.begin() as tx:
        codes = [dossier(tx).code for _ in range(12)]
        rebuild(tx)
    failures: list[BaseException] = []
    stop = threading.Event()

    def write(seed: int) -> None:
        rng = random.Random(seed)
        try:
            while not stop.is_set():
                with kho.begin() as tx:
                    cov.change_dossier(
                        tx,
                        rng.choice(codes),
                        declared_results=rng.randint(0, 1),
                        received_on=DAY + dt.timedelta(days=rng.randint(0, 40)),
                        procedure=rng.choice([None, KS, ATTP]),
                    )
                if rng.random() < 0.2:
                    with kho.begin() as tx:
                        counting.recount(tx, counting.chosen_by(select(DossierRow.id)))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(4):
            assert _rebuild(kho) == 12
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    with kho.begin() as tx:
        assert drift(tx) == []
        assert tx.scalar(select(func.sum(day_count.c.received))) == 12
