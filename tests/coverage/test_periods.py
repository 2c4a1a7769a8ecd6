from __future__ import annotations

import datetime as dt

import pytest

from services.coverage import periods
from services.coverage.config import load

CAMPAIGNS = load().campaigns


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("2025", "2025-01-01", "2025-12-31"),
        ("2025-02", "2025-02-01", "2025-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-Q3", "2025-07-01", "2025-09-30"),
        ("2025-Q4", "2025-10-01", "2025-12-31"),
        ("2025-W01", "2024-12-30", "2025-01-05"),
        ("2025-08-15", "2025-08-15", "2025-08-15"),
        ("2025-08-01..2025-08-20", "2025-08-01", "2025-08-20"),
        ("30-ngay", "2025-07-25", "2025-08-25"),
        ("30-ngay/1", "2025-07-25", "2025-07-31"),
        ("30-ngay/4", "2025-08-15", "2025-08-25"),
    ],
)
def test_a_period_in_words(words: str, start: str, end: str) -> None:
    period = periods.parse(words, CAMPAIGNS)
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    "words", ["2025-13", "30-ngay/5", "30-ngay/x", "tuần này", "2025-02-30", "2025-08-20..2025-08-01"]
)
def test_what_is_no_period_is_refused(words: str) -> None:
    with pytest.raises(periods.BadPeriod):
        periods.parse(words, CAMPAIGNS)


def test_the_thirty_days_are_thirty_two_in_weeks_of_7_7_7_and_11() -> None:
    weeks = periods.campaign_weeks(CAMPAIGNS, "30-ngay")
    assert [w.days for w in weeks] == [7, 7, 7, 11]
    assert sum(w.days for w in weeks) == periods.parse("30-ngay", CAMPAIGNS).days == 32


def test_the_days_after_the_last_week_belong_to_none() -> None:
    weeks = periods.campaign_weeks(CAMPAIGNS, "30-ngay")
    for day in range(26, 31):
        assert not any(w.start <= dt.date(2025, 8, day) <= w.end for w in weeks)


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("2025", "2024-01-01", "2024-12-31"),
        ("2025-03", "2025-02-01", "2025-02-28"),
        ("2025-01", "2024-12-01", "2024-12-31"),
        ("2025-Q1", "2024-10-01", "2024-12-31"),
        ("2025-W01", "2024-12-23", "2024-12-29"),
        ("30-ngay/4", "2025-08-08", "2025-08-14"),
        ("30-ngay/1", "2025-07-18", "2025-07-24"),
        ("2025-08-11..2025-08-20", "2025-08-01", "2025-08-10"),
    ],
)
def test_the_period_before(words: str, start: str, end: str) -> None:
    before = periods.previous(periods.parse(words, CAMPAIGNS), CAMPAIGNS)
    assert (before.start.isoformat(), before.end.isoformat()) == (start, end)
