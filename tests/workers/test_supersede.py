"""A newer issue takes the older one's place, as the whole way reads both from their scans."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.storage import Kho
from services.storage.model import Actor
from tests.workers.conftest import WholeWay

SAMPLES = Path(__file__).resolve().parents[2] / "sample_docs"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["older first", "newer first"])
def test_the_new_land_certificate_of_a_plot_replaces_the_old_one_whichever_is_scanned_first(
    kho: Kho, ingest: WholeWay, clerk: Actor, order: tuple[int, int]
) -> None:
    scans = (SAMPLES / "05_so_hong_cu.tif", SAMPLES / "07_giay_chung_nhan_moi.pdf")
    lines = {line.file.name: line for number in order for line in ingest([scans[number]])}
    (old,), (new,) = (kho.papers_of(clerk, str(lines[scan.name].intake_id)) for scan in scans)
    assert (old.validity, old.superseded_by, new.validity) == ("BI_THAY_THE", new.id, "CON")
