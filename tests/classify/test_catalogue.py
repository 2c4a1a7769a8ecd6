from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.classify import catalogue
from services.classify.catalogue import PaperType, load_catalogue

CODES = (
    "CCCD", "CMND", "HC", "KS", "TLKS", "GCS", "KH", "TLKH", "TTHN", "KT", "CT07", "CT01", "TKHT", "LLTP", "GKSK",
    "VB", "GCNQSDD", "TLBD", "DDKBD", "DTT", "HDCQ", "HD", "VBTK", "GUQ", "HDUQ", "DXPXD", "GPXD", "BV", "DKDN",
    "HKD", "DNDK", "DTDT", "GPKD", "GPLX", "BHXH", "XNTN", "DON", "TKT", "TBT", "BL", "HDON", "GTN", "PBS", "PTC",
    "PXL", "TBD", "RUT", "PKS", "QD", "CV", "TB", "BB", "KHAC",
)  # fmt: skip


def test_the_catalogue_has_all_53_types() -> None:
    assert sorted(catalogue().types) == sorted(CODES)
    assert len(CODES) == 53


def test_every_type_but_the_letter_has_a_title() -> None:
    assert [code for code, paper in catalogue().types.items() if not paper.titles and not paper.broad] == ["CV"]


def test_a_misspelt_key_in_the_data_file_is_refused(tmp_path) -> None:
    file = tmp_path / "types.toml"
    file.write_text(
        'version = "1"\n[types.KHAC]\nname = "Không rõ"\nrole = "I"\nhead = "other"\ntitels = ["A B"]\n', "utf-8"
    )
    with pytest.raises(ValidationError, match="titels"):
        load_catalogue(file)


def test_a_catalogue_without_the_unknown_type_is_refused(tmp_path) -> None:
    file = tmp_path / "types.toml"
    file.write_text('version = "1"\n[types.AB]\nname = "Giấy A"\nrole = "I"\n', "utf-8")
    with pytest.raises(ValidationError, match="KHAC"):
        load_catalogue(file)


def test_a_units_own_type_cannot_replace_a_shipped_one() -> None:
    mine = PaperType.model_validate({"code": "KS", "name": "Của tôi", "role": "I"})
    assert catalogue().with_types([mine])["KS"].name == "Giấy khai sinh"
