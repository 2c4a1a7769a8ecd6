"""What coverage keeps: flags of each dossier, counts by unit and day, acknowledgements, published scores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BigKey = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# As services.coverage.tables.FLAGS stood when this landed.
FLAGS = [
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
    "c1",
    "c2",
    "c2b",
    "c3",
    "c4",
    "c5",
    "c6",
    "c7",
    "c5_nothing",
    "failing",
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
]


def upgrade() -> None:
    op.create_table(
        "dossier_check",
        sa.Column("dossier_id", BigKey, primary_key=True, autoincrement=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("procedure", sa.String(length=40), nullable=True),
        sa.Column("flags", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_dossier_check_unit_day", "dossier_check", ["unit", "day", "dossier_id"])
    op.create_table(
        "day_count",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("unit", sa.String(length=40), primary_key=True),
        sa.Column("received", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in FLAGS),
    )
    op.create_table(
        "procedure_day",
        sa.Column("unit", sa.String(length=40), primary_key=True),
        sa.Column("procedure", sa.String(length=40), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("connected", sa.Integer(), nullable=False),
        sa.Column("online", sa.Integer(), nullable=False),
    )
    op.create_table(
        "procedure_use",
        sa.Column("unit", sa.String(length=40), primary_key=True),
        sa.Column("procedure", sa.String(length=40), primary_key=True),
    )
    op.create_table(
        "procedure_accepts",
        sa.Column("procedure", sa.String(length=40), sa.ForeignKey("procedure.code"), primary_key=True),
        sa.Column("component", sa.String(length=60), primary_key=True),
        sa.Column("type_code", sa.String(length=40), primary_key=True),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "acknowledgement",
        sa.Column("code", sa.String(length=60), primary_key=True),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
    )
    still_open = sa.text("status IN (1, 2, 4, 5, 6)")
    op.create_index(
        "ix_dossier_open_due", "dossier", ["unit", "due_on"], sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_table(
        "published_score",
        sa.Column("unit", sa.String(length=40), primary_key=True),
        sa.Column("as_of", sa.Date(), primary_key=True),
        sa.Column("points_hundredths", sa.Integer(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
    )


def downgrade() -> None:
    op.drop_index("ix_dossier_open_due", "dossier")
    for table in (
        "published_score",
        "acknowledgement",
        "procedure_accepts",
        "procedure_use",
        "procedure_day",
        "day_count",
        "dossier_check",
    ):
        op.drop_table(table)
