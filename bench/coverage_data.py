"""Fills the records with dossiers for the bench, in SQL: three years, every unit and procedure, every cause."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, Table, inspect, select, text
from sqlalchemy.orm import Session

from services.coverage import load
from services.storage.records.tables import DossierRow, UnitRow

FIRST = dt.date(2023, 1, 1)
DAYS = 1095
_OWNERS = 100_000  # of whom the kho holds a paper

_DOSSIERS = """
INSERT INTO dossier (
    id, code, unit, procedure, owner_id, owner_kind, channel, received_on, due_on, status, vneid_verified,
    population_checked, synced, paid_online, declared_components, declared_results, declared_complete, declared_refusal,
    declared_reused, declared_from_store, declared_result_signed, opened_here, changed_at)
SELECT
    i, 'H19.1-' || i,
    (SELECT code FROM bench_unit WHERE place = h / 47 % {units}),
    (SELECT code FROM bench_procedure WHERE place = h / 53 % {procedures}),
    CASE WHEN h % 10 < 2 THEN 1 + h % {owners} END,
    CASE WHEN h % 7 < 5 THEN 'CA_NHAN' ELSE 'TO_CHUC' END,
    1 + h / 3 % 2, {day}, {day},
    CASE WHEN h / 5 % 20 < 15 THEN 9 ELSE 2 + h / 5 % 7 END,
    (h / 7 % 10 < 7), (h / 11 % 10 < 2), (h / 13 % 100 < 97), h / 17 % 2,
    h / 19 % 4, CASE WHEN h / 23 % 10 < 8 THEN 1 ELSE 0 END,
    CASE WHEN h / 29 % 3 > 0 THEN (h / 29 % 3 = 1) END,
    (h / 31 % 2 = 0), (h / 37 % 10 < 3), (h / 41 % 10 < 1), (h / 43 % 10 < 6), {false}, {now}
FROM ({numbers}) AS n
"""
_PAPERS = (
    """
INSERT INTO owner (id, kind, identifier_index, name, name_folded)
SELECT i, 'CA_NHAN', 'o' || i, 'x', 'x' FROM ({numbers}) AS n
""",
    """
INSERT INTO paper (
    id, code, ordinal, type_code, type_name, copy_kind, unit, dossier_code, intake_id, first_page, last_page,
    object_sha256, details_sealed, validity, signature, confidence, decided_by, filed_at)
SELECT
    i, 'p' || i, 1, 'GCNQSDD', 'x', 'CHINH', '26068', '', 'i' || i, 1, 1,
    'o' || i, {empty}, 'CON', 'valid', 1, 'rules', {now}
FROM ({numbers}) AS n
""",
    """
