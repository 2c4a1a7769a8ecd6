from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.settings import Settings
from services.storage import Kho
from tests.storage import desk


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var", lease_s=60.0, max_attempts=2)


@pytest.fixture
def kho(settings: Settings) -> Iterator[Kho]:
    """The embedded default: SQLite and a folder."""
    opened = desk.open_kho(settings)
    yield opened
    opened.close()
