"""The records: one SQLAlchemy model for SQLite and PostgreSQL. Rows never leave ``services.storage`` and
``services.coverage``; other rooms see the value objects of ``services.storage.model``.

Times are UTC; dates are local dates of Việt Nam. Identity numbers stand only sealed (``identifier_sealed``), indexed
blind (``identifier_index``) and masked. Status, channel and flag numbers are those of the national portal
(DOMAIN §4.3, §4.5).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment, always aware and in UTC, also on SQLite, which keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        moment: dt.datetime = value
        return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


MOST_ID = 2**63 - 1
BigKey = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {dt.datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}


# --- the administration: who, and which procedures ------------------------------------------------------------------


class UnitRow(Base):
    """A department, commune or the province. A merged or renamed unit keeps its row and names its successor."""

    __tablename__ = "unit"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    level: Mapped[str] = mapped_column(String(20))  # TINH, SO_BAN_NGANH, XA_PHUONG, DONVI_TRUCTHUOC
    identifier: Mapped[str | None] = mapped_column(String(40), index=True)  # H19.x.y
    parent: Mapped[str | None] = mapped_column(String(40))
    successor: Mapped[str | None] = mapped_column(String(40))
    name_folded: Mapped[str] = mapped_column(String(200), index=True)


class ProcedureRow(Base):
    __tablename__ = "procedure"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)  # 1.012766
    name: Mapped[str] = mapped_column(Text)
    field: Mapped[str | None] = mapped_column(String(200))
    level: Mapped[str | None] = mapped_column(String(20))
    needs_result_paper: Mapped[bool] = mapped_column(Boolean, default=True)
    for_citizens: Mapped[bool] = mapped_column(Boolean, default=True)
    has_fee: Mapped[bool] = mapped_column(Boolean, default=False)
    online: Mapped[bool] = mapped_column(Boolean, default=False)
    result_type: Mapped[str | None] = mapped_column(String(40))


class ProcedureComponentRow(Base):
    """One paper a procedure asks for. ``accepts`` lists catalogue codes, any of which satisfies it."""

    __tablename__ = "procedure_component"
    procedure: Mapped[str] = mapped_column(ForeignKey("procedure.code"), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    name: Mapped[str] = mapped_column(Text)
    accepts: Mapped[list[Any]] = mapped_column(JSON)
    required: Mapped[bool] = mapped_column(Boolean, default=True)
    of_relation: Mapped[str | None] = mapped_column(String(40))  # whose paper, when not the dossier owner's


_OPEN = text("status IN (1, 2, 4, 5, 6)")


# --- dossiers -------------------------------------------------------------------------------------------------------


class OwnerRow(Base):
    """A person, company or household business (chủ hồ sơ, chủ giấy tờ)."""

    __tablename__ = "owner"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))  # CA_NHAN, TO_CHUC, HKD
    identifier_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    identifier_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    identifier_masked: Mapped[str | None] = mapped_column(String(20))
    descriptive_key: Mapped[str | None] = mapped_column(String(64), unique=True)  # who, where no number is known
    name: Mapped[str] = mapped_column(String(300))
    name_folded: Mapped[str] = mapped_column(String(300))
    birth_date: Mapped[dt.date | None] = mapped_column(Date)
    __table_args__ = (Index("ix_owner_name_birth", "name_folded", "birth_date"),)


class DossierRow(Base):
    """A hồ sơ. The ``declared_*`` columns repeat what the case system's register says; our own ``component`` rows
    stand beside them, and a check passes when either shows the paper.
    """

    __tablename__ = "dossier"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    unit: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    procedure: Mapped[str | None] = mapped_column(ForeignKey("procedure.code"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owner.id"), index=True)
    owner_kind: Mapped[str | None] = mapped_column(String(10))
    channel: Mapped[int | None] = mapped_column(SmallInteger)  # 1 direct, 2 online, 3 post
    submitted_on: Mapped[dt.date | None] = mapped_column(Date)
    received_on: Mapped[dt.date | None] = mapped_column(Date)
    due_on: Mapped[dt.date | None] = mapped_column(Date)
    finished_on: Mapped[dt.date | None] = mapped_column(Date)
    status: Mapped[int] = mapped_column(SmallInteger)
    vneid_verified: Mapped[bool | None] = mapped_column(Boolean)
    population_checked: Mapped[bool | None] = mapped_column(Boolean)  # a dân cư MaCSDL is recorded
    synced: Mapped[bool | None] = mapped_column(Boolean)
    paid_online: Mapped[int | None] = mapped_column(SmallInteger)
    declared_components: Mapped[int] = mapped_column(Integer, default=0)  # files attached to components
    declared_results: Mapped[int] = mapped_column(Integer, default=0)  # result files with code and link
    declared_complete: Mapped[bool | None] = mapped_column(Boolean)  # online: every required component present
    declared_refusal: Mapped[bool | None] = mapped_column(Boolean)  # refusal, stop or withdrawal paper attached
    declared_reused: Mapped[bool | None] = mapped_column(Boolean)  # DuocTaiSuDung ∈ {1, 2}
    declared_from_store: Mapped[bool | None] = mapped_column(Boolean)  # DuocLayTuKhoDMQG = 1
    declared_result_signed: Mapped[bool | None] = mapped_column(Boolean)  # result signed and stored
    opened_here: Mapped[bool] = mapped_column(Boolean, default=False)
    changed_at: Mapped[dt.datetime]
    __table_args__ = (
        Index("ix_dossier_unit_received", "unit", "received_on"),
        # "due this week and still failing" asks for open dossiers only, which stay few
        Index("ix_dossier_open_due", "unit", "due_on", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )


class ComponentRow(Base):
    """A paper standing in a dossier: submitted component, result or process paper."""

    __tablename__ = "component"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))  # THANH_PHAN, KET_QUA, GIAY_TO_QUY_TRINH
    component_code: Mapped[str | None] = mapped_column(String(60))
    type_code: Mapped[str] = mapped_column(String(40))
    paper_id: Mapped[int] = mapped_column(ForeignKey("paper.id"), index=True)
    reused: Mapped[int] = mapped_column(SmallInteger, default=0)  # DuocTaiSuDung 0/1/2
    from_store: Mapped[bool] = mapped_column(Boolean, default=False)
    deleted: Mapped[bool] = mapped_column(Boolean, default=False)
    added_at: Mapped[dt.datetime]
    __table_args__ = (UniqueConstraint("dossier_id", "paper_id", "role"),)


# --- work -----------------------------------------------------------------------------------------------------------


class IntakeRow(Base):
    """One accepted file: the truth of the work. See DESIGN "How a scan travels"."""

    __tablename__ = "intake"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    file_name: Mapped[str] = mapped_column(String(400))
    unit: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    dossier_code: Mapped[str] = mapped_column(String(60), default="")
    role: Mapped[str | None] = mapped_column(String(20))  # what the clerk said it is: THANH_PHAN, KET_QUA, …
    priority: Mapped[int] = mapped_column(SmallInteger)  # 0 a person waits, 1 backlog
    state: Mapped[str] = mapped_column(String(10))  # waiting, working, filed, review, refused
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_detail: Mapped[str | None] = mapped_column(Text)
    reading_sha256: Mapped[str | None] = mapped_column(String(64))  # the kept Reading, as an object
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (
        UniqueConstraint("unit", "sha256", "dossier_code"),
        Index("ix_intake_state", "state", "priority", "created_at"),
        Index("ix_intake_unit", "unit", "created_at"),
    )


class ReviewRow(Base):
    """A paper that waits for a person, with what the machine thought and why it asks."""

    __tablename__ = "review"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    intake_id: Mapped[str] = mapped_column(ForeignKey("intake.id"), index=True)
    unit: Mapped[str] = mapped_column(String(40))
    first_page: Mapped[int] = mapped_column(Integer)
    last_page: Mapped[int] = mapped_column(Integer)
    proposal_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # a NewPaper as JSON, sealed: it holds numbers
    reason: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10))  # open, done, dropped
    created_at: Mapped[dt.datetime]
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(80))
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))
    __table_args__ = (
        UniqueConstraint("intake_id", "first_page", "last_page"),
        Index("ix_review_open", "unit", "state", "created_at"),
    )


# --- the kho --------------------------------------------------------------------------------------------------------


class PaperRow(Base):
    """A paper filed in the kho (giấy tờ). The nine fields of TT 01/2023 Điều 9 are columns; the rest is sealed."""

    __tablename__ = "paper"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    code: Mapped[str] = mapped_column(String(120), unique=True)  # mã kết quả số hóa, without the identity number
    ordinal: Mapped[int] = mapped_column(BigInteger)  # nn of the code: counts the owner's papers of this type
    type_code: Mapped[str] = mapped_column(String(40))
    type_name: Mapped[str] = mapped_column(String(200))
    copy_kind: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(40))
    dossier_code: Mapped[str] = mapped_column(String(60), default="", index=True)  # the dossier it came with
    intake_id: Mapped[str] = mapped_column(ForeignKey("intake.id"))
    first_page: Mapped[int] = mapped_column(Integer)
    last_page: Mapped[int] = mapped_column(Integer)
    object_sha256: Mapped[str] = mapped_column(String(64), index=True)  # the original bytes it was found in
    archive_sha256: Mapped[str | None] = mapped_column(String(64))  # searchable PDF/A copy
    so_ky_hieu: Mapped[str | None] = mapped_column(String(120))
    so_ky_hieu_folded: Mapped[str | None] = mapped_column(String(120))
    ngay_cap: Mapped[dt.date | None] = mapped_column(Date)
    co_quan_cap: Mapped[str | None] = mapped_column(String(300))
    co_quan_cap_folded: Mapped[str | None] = mapped_column(String(300))
    trich_yeu: Mapped[str | None] = mapped_column(Text)
    nguoi_ky: Mapped[str | None] = mapped_column(String(200))
    scope: Mapped[str | None] = mapped_column(Text)  # phạm vi hiệu lực, mục đích
    details_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {more, places} as JSON, sealed: it holds numbers
    valid_from: Mapped[dt.date | None] = mapped_column(Date)
    valid_to: Mapped[dt.date | None] = mapped_column(Date)
    validity: Mapped[str] = mapped_column(String(12))  # CON, BI_THAY_THE, BI_THU_HOI, KHONG_RO (expiry is computed)
    same_as: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))  # the same paper, scanned before
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))
    revoked_reason: Mapped[str | None] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(String(10))  # valid, invalid, none, unchecked
    thing: Mapped[str | None] = mapped_column(String(200))  # what it is about, for "same thing, newer issue"
    phash: Mapped[int | None] = mapped_column(BigInteger)  # 64 bits, as a signed number
    sketch: Mapped[bytes | None] = mapped_column(LargeBinary)  # minhash of the text's shingles
    confidence: Mapped[float] = mapped_column(Float)
    decided_by: Mapped[str] = mapped_column(String(80))  # model version, "rules", or the clerk
    filed_at: Mapped[dt.datetime]
    __table_args__ = (
        UniqueConstraint("intake_id", "first_page", "last_page"),
        Index("ix_paper_number", "so_ky_hieu_folded", "ngay_cap"),
        Index("ix_paper_unit", "unit", "id"),
        Index("ix_paper_issued", "ngay_cap"),
    )


class PaperTextRow(Base):
    """What the paper says, identity numbers masked, single spaces: search shows its matches in it. The words
    themselves are indexed in ``paper_index`` (FTS5 or tsvector), a table of the migrations only.
    """

    __tablename__ = "paper_text"
    paper_id: Mapped[int] = mapped_column(ForeignKey("paper.id"), primary_key=True, autoincrement=False)
    head: Mapped[str] = mapped_column(Text)  # type, number, issuer, abstract, owners
    body: Mapped[str] = mapped_column(Text)


class PaperOwnerRow(Base):
    """Whose paper it is; a marriage certificate has two. ``type_code`` repeats the paper's, so that the reuse
    look-up is one index range.
    """

    __tablename__ = "paper_owner"
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"), primary_key=True)
    type_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("paper.id"), primary_key=True, index=True)


class ReuseRow(Base):
    """A paper taken from the kho into a dossier instead of scanned again (lượt tái sử dụng)."""

    __tablename__ = "reuse"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("paper.id"), index=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    actor: Mapped[str] = mapped_column(String(80))
    at: Mapped[dt.datetime]
    source: Mapped[str] = mapped_column(String(30))  # KHO_TINH, KHO_DMQG, CSDL_CHUYEN_NGANH
    __table_args__ = (UniqueConstraint("paper_id", "dossier_id"),)


class ObjectFaultRow(Base):
    """An object that verification found gone or rotten. Papers in it are not offered until it is healed."""

    __tablename__ = "object_fault"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    fault: Mapped[str] = mapped_column(String(10))  # missing, rotten
    aside: Mapped[str | None] = mapped_column(Text)  # where the rotten bytes went
    found_at: Mapped[dt.datetime]
    healed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class LabelRow(Base):
    """What a clerk confirmed or corrected: a labelled example for ``sohoa train``."""

    __tablename__ = "label"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    intake_id: Mapped[str] = mapped_column(ForeignKey("intake.id"))
    first_page: Mapped[int] = mapped_column(Integer)
    last_page: Mapped[int] = mapped_column(Integer)
    guessed: Mapped[str] = mapped_column(String(40))
    confirmed: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    at: Mapped[dt.datetime]


# --- who may look, and who looked -----------------------------------------------------------------------------------


class ApiKeyRow(Base):
    """A key of the HTTP door, bound to one unit and one role. Only its hash is kept."""

    __tablename__ = "api_key"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    unit: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(20))  # clerk, reviewer, lookup, reporter, admin
    created_at: Mapped[dt.datetime]
    disabled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class AuditRow(Base):
    """The append-only, hash-chained log of every look and every act."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[dt.datetime]
    actor: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(40))
    object: Mapped[str] = mapped_column(String(200), index=True)
    purpose: Mapped[str | None] = mapped_column(String(60))
    result: Mapped[str] = mapped_column(String(40))
    ip: Mapped[str | None] = mapped_column(String(45))
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
