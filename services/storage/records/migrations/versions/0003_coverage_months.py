"""Counts by month beside those by day, and counts of procedures by day first, as periods ask for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PROCEDURES = ("received", "connected", "online")


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    month = "date(day, 'start of month')" if sqlite else "CAST(date_trunc('month', day) AS DATE)"
    kept = [column["name"] for column in sa.inspect(op.get_bind()).get_columns("day_count")]
    counters = tuple(name for name in kept if name not in ("day", "unit"))
    _counts("month_count", "month", "unit", counters=counters)
    _sum_up("month_count", "day_count", f"{month}, unit", counters)
    _counts("procedure_month", "month", "unit", "procedure", counters=PROCEDURES)
    _sum_up("procedure_month", "procedure_day", f"{month}, unit, procedure", PROCEDURES)
    _order_procedure_day("day", "unit", "procedure")
    op.drop_table("procedure_use")


def downgrade() -> None:
    op.create_table(
        "procedure_use",
        sa.Column("unit", sa.String(length=40), primary_key=True),
        sa.Column("procedure", sa.String(length=40), primary_key=True),
    )
    op.execute("INSERT INTO procedure_use SELECT DISTINCT unit, procedure FROM procedure_day")
    _order_procedure_day("unit", "procedure", "day")
    op.drop_table("procedure_month")
    op.drop_table("month_count")


def _counts(name: str, *keys: str, counters: tuple[str, ...]) -> None:
    op.create_table(
        name,
        *(sa.Column(k, sa.Date() if k in ("day", "month") else sa.String(length=40), primary_key=True) for k in keys),
        *(sa.Column(counter, sa.Integer(), nullable=False) for counter in counters),
    )


def _sum_up(name: str, of: str, keys: str, counters: tuple[str, ...]) -> None:
    sums = ", ".join(f"sum({counter})" for counter in counters)
    op.execute(f"INSERT INTO {name} SELECT {keys}, {sums} FROM {of} GROUP BY {keys}")  # noqa: S608 - names of ours


def _order_procedure_day(*keys: str) -> None:
    _counts("procedure_day_new", *keys, counters=PROCEDURES)
    columns = ", ".join((*keys, *PROCEDURES))
    op.execute(
        f"INSERT INTO procedure_day_new ({columns}) SELECT {columns} FROM procedure_day "  # noqa: S608 - names of ours
        f"ORDER BY {', '.join(keys)}"
    )
    op.drop_table("procedure_day")
    op.rename_table("procedure_day_new", "procedure_day")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX procedure_day_new_pkey RENAME TO procedure_day_pkey")
