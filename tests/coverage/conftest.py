from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.coverage import seed
from services.storage.records import engine as engines
from services.storage.records.tables import Base
from tests.coverage.making import Records

# One engine for all tests, its file put back as seeded before each: a new engine would compile the law anew every time.


@pytest.fixture(scope="session")
def _engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Records, Path, Path]]:
    folder = tmp_path_factory.mktemp("records")
    file, seeded = folder / "records.sqlite", folder / "seeded.sqlite"
    engine = engines.open_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    with engines.begin(engine) as tx:
        seed(tx)
    _copy(file, seeded)
    yield Records(engine), file, seeded
    engine.dispose()


@pytest.fixture
def records(_engine: tuple[Records, Path, Path]) -> Records:
    made, file, seeded = _engine
    _copy(seeded, file)
    return made


def _copy(source: Path, target: Path) -> None:
    reading, writing = sqlite3.connect(source), sqlite3.connect(target)
    try:
        reading.backup(writing)
    finally:
        reading.close()
        writing.close()
