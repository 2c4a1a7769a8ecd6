"""The records as first landed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_PARTS = 32
BigKey = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "audit",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=True),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=True),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    op.create_index(op.f("ix_audit_object"), "audit", ["object"], unique=False)
    op.create_table(
        "object_fault",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("fault", sa.String(length=10), nullable=False),
        sa.Column("aside", sa.Text(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("healed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_object_fault_sha256"), "object_fault", ["sha256"], unique=False)
    op.create_table(
        "owner",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("identifier_index", sa.String(length=64), nullable=True),
        sa.Column("identifier_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("identifier_masked", sa.String(length=20), nullable=True),
        sa.Column("descriptive_key", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("name_folded", sa.String(length=300), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("descriptive_key"),
        sa.UniqueConstraint("identifier_index"),
    )
    op.create_index("ix_owner_name_birth", "owner", ["name_folded", "birth_date"], unique=False)
    op.create_table(
        "procedure",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=True),
        sa.Column("level", sa.String(length=20), nullable=True),
        sa.Column("needs_result_paper", sa.Boolean(), nullable=False),
        sa.Column("for_citizens", sa.Boolean(), nullable=False),
        sa.Column("has_fee", sa.Boolean(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("result_type", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "unit",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("identifier", sa.String(length=40), nullable=True),
        sa.Column("parent", sa.String(length=40), nullable=True),
        sa.Column("successor", sa.String(length=40), nullable=True),
        sa.Column("name_folded", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index(op.f("ix_unit_identifier"), "unit", ["identifier"], unique=False)
    op.create_index(op.f("ix_unit_name_folded"), "unit", ["name_folded"], unique=False)
    op.create_table(
        "dossier",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("procedure", sa.String(length=40), nullable=True),
        sa.Column("owner_id", BigKey, nullable=True),
        sa.Column("owner_kind", sa.String(length=10), nullable=True),
        sa.Column("channel", sa.SmallInteger(), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("vneid_verified", sa.Boolean(), nullable=True),
        sa.Column("population_checked", sa.Boolean(), nullable=True),
        sa.Column("synced", sa.Boolean(), nullable=True),
        sa.Column("paid_online", sa.SmallInteger(), nullable=True),
        sa.Column("declared_components", sa.Integer(), nullable=False),
        sa.Column("declared_results", sa.Integer(), nullable=False),
        sa.Column("declared_complete", sa.Boolean(), nullable=True),
        sa.Column("declared_refusal", sa.Boolean(), nullable=True),
        sa.Column("declared_reused", sa.Boolean(), nullable=True),
        sa.Column("declared_from_store", sa.Boolean(), nullable=True),
        sa.Column("declared_result_signed", sa.Boolean(), nullable=True),
        sa.Column("opened_here", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["owner.id"],
        ),
        sa.ForeignKeyConstraint(
            ["procedure"],
            ["procedure.code"],
        ),
        sa.ForeignKeyConstraint(
            ["unit"],
            ["unit.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index(op.f("ix_dossier_owner_id"), "dossier", ["owner_id"], unique=False)
    op.create_index("ix_dossier_unit_received", "dossier", ["unit", "received_on"], unique=False)
    op.create_table(
        "intake",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.String(length=400), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=80), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column("error_detail", sa.Text(), nullable=True),
        sa.Column("reading_sha256", sa.String(length=64), nullable=True),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit"],
            ["unit.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("unit", "sha256", "dossier_code"),
    )
    op.create_index(op.f("ix_intake_sha256"), "intake", ["sha256"], unique=False)
    op.create_index("ix_intake_state", "intake", ["state", "priority", "created_at"], unique=False)
    op.create_index("ix_intake_unit", "intake", ["unit", "created_at"], unique=False)
    op.create_table(
        "procedure_component",
        sa.Column("procedure", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("accepts", sa.JSON(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("of_relation", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["procedure"],
            ["procedure.code"],
        ),
        sa.PrimaryKeyConstraint("procedure", "code"),
    )
    op.create_table(
        "label",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("intake_id", sa.String(length=32), nullable=False),
        sa.Column("first_page", sa.Integer(), nullable=False),
        sa.Column("last_page", sa.Integer(), nullable=False),
        sa.Column("guessed", sa.String(length=40), nullable=False),
        sa.Column("confirmed", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["intake_id"],
            ["intake.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "paper",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("type_code", sa.String(length=40), nullable=False),
        sa.Column("type_name", sa.String(length=200), nullable=False),
        sa.Column("copy_kind", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("intake_id", sa.String(length=32), nullable=False),
        sa.Column("first_page", sa.Integer(), nullable=False),
        sa.Column("last_page", sa.Integer(), nullable=False),
        sa.Column("object_sha256", sa.String(length=64), nullable=False),
        sa.Column("archive_sha256", sa.String(length=64), nullable=True),
        sa.Column("so_ky_hieu", sa.String(length=120), nullable=True),
        sa.Column("so_ky_hieu_folded", sa.String(length=120), nullable=True),
        sa.Column("ngay_cap", sa.Date(), nullable=True),
        sa.Column("co_quan_cap", sa.String(length=300), nullable=True),
        sa.Column("co_quan_cap_folded", sa.String(length=300), nullable=True),
        sa.Column("trich_yeu", sa.Text(), nullable=True),
        sa.Column("nguoi_ky", sa.String(length=200), nullable=True),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("validity", sa.String(length=12), nullable=False),
        sa.Column("same_as", BigKey, nullable=True),
        sa.Column("superseded_by", BigKey, nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.Column("signature", sa.String(length=10), nullable=False),
        sa.Column("thing", sa.String(length=200), nullable=True),
        sa.Column("phash", sa.BigInteger(), nullable=True),
        sa.Column("sketch", sa.LargeBinary(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["intake_id"],
            ["intake.id"],
        ),
        sa.ForeignKeyConstraint(
            ["same_as"],
            ["paper.id"],
        ),
        sa.ForeignKeyConstraint(
            ["superseded_by"],
            ["paper.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("intake_id", "first_page", "last_page"),
    )
    op.create_index(op.f("ix_paper_dossier_code"), "paper", ["dossier_code"], unique=False)
    op.create_index("ix_paper_issued", "paper", ["ngay_cap"], unique=False)
    op.create_index("ix_paper_number", "paper", ["so_ky_hieu_folded", "ngay_cap"], unique=False)
    op.create_index(op.f("ix_paper_object_sha256"), "paper", ["object_sha256"], unique=False)
    op.create_index("ix_paper_unit", "paper", ["unit", "id"], unique=False)
    op.create_table(
        "component",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("dossier_id", BigKey, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("component_code", sa.String(length=60), nullable=True),
        sa.Column("type_code", sa.String(length=40), nullable=False),
        sa.Column("paper_id", BigKey, nullable=False),
        sa.Column("reused", sa.SmallInteger(), nullable=False),
        sa.Column("from_store", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"],
            ["dossier.id"],
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"],
            ["paper.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dossier_id", "paper_id", "role"),
    )
    op.create_index(op.f("ix_component_dossier_id"), "component", ["dossier_id"], unique=False)
    op.create_index(op.f("ix_component_paper_id"), "component", ["paper_id"], unique=False)
    op.create_table(
        "paper_owner",
        sa.Column("owner_id", BigKey, nullable=False),
        sa.Column("type_code", sa.String(length=40), nullable=False),
        sa.Column("paper_id", BigKey, nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["owner.id"],
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"],
            ["paper.id"],
        ),
        sa.PrimaryKeyConstraint("owner_id", "type_code", "paper_id"),
    )
    op.create_index(op.f("ix_paper_owner_paper_id"), "paper_owner", ["paper_id"], unique=False)
    op.create_table(
        "paper_text",
        sa.Column("paper_id", BigKey, autoincrement=False, nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"],
            ["paper.id"],
        ),
        sa.PrimaryKeyConstraint("paper_id"),
    )
    op.create_table(
        "reuse",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("paper_id", BigKey, nullable=False),
        sa.Column("dossier_id", BigKey, nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"],
            ["dossier.id"],
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"],
            ["paper.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("paper_id", "dossier_id"),
    )
    op.create_index(op.f("ix_reuse_dossier_id"), "reuse", ["dossier_id"], unique=False)
    op.create_index(op.f("ix_reuse_paper_id"), "reuse", ["paper_id"], unique=False)
    op.create_table(
        "review",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("intake_id", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("first_page", sa.Integer(), nullable=False),
        sa.Column("last_page", sa.Integer(), nullable=False),
        sa.Column("proposal_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("paper_id", BigKey, nullable=True),
        sa.ForeignKeyConstraint(
            ["intake_id"],
            ["intake.id"],
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"],
            ["paper.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("intake_id", "first_page", "last_page"),
    )
    op.create_index(op.f("ix_review_intake_id"), "review", ["intake_id"], unique=False)
    op.create_index("ix_review_open", "review", ["unit", "state", "created_at"], unique=False)

    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _sqlite() -> None:
    # The index keeps no copy of the words: what is shown comes from paper_text.
    op.execute("CREATE VIRTUAL TABLE paper_index USING fts5 (head, body, content='', tokenize='ascii')")
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
        )


def _postgresql() -> None:
    # By unit: a clerk's search asks the lists of a few units' papers, not of the province's.
    op.execute(
        "CREATE TABLE paper_index (paper_id bigint NOT NULL, unit varchar(40) NOT NULL, head tsvector NOT NULL, "
        "body tsvector NOT NULL) PARTITION BY HASH (unit)"
    )
    for part in range(_PARTS):
        op.execute(
            f"CREATE TABLE paper_index_{part} PARTITION OF paper_index "
            f"FOR VALUES WITH (MODULUS {_PARTS}, REMAINDER {part})"
        )
    op.execute("CREATE UNIQUE INDEX ix_paper_index_unit ON paper_index (unit, paper_id)")
    op.execute("CREATE INDEX ix_paper_index_paper ON paper_index (paper_id)")
    # fastupdate off: a look-up must never pay for the index entries other filings have put aside.
    op.execute("CREATE INDEX ix_paper_index_head ON paper_index USING gin (head) WITH (fastupdate = off)")
    op.execute("CREATE INDEX ix_paper_index_body ON paper_index USING gin (body) WITH (fastupdate = off)")
    op.execute(
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$"
    )
    # Waits for its turn in the chain, then sees the line of whoever had it before: a statement of a volatile function
    # has its own snapshot, where one statement outside would still see the records as before the wait.
    op.execute(
        "CREATE FUNCTION audit_last_hash() RETURNS text LANGUAGE plpgsql VOLATILE AS $$ "
        "DECLARE last text; BEGIN PERFORM pg_advisory_xact_lock(7460002); "
        "SELECT hash INTO last FROM audit ORDER BY id DESC LIMIT 1; RETURN last; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
    )
