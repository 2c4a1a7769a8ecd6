"""A kho of one's own for each test, and the whole way run in the test's own process."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from services.coverage import seed
from services.settings import Settings
from services.storage import Kho
from services.storage.model import Actor
from tests.workers.papers import LIMIT_BYTES
from workers.batch import Batch, Job, Line
from workers.learning import Learned
from workers.ledger import Ledger
from workers.work import work_once

UNIT = "25195"
DOSSIER = "H19.12-250725-0001"

WholeWay = Callable[[Sequence[Path]], list[Line]]


def settings_at(folder: Path, **changes: object) -> Settings:
    """The embedded default in ``folder``, whatever the environment says."""
    return Settings(_env_file=None, data_dir=folder, max_bytes=LIMIT_BYTES, **changes)  # type: ignore[call-arg]


@pytest.fixture(scope="session")
def empty_kho(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated and seeded once; copied for each test, which is much quicker."""
    folder = tmp_path_factory.mktemp("kho")
    kho = Kho.open(settings_at(folder))
    with kho.begin() as tx:
        seed(tx)
    kho.close()
    return folder


@pytest.fixture
def settings(empty_kho: Path, tmp_path: Path) -> Settings:
    shutil.copytree(empty_kho, tmp_path / "var")
    return settings_at(tmp_path / "var", lease_s=5.0)


@pytest.fixture
def kho(settings: Settings) -> Iterator[Kho]:
    opened = Kho.open(settings, migrate=False)
    yield opened
    opened.close()


@pytest.fixture
def clerk() -> Actor:
    return Actor("clerk", UNIT, "clerk")


@pytest.fixture
def ingest(kho: Kho, settings: Settings) -> WholeWay:
    """Files in, a line for each out; worked on while the batch waits."""
    return whole_way(kho, settings)


@pytest.fixture(scope="module")
def module_kho(empty_kho: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kho]:
    folder = tmp_path_factory.mktemp("module") / "var"
    shutil.copytree(empty_kho, folder)
    opened = Kho.open(settings_at(folder, lease_s=30.0), migrate=False)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def module_ingest(module_kho: Kho) -> WholeWay:
    """As ``ingest``, for tests that look at one batch together."""
    return whole_way(module_kho, module_kho.settings)


def whole_way(kho: Kho, settings: Settings) -> WholeWay:
    def run(paths: Sequence[Path]) -> list[Line]:
        lines: list[Line] = []
        with Ledger(settings.data_dir / "ingest.sqlite") as ledger:
            Batch(
                kho,
                ledger,
                actor=lambda job: Actor("test", job.unit, "clerk"),
                limit_bytes=settings.max_bytes,
                tell=lines.append,
                tend=lambda: work_in_hand(kho, settings),
            ).push(paths, lambda path: Job(UNIT, DOSSIER))
        return lines

    return run


def work_in_hand(kho: Kho, settings: Settings) -> None:
    """Everything that waits, in this process."""
    learned = Learned(settings.data_dir)
    while work_once(kho, "test-worker", learned):
        pass


@pytest.fixture
def empty_kho_copy(empty_kho: Path, tmp_path: Path) -> Path:
    """A data folder of one's own with a migrated, seeded kho."""
    shutil.copytree(empty_kho, tmp_path / "var", dirs_exist_ok=True)
    return tmp_path / "var"
