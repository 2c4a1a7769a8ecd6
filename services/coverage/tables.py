"""What coverage keeps beside the dossiers: each dossier's flags, and the counts of flags by unit, day and month.

``dossier_check.flags`` is a bit set over ``FLAGS``; the counts have one counter column a flag. A dossier stands in
the counts exactly as its ``dossier_check`` row says, so a change subtracts the old row and adds the new one
(``counting``).
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.storage.records.tables import Base, BigKey

CHECKS = ("c1", "c2", "c2b", "c3", "c4", "c5", "c6", "c7")

# The position is the bit: append only, and rebuild after appending. ``law`` says what each means.
FLAGS = (
    "needs_result",
    "has_component",
    "has_result",
    "resolved",
    "resolved_needs",
    "resolved_has",
    "reused",
    "from_store",
    "i41",
    "i42",
    "i44",
    "i45b",
    "online",
    "can_online",
    "fee_online",
    "fee_paid",
    "synced",
    *CHECKS,
    "c5_nothing",  # not reused, and the kho held nothing to reuse: no fault
    "failing",  # any of the checks
    # what an indicator would gain were the check passed (the check's own flag where that says it already)
    "c1_42",
    "c2_42",
    "c2b_42",
    "c2b_43",
    "c2b_43p",
    "c3_45b",
    "c4_41",
    "c4_42",
    "c5_43p",
    "c5_44",
    "c7_44",
)
BIT = {name: 1 << position for position, name in enumerate(FLAGS)}


class DossierCheckRow(Base):
    """A dossier's flags, and where it is counted: the unit and day of reception (null: received on no day, not
    counted).
    """

    __tablename__ = "dossier_check"
    # No foreign key: rows are only ever made from dossiers; checking ten million again would slow a rebuild by half.
    dossier_id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    unit: Mapped[str] = mapped_column(String(40))
    day: Mapped[dt.date | None] = mapped_column(Date)
    procedure: Mapped[str | None] = mapped_column(String(40))
    flags: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (Index("ix_dossier_check_unit_day", "unit", "day", "dossier_id"),)


def _counts(name: str, *keys: str, counters: tuple[str, ...]) -> Table:
    return Table(
        name,
        Base.metadata,
        *(Column(key, Date if key in ("day", "month") else String(40), primary_key=True) for key in keys),
        *(Column(counter, Integer, nullable=False, default=0) for counter in counters),
    )


# A month's row (``month`` is its first day) is the sum of its days' rows, so that a year reads twelve rows a unit.
DAY_COUNTERS = ("received", *FLAGS)
day_count = _counts("day_count", "day", "unit", counters=DAY_COUNTERS)
month_count = _counts("month_count", "month", "unit", counters=DAY_COUNTERS)

# Procedures are counted once however many dossiers they have (4.5a, online procedures), so they need counts of their
# own. ``connected`` is i45b.
PROCEDURE_COUNTERS = ("received", "connected", "online")
procedure_day = _counts("procedure_day", "day", "unit", "procedure", counters=PROCEDURE_COUNTERS)
procedure_month = _counts("procedure_month", "month", "unit", "procedure", counters=PROCEDURE_COUNTERS)


class ProcedureAcceptsRow(Base):
    """``procedure_component.accepts`` one code a row, so that checks can join on it. Kept by ``seeding``."""

    __tablename__ = "procedure_accepts"
    procedure: Mapped[str] = mapped_column(ForeignKey("procedure.code"), primary_key=True)
    component: Mapped[str] = mapped_column(String(60), primary_key=True)
    type_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    required: Mapped[bool] = mapped_column(Boolean, default=True)
    own: Mapped[bool] = mapped_column(Boolean, default=True)  # the dossier owner's own paper, not a relation's


class AcknowledgementRow(Base):
    """Cổng DVCQG has this dossier (C6). Kept also for dossiers that no register has brought yet."""

    __tablename__ = "acknowledgement"
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    acknowledged_on: Mapped[dt.date | None] = mapped_column(Date)


class PublishedScoreRow(Base):
    """What the national portal published for a unit as of a day: points of 100 and rank, for comparison with ours."""

    __tablename__ = "published_score"
    unit: Mapped[str] = mapped_column(String(40), primary_key=True)
    as_of: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    points_hundredths: Mapped[int] = mapped_column(Integer)  # 83,62 points are 8362
    rank: Mapped[int | None] = mapped_column(SmallInteger)
    note: Mapped[str | None] = mapped_column(Text)
