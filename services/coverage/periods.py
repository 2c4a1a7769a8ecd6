"""Reporting periods: inclusive local days of Việt Nam, each knowing the period before it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from services.coverage.config import Campaign, Campaigns, PeriodKind
from services.errors import UsageError

VIETNAM = dt.timezone(dt.timedelta(hours=7), "Asia/Ho_Chi_Minh")
_DAY = dt.timedelta(days=1)


class BadPeriod(UsageError):
    code = "bad-period"
    vi = "Kỳ báo cáo không hợp lệ; ví dụ đúng: 2025, 2025-08, 2025-Q3, 2025-W32, 2025-08-15, 30-ngay/3."
    en = "Not a reporting period; for example 2025, 2025-08, 2025-Q3, 2025-W32, 2025-08-15 or 30-ngay/3."


@dataclass(frozen=True, slots=True)
class Period:
    """The days ``start``..``end``, both included. ``title`` is Vietnamese, for reports."""

    kind: PeriodKind
    start: dt.date
    end: dt.date
    title: str
    campaign: str | None = None

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise BadPeriod(f"{self.start}..{self.end}")

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


def vietnam_today(now: dt.datetime | None = None) -> dt.date:
    """Today's local date; ``now`` is any aware moment."""
    return (now or dt.datetime.now(dt.UTC)).astimezone(VIETNAM).date()


def vietnamese_date(day: dt.date) -> str:
    return day.strftime("%d/%m/%Y")


def day(on: dt.date) -> Period:
    return Period("day", on, on, f"Ngày {vietnamese_date(on)}")


def week(of: dt.date) -> Period:
    """The ISO week, Monday to Sunday, that holds the day."""
    monday = of - _DAY * of.weekday()
    number = of.isocalendar().week
    return Period("week", monday, monday + 6 * _DAY, f"Tuần {number:02} năm {of.isocalendar().year}")


def month(year: int, number: int) -> Period:
    start = dt.date(year, number, 1)
    return Period("month", start, _next_month(start) - _DAY, f"Tháng {number:02}/{year}")


def quarter(year: int, number: int) -> Period:
    start = dt.date(year, 3 * number - 2, 1)
    return Period("quarter", start, _next_month(dt.date(year, 3 * number, 1)) - _DAY, f"Quý {number}/{year}")


def year(number: int) -> Period:
    return Period("year", dt.date(number, 1, 1), dt.date(number, 12, 31), f"Năm {number}")


def between(start: dt.date, end: dt.date) -> Period:
    return Period("range", start, end, f"Từ ngày {vietnamese_date(start)} đến ngày {vietnamese_date(end)}")


def campaign(campaigns: Campaigns, name: str, week_number: int | None = None) -> Period:
    """A whole campaign (first day of its first week to last day of its last), or one of its weeks, counted from 1."""
    found = _campaign(campaigns, name)
    if week_number is None:
        return Period("campaign", found.weeks[0].start, found.weeks[-1].end, found.title, f"{name}")
    if not 1 <= week_number <= len(found.weeks):
        raise BadPeriod(f"{name} has weeks 1..{len(found.weeks)}")
    w = found.weeks[week_number - 1]
    title = f"{w.name}, từ ngày {vietnamese_date(w.start)} đến ngày {vietnamese_date(w.end)}"
    return Period("campaign", w.start, w.end, title, f"{name}/{week_number}")


def campaign_weeks(campaigns: Campaigns, name: str) -> list[Period]:
    return [campaign(campaigns, name, n + 1) for n in range(len(_campaign(campaigns, name).weeks))]


def parse(words: str, campaigns: Campaigns) -> Period:
    """``2025`` ``2025-08`` ``2025-Q3`` ``2025-W32`` ``2025-08-15`` ``2025-08-01..2025-08-20`` ``30-ngay``
    ``30-ngay/3``.
    """
    text = words.strip()
    try:
        if m := re.fullmatch(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)", text):
            return between(dt.date.fromisoformat(m[1]), dt.date.fromisoformat(m[2]))
        if m := re.fullmatch(r"(\d{4})-[Qq]([1-4])", text):
            return quarter(int(m[1]), int(m[2]))
        if m := re.fullmatch(r"(\d{4})-[Ww](\d\d?)", text):
            return week(dt.date.fromisocalendar(int(m[1]), int(m[2]), 1))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return day(dt.date.fromisoformat(text))
        if m := re.fullmatch(r"(\d{4})-(\d\d)", text):
            return month(int(m[1]), int(m[2]))
        if re.fullmatch(r"\d{4}", text):
            return year(int(text))
    except ValueError as error:
        raise BadPeriod(text) from error
    name, _, number = text.partition("/")
    if number and not number.isdecimal():
        raise BadPeriod(text)
    return campaign(campaigns, name, int(number) if number else None)


def previous(period: Period, campaigns: Campaigns) -> Period:
    """The period that a trend compares with: the week, month, quarter, year or campaign week before; for any other
    stretch of days, as many days just before it.
    """
    before = period.start - _DAY
    match period.kind:
        case "day":
            return day(before)
        case "week":
            return week(before)
        case "month":
            return month(before.year, before.month)
        case "quarter":
            return quarter(before.year, (before.month + 2) // 3)
        case "year":
            return year(before.year)
    if period.campaign and "/" in period.campaign:
        name, _, number = period.campaign.partition("/")
        if int(number) > 1:
            return campaign(campaigns, name, int(number) - 1)
    return between(period.start - _DAY * period.days, before)


def _campaign(campaigns: Campaigns, name: str) -> Campaign:
    for found in campaigns.campaigns:
        if found.name == name:
            return found
    known = ", ".join(c.name for c in campaigns.campaigns)
    raise BadPeriod(f"{name}; campaigns: {known}")


def _next_month(day_: dt.date) -> dt.date:
    return (day_.replace(day=1) + 32 * _DAY).replace(day=1)
