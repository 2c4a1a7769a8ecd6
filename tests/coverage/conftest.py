from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from services.coverage import seed
from services.storage import engine as engines
from services.storage.records import Base
from tests.coverage.making import Records


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("seeded") / "records.sqlite"
    engine = engines.open_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    with engines.begin(engine) as tx:
        seed(tx)
    engine.dispose()
    return file


@pytest.fixture
def records(seeded_file: Path, tmp_path: Path) -> Iterator[Records]:
    file = tmp_path / "records.sqlite"
    shutil.copy(seeded_file, file)
    engine: Engine = engines.open_engine(f"sqlite:///{file}")
    yield Records(engine)
    engine.dispose()