INSERT INTO paper_owner (owner_id, type_code, paper_id) SELECT i, 'GCNQSDD', i FROM ({numbers}) AS n
""",
)


def fill(tx: Session, count: int, *, start: int, total: int) -> None:
    """Dossiers ``start``..``start + count - 1`` of ``total``; with the first, owners and their papers in the kho."""
    postgres = tx.get_bind().dialect.name == "postgresql"
    units = tx.scalars(select(UnitRow.code).where(UnitRow.level != "TINH").order_by(UnitRow.code)).all()
    procedures = [p.code for p in load().procedures.procedures]
    if postgres:
        tx.execute(text("SET session_replication_role = replica"))  # no foreign key is checked while filling
    for name, codes in (("unit", units), ("procedure", procedures)):
        tx.execute(text(f"CREATE TEMP TABLE IF NOT EXISTS bench_{name} (place BIGINT PRIMARY KEY, code VARCHAR(40))"))
        tx.execute(text(f"DELETE FROM bench_{name}"))
        tx.execute(text(f"INSERT INTO bench_{name} VALUES (:p, :c)"), [{"p": i, "c": c} for i, c in enumerate(codes)])
    # days in order, as dossiers arrive
    day_number = f"(i * {DAYS} / {total + 1})"
    day = f"DATE '{FIRST}' + {day_number}::int" if postgres else f"date('{FIRST}', {day_number} || ' days')"
    words = {
        "day": day,
        "owners": _OWNERS,
        "units": len(units),
        "procedures": len(procedures),
        "false": "FALSE" if postgres else "0",
        "now": "'2023-02-01 00:00:00+00'" if postgres else "'2023-02-01 00:00:00.000000'",
        "empty": "''::bytea" if postgres else "x''",
    }
    if start == 1:
        for sql in _PAPERS:
            tx.execute(text(sql.format(**words, numbers=_numbers(postgres, 1, _OWNERS))))
    tx.execute(text(_DOSSIERS.format(**words, numbers=_numbers(postgres, start, count))))
    if postgres:
        for table in ("dossier", "owner", "paper"):
            tx.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"))


@contextlib.contextmanager
def bare(engine: Engine) -> Iterator[None]:
    """Dossiers without their indexes while they are filled: made once at the end, they take a tenth of the time."""
    table: Table = DossierRow.__table__  # type: ignore[assignment]
    unique = inspect(engine).get_unique_constraints("dossier") if engine.dialect.name == "postgresql" else []
    with engine.begin() as connection:
        for index in table.indexes:
            index.drop(connection)
        for constraint in unique:
            connection.execute(text(f"ALTER TABLE dossier DROP CONSTRAINT {constraint['name']}"))
    yield
    with engine.begin() as connection:
        for constraint in unique:
            connection.execute(text(f"ALTER TABLE dossier ADD CONSTRAINT {constraint['name']} UNIQUE (code)"))
        for index in table.indexes:
            index.create(connection)


def _numbers(postgres: bool, start: int, count: int) -> str:
    """i, and h: i stirred, so that facts do not march in step."""
    end = start + count - 1
    if postgres:
        return f"SELECT i, (i * 2654435761 + i / 7) % 1000000007 AS h FROM generate_series({start}::bigint, {end}) AS i"
    series = f"WITH RECURSIVE s(i) AS (SELECT {start} UNION ALL SELECT i + 1 FROM s WHERE i < {end}) SELECT i FROM s"
    return f"SELECT i, (i * 2654435761 + i / 7) % 1000000007 AS h FROM ({series})"


def register(path: Path, rows: int, *, first: int = 1) -> Path:
    """A register of ``rows`` dossiers as a case system exports it."""
    rules, rng = load(), random.Random(766)
    units = [u.name for u in (*rules.units.departments, *rules.units.communes)]
    procedures = [p.code for p in rules.procedures.procedures]
    heads = [
        *("STT", "Mã hồ sơ", "Đơn vị", "Mã TTHC", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả kết quả", "Trạng thái"),
        *("Hình thức nộp", "Loại đối tượng", "Số tệp thành phần", "Số tệp kết quả", "Đủ thành phần", "Văn bản từ chối"),
        *("Tái sử dụng", "Lấy từ kho", "Ký số lưu kho", "Xác thực VNeID", "Khai thác dữ liệu dân cư", "Đồng bộ"),
        "Thanh toán trực tuyến",
    ]
    yes_no, statuses = ("Có", "Không"), ("Đã trả kết quả", "Đã xử lý xong", "Đang xử lý", "Dừng xử lý", "3")
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        table = csv.writer(out)
        table.writerow(heads)
        for i in range(first, first + rows):
            day = dt.date(2026, 1, 1) + dt.timedelta(days=(i - first) * 270 // rows)  # as they arrived
            shown = f"{day:%d/%m/%Y}"
            table.writerow(
                [
                    i,
                    f"H19.{i % 110 + 1}-{day:%y%m%d}-{i // 110 + 1:05}",
                    units[i % 110],
                    rng.choice(procedures),
                    shown,
                    shown,
                    shown,
                    rng.choice(statuses),
                    rng.choice(("Trực tiếp", "Trực tuyến", "")),
                    "Cá nhân",
                    rng.randrange(4),
                    rng.randrange(2),
                    *(rng.choice(yes_no) for _ in range(9)),
                ]
            )
    return path
