from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classify.codes import (
    cccd_birth_year,
    cccd_sex,
    dates_in,
    dossier_in,
    ids_in,
    kind_of_id,
    parse_cccd_qr,
    parse_mrz,
    valid_cccd,
    valid_mst,
)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_a_date_is_found_however_it_is_written(day: date) -> None:
    for text in (
        f"ngày {day.day:02d} tháng {day.month} năm {day.year}",
        f"ngay {day.day} thang {day.month:02d} nam {day.year}",
        f"{day.day:02d}/{day.month:02d}/{day.year}",
    ):
        assert [found.value for found in dates_in(text)] == [day]


@pytest.mark.parametrize("text", ["31/02/2025", "ngày     tháng 9 năm 2025", "ngày 00 tháng 1 năm 2025"])
def test_impossible_or_blank_days_give_no_date(text: str) -> None:
    assert dates_in(text) == []


@given(st.integers(0, 999_999_999))
def test_changing_the_check_digit_makes_a_tax_code_invalid(number: int) -> None:
    stem = f"{number:09d}"
    good = [d for d in range(10) if valid_mst(f"{stem}{d}")]
    assert len(good) <= 1


def test_the_known_tax_codes_are_valid() -> None:
    assert valid_mst("3600000014")
    assert valid_mst("3600000014-001")
    assert valid_mst("0100047516")
    assert not valid_mst("3600000015")


def test_an_identity_number_tells_sex_and_birth_year() -> None:
    assert valid_cccd("075190001234")
    assert (cccd_sex("075190001234"), cccd_birth_year("075190001234")) == ("Nữ", 1990)
    assert (cccd_sex("075206001234"), cccd_birth_year("075206001234")) == ("Nam", 2006)
    assert not valid_cccd("097190001234")


def test_a_number_printed_in_groups_is_one_number() -> None:
    assert [n for n, _, _ in ids_in("Số: 075 190 001 234")] == ["075190001234"]
    assert kind_of_id("270123456") == "cmnd"


@pytest.mark.parametrize(
    "said",
    [
        "CCCD số 075068003915\n2. Thông tin thửa đất",
        "CCCD số 075068003915 2. Thông tin thửa đất",
        "CCCD số 075 068 003 915\n2. Thông tin thửa đất",
        "mục 2 075068003915",
        "CCCD số 075068003915, sinh năm 1968",
        "CCCD số 075068003915 2025",
    ],
)
def test_the_number_of_the_next_item_is_no_part_of_an_identity_number(said: str) -> None:
    assert [n for n, _, _ in ids_in(said)] == ["075068003915"]


def test_the_card_s_qr_code_is_taken_apart() -> None:
    told = parse_cccd_qr("075190001234|270123456|Nguyễn Thị An|01021990|Nữ|Xã Long Thành, Đồng Nai|15082021")
    assert told is not None
    assert (told["id"], told["dob"], told["issued"]) == ("075190001234", "1990-02-01", "2021-08-15")
    assert parse_cccd_qr("https://example.invalid/075190001234") is None


def test_machine_lines_with_a_wrong_check_digit_are_not_believed() -> None:
    lines = ["IDVNM1900012345075190001234<<2", "9002018F3002016VNM<<<<<<<<<<<4", "NGUYEN<<THI<AN<<<<<<<<<<<<<<<<"]
    good = parse_mrz(lines)
    assert good is not None
    assert (good["id"], good["dob"], good["sex"], good["expires"]) == ("075190001234", "1990-02-01", "Nữ", "2030-02-01")
    assert parse_mrz([lines[0], "9002011F3002016VNM<<<<<<<<<<<4", lines[2]]) is None


@pytest.mark.parametrize(
    "code", ["000.00.12.H19-250725-0001", "H19.12-250725-0001", "H19.150.4-250825-0042", "G09.20-20260609-0092637"]
)
def test_dossier_codes_are_found_in_text(code: str) -> None:
    assert dossier_in(f"Mã hồ sơ: {code}.") == code
    assert dossier_in(f"Mã hồ sơ: {code.replace('-', ' - ')}") == code


def test_a_dossier_code_of_an_impossible_day_is_none() -> None:
    assert dossier_in("H19.12-251325-0001") is None
