from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.ocr.accents.learning.fuse import build_table
from services.ocr.accents.packed import ModelMissing, Table, open_arrays, write_arrays


def test_arrays_come_back_as_they_were_packed(tmp_path: Path) -> None:
    arrays = {"a": np.arange(7, dtype=np.uint8), "b": np.eye(3, dtype=np.float32), "c": np.zeros(0, np.int64)}
    write_arrays(tmp_path / "x.bin", arrays)
    back = open_arrays(tmp_path / "x.bin")
    assert {name: array.tolist() for name, array in back.items()} == {
        name: array.tolist() for name, array in arrays.items()
    }


@pytest.mark.parametrize("content", [b"", b"not a model", b"SOHOA-ACCENTS-1\n" + b"\xff" * 8])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.bin").write_bytes(content)
    with pytest.raises(ModelMissing):
        open_arrays(tmp_path / "x.bin")


def test_a_model_cut_short_is_refused(tmp_path: Path) -> None:
    write_arrays(tmp_path / "x.bin", {"a": np.arange(10_000)})
    whole = (tmp_path / "x.bin").read_bytes()
    (tmp_path / "x.bin").write_bytes(whole[:5000])
    with pytest.raises(ModelMissing):
        open_arrays(tmp_path / "x.bin")


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        open_arrays(tmp_path / "none.bin")


def test_a_table_knows_its_keys_and_hardly_any_other() -> None:
    keys = np.arange(20_000, dtype=np.uint64) * np.uint64(7919)
    values = (np.arange(20_000) % 64).astype(np.uint8)
    table = Table(*build_table(keys, values))
    assert table.get(keys).tolist() == values.tolist()
    assert (table.get(keys + np.uint64(1)) >= 0).mean() < 0.003
