"""One behaviour, four ways to keep it: SQLite or PostgreSQL, a folder or an S3 server."""

from __future__ import annotations

import datetime as dt
import io
import resource
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from services.settings import Settings
from services.storage import Actor, IntakeState, Kho
from services.storage.errors import BadBackup, RecordsDown, WrongKeys
from services.storage.records import audit
from services.storage.records.tables import UnitRow
from services.storage.upkeep.backup import KhoNotEmpty
from tests.real.servers import postgres_url, running_postgres
from tests.storage.desk import (
    ADMIN,
    AN,
    BINH,
    CLERK,
    DOSSIER,
    UNIT,
    WORKER,
    birth,
    file,
    open_dossier,
    open_kho,
    take_in,
)


def test_a_scan_goes_the_whole_way(kho_settings: Settings) -> None:
    kho = open_kho(kho_settings)
    intake = take_in(kho, dossier=None)
    with kho.begin() as tx:
        filed = kho.file_paper(tx, intake, birth(), actor=WORKER)
        review = kho.ask_person(tx, intake, birth(BINH, first_page=2, last_page=2), "unsure")
        kho.finish(tx, intake, IntakeState.REVIEW, reading_sha256=kho.keep(b'{"pages": []}'))
    with kho.begin() as tx:
        assert kho.decide(tx, review, birth(BINH, first_page=2, last_page=2, so_ky_hieu="7/2016"), actor=CLERK)
    assert kho.intake(intake.id, CLERK).state == IntakeState.FILED
    open_dossier(kho, DOSSIER)
    found = kho.reuse(CLERK, owner=str(AN.identifier), type="KS", purpose=DOSSIER)
    assert [one.paper.id for one in found.usable] == [filed.paper_id]
    assert kho.checklist(CLERK, DOSSIER).items[0].state == "in-kho"
    with kho.begin() as tx:
        assert not kho.attach(tx, CLERK, DOSSIER, filed.paper_id).already
    assert kho.checklist(CLERK, DOSSIER).complete
    assert [hit.paper.id for hit in kho.find(CLERK, "nguyen van an", purpose=DOSSIER).hits] == [filed.paper_id]
    chain = kho.verify_audit()
    assert (chain.broken_at, chain.lines) == (None, 10)
    report = kho.verify()
    assert (report.objects, report.sound, report.unreferenced) == (2, True, 0)
    kho.close()


def test_a_backup_is_restored_on_another_machine(kho_settings: Settings, tmp_path: Path) -> None:
    kho = open_kho(kho_settings)
    old = file(kho, birth(type_code="CT07", ngay_cap=dt.date(2024, 1, 1)))
    new = file(kho, birth(type_code="CT07", ngay_cap=dt.date(2025, 6, 1), so_ky_hieu="2"))
    intake = take_in(kho)
    with kho.begin() as tx:
        kho.ask_person(tx, intake, birth(BINH), "unsure")
    kho.backup(tmp_path / "backup")
    chain = kho.verify_audit()
    kho.close()

    there = Settings(data_dir=tmp_path / "there")
    with pytest.raises(WrongKeys):
        Kho.restore(tmp_path / "backup", there)
    (there.data_dir / "identity.keys").write_bytes((kho_settings.data_dir / "identity.keys").read_bytes())
    restored = Kho.restore(tmp_path / "backup", there)
    assert restored.verify_audit() == chain
    assert restored.verify().sound
    paper = restored.paper(CLERK, old.paper_id, purpose=DOSSIER)
    assert (paper.superseded_by, paper.official_code) == (new.paper_id, "075190001234.CT07.01")
    assert restored.reviews(CLERK)[0].proposal == birth(BINH)
    assert len(restored.find(CLERK, "nguyễn văn an", purpose=DOSSIER).hits) == 2
    assert file(restored, birth(BINH)).paper_id == new.paper_id + 1
    with pytest.raises(KhoNotEmpty):
        Kho.restore(tmp_path / "backup", there)
    restored.close()


def test_an_embedded_kho_moves_to_postgresql_by_backup(tmp_path: Path, postgres_empty: str) -> None:
    kho = open_kho(Settings(data_dir=tmp_path / "var"))
    filed = file(kho, birth())
    kho.backup(tmp_path / "backup")
    kho.close()
    moved = Kho.restore(tmp_path / "backup", Settings(data_dir=tmp_path / "var", database_url=postgres_empty))
    assert moved.paper(CLERK, filed.paper_id, purpose=DOSSIER).so_ky_hieu == "125/2015"
    assert file(moved, birth(BINH)).paper_id == filed.paper_id + 1
    moved.close()


def test_a_damaged_backup_restores_nothing(tmp_path: Path) -> None:
    kho = open_kho(Settings(data_dir=tmp_path / "var"))
    file(kho, birth())
    kho.backup(tmp_path / "backup")
    kho.close()
    table = tmp_path / "backup" / "records" / "paper.jsonl.gz"
    table.write_bytes(table.read_bytes()[:-1])
    there = Settings(data_dir=tmp_path / "var", database_url=f"sqlite:///{tmp_path / 'there.sqlite'}")
    with pytest.raises(BadBackup):
        Kho.restore(tmp_path / "backup", there)
    assert not (tmp_path / "there.sqlite").exists()


def test_a_lost_file_does_not_keep_the_others_from_being_saved(kho_settings: Settings, tmp_path: Path) -> None:
    kho = open_kho(kho_settings)
    lost, kept = (file(kho, birth(owner), dossier=None).paper_id for owner in (AN, BINH))
    sha256 = kho.paper(ADMIN, lost, purpose=DOSSIER).sha256
    kho.objects.quarantine(sha256)
    manifest = kho.backup(tmp_path / "backup")
    assert (manifest.objects, manifest.missing) == (1, [sha256])
    kho.close()

    there = Settings(data_dir=tmp_path / "there")
    there.data_dir.mkdir()
    (there.data_dir / "identity.keys").write_bytes((kho_settings.data_dir / "identity.keys").read_bytes())
    restored = Kho.restore(tmp_path / "backup", there)
    [theirs] = restored.reuse(CLERK, owner=str(AN.identifier), type="KS", purpose=DOSSIER).not_usable
    assert [reason.code for reason in theirs.why] == ["file-damaged"]
    [hers] = restored.reuse(CLERK, owner=str(BINH.identifier), type="KS", purpose=DOSSIER).usable
    assert hers.paper.id == kept
    restored.close()


@pytest.mark.parametrize("rot", ["other bytes", "no bytes", "a disk that gives none back"])
def test_a_rotten_file_does_not_keep_the_others_from_being_saved(tmp_path: Path, rot: str) -> None:
    kho = open_kho(Settings(data_dir=tmp_path / "var"))
    rotten = kho.paper(CLERK, file(kho, birth()).paper_id, purpose=DOSSIER).sha256
    file(kho, birth(BINH))
    with kho.fetch(rotten) as path:
        path.unlink()
        if rot == "a disk that gives none back":
            path.symlink_to("/proc/self/mem")  # an input/output error, as of a bad sector
        else:
            path.write_bytes(b"rotten" if rot == "other bytes" else b"")
    manifest = kho.backup(tmp_path / "backup")
    assert (manifest.objects, manifest.missing) == (1, [rotten])
    report = kho.verify()
    assert (report.rotten, report.objects) == ([rotten], 2)
    assert kho.verify().missing == [rotten]
    kho.close()


def test_a_backup_that_breaks_off_leaves_the_one_before(tmp_path: Path) -> None:
    kho = open_kho(Settings(data_dir=tmp_path / "var"))
    filed = file(kho, birth())
    kho.backup(tmp_path / "backup")
    most, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))  # the disk takes no table
    try:
        with pytest.raises(OSError, match="File too large"):
            kho.backup(tmp_path / "backup")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    kho.close()
    there = Settings(data_dir=tmp_path / "var", database_url=f"sqlite:///{tmp_path / 'there.sqlite'}")
    restored = Kho.restore(tmp_path / "backup", there)
    assert restored.paper(CLERK, filed.paper_id, purpose=DOSSIER).id == filed.paper_id
    restored.backup(tmp_path / "backup")  # what was left half is no hindrance
    restored.close()


def test_a_backup_of_a_newer_product_is_refused_with_a_reason(empty_records: Settings, tmp_path: Path) -> None:
    kho = open_kho(Settings(data_dir=empty_records.data_dir, database_url=f"sqlite:///{tmp_path / 'here.sqlite'}"))
    kho.backup(tmp_path / "backup")
    kho.close()
    manifest = tmp_path / "backup" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"revision": "0003"', '"revision": "0999"'))
    assert "0999" in manifest.read_text()
    with pytest.raises(BadBackup, match="newer"):
        Kho.restore(tmp_path / "backup", empty_records)


def test_a_log_whose_end_was_cut_no_longer_holds_the_hash_that_was_kept(records_settings: Settings) -> None:
    kho = open_kho(records_settings)
    first = kho.verify_audit()
    file(kho, birth())
    kept = kho.verify_audit().last_hash
    file(kho, birth(BINH))
    assert kho.verify_audit(kept).whole
    assert kho.verify_audit(first.last_hash).whole
    with kho.begin() as tx:
        if records_settings.database_url:
            tx.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_append_only"))
        else:
            tx.execute(text("DROP TRIGGER audit_no_delete"))
        tx.execute(text("DELETE FROM audit WHERE id >= (SELECT id FROM audit WHERE hash = :kept)"), {"kept": kept})
    cut = kho.verify_audit(kept)
    assert (cut.broken_at, cut.kept, cut.whole) == (None, False, False)
    kho.close()


def test_an_error_of_the_database_quotes_nobody(records_settings: Settings) -> None:
    kho = open_kho(records_settings)
    with pytest.raises(IntegrityError) as raised, kho.begin() as tx:
        tx.execute(insert(UnitRow), {"code": UNIT, "name": AN.name, "level": "XA_PHUONG", "name_folded": "x"})
    assert "INSERT INTO unit" in str(raised.value)
    assert AN.name not in str(raised.value)
    kho.close()


def test_the_database_itself_refuses_to_change_the_log(records_settings: Settings) -> None:
    kho = open_kho(records_settings)
    file(kho, birth())
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(DatabaseError, match="append-only"), kho.begin() as tx:
            tx.execute(text(statement))
    kho.close()


def test_the_log_shows_what_someone_changed_behind_the_databases_back(records_settings: Settings) -> None:
    kho = open_kho(records_settings)
    file(kho, birth())
    with kho.begin() as tx:
        if records_settings.database_url:
            tx.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_append_only"))
        else:
            tx.execute(text("DROP TRIGGER audit_no_update"))
        tx.execute(text("UPDATE audit SET purpose = 'another' WHERE id = 2"))
    assert kho.verify_audit().broken_at == 2
    kho.close()


def test_keys_can_be_changed_and_the_old_one_put_away(records_settings: Settings, tmp_path: Path) -> None:
    import base64

    old, new = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    kho = open_kho(records_settings.model_copy(update={"identity_keys": _secret(old)}))
    filed = file(kho, birth())
    intake = take_in(kho)
    with kho.begin() as tx:
        kho.ask_person(tx, intake, birth(BINH), "unsure")
    kho.close()
    both = Kho.open(records_settings.model_copy(update={"identity_keys": _secret(f"{new},{old}")}))
    assert both.reuse(CLERK, owner=str(AN.identifier), type="KS", purpose=DOSSIER).usable
    assert (both.rotate_keys(), both.rotate_keys()) == (3, 0)
    both.close()
    after = Kho.open(records_settings.model_copy(update={"identity_keys": _secret(new)}))
    assert after.paper(CLERK, filed.paper_id, purpose=DOSSIER).official_code == "075190001234.KS.01"
    assert after.reuse(CLERK, owner=str(AN.identifier), type="KS", purpose=DOSSIER).usable
    assert after.reviews(CLERK)[0].proposal.owners == (BINH,)
    after.close()


def _secret(value: str) -> object:
    from pydantic import SecretStr

    return SecretStr(value)


def test_a_database_that_is_away_is_said_and_loses_nothing(tmp_path: Path) -> None:
    with running_postgres() as server:
        kho = open_kho(Settings(data_dir=tmp_path / "var", database_url=postgres_url(server, "postgres")))
        intake = take_in(kho)
        with pytest.raises(RecordsDown), kho.begin() as tx:  # noqa: PT012
            kho.file_paper(tx, intake, birth(), actor=WORKER)
            server.kill()
        with pytest.raises(RecordsDown):
            kho.accept(io.BytesIO(b"x"), file_name="a", actor=CLERK)
        server.start()
        assert kho.accept(io.BytesIO(b"x"), file_name="a", actor=CLERK).already is False
        with kho.begin() as tx:
            kho.file_paper(tx, intake, birth(), actor=WORKER)
            kho.finish(tx, intake, IntakeState.FILED)
        assert kho.verify_audit().broken_at is None
        kho.close()


def test_the_migrations_make_what_the_model_says(empty_records: Settings) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from services.storage.records.tables import Base

    kho = Kho.open(empty_records)
    with kho.engine.connect() as connection:
        known = set(Base.metadata.tables)
        options = {"include_name": lambda name, kind, _: kind != "table" or name in known}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    kho.close()


def test_records_of_the_first_landed_schema_come_along_to_the_newest(empty_records: Settings) -> None:
    from services.storage.records.engine import migrate, open_engine

    engine = open_engine(empty_records.sql_url)
    migrate(engine, "0001")
    assert "paper" in inspect(engine).get_table_names()
    engine.dispose()
    kho = Kho.open(empty_records, migrate=False)
    with kho.begin() as tx:
        tx.execute(
            text(
                "INSERT INTO unit (code, name, level, name_folded) "
                "VALUES ('26068', 'Phường Biên Hòa', 'XA_PHUONG', 'phuong bien hoa')"
            )
        )
    filed = file(kho, birth())
    chain = kho.verify_audit()
    kho.close()
    newest = Kho.open(empty_records)
    assert newest.paper(CLERK, filed.paper_id, purpose=DOSSIER).official_code == "075190001234.KS.01"
    assert newest.reuse(CLERK, owner=str(AN.identifier), type="KS", purpose=DOSSIER).usable
    assert [hit.paper.id for hit in newest.find(ADMIN, "khai sinh", purpose=DOSSIER).hits] == [filed.paper_id]
    assert newest.verify_audit().lines == chain.lines + 3
    newest.close()


def test_two_first_starts_at_once_make_one_schema_and_one_key(empty_records: Settings) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def start(_: int) -> list[str]:
        kho = Kho.open(empty_records)
        kho.close()
        return kho.keys.fingerprints

    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(start, range(4)))
    assert len({tuple(names) for names in keys}) == 1


def test_a_line_of_the_log_is_hashed_alike_by_both_databases_whatever_it_says(records_settings: Settings) -> None:
    """PostgreSQL hashes a line as it writes it, SQLite's is hashed here; both are checked here."""
    kho = open_kho(records_settings)
    said = ('a "quote"', "back\\slash", "tab\tline\nfeed\r\x08\x0c\x01\x1f\x7f", "Hồ sơ đất 📜 </x>", "", "[null,1]")
    with kho.begin() as tx:
        for text_ in said:
            audit.note(tx, Actor(text_, UNIT, "clerk", ip=None), "look", text_, purpose=text_, result=text_)
    with kho.begin() as tx:
        audit.note(tx, Actor("lan", UNIT, "clerk", ip="::1"), "look", "paper:1")
    chain = kho.verify_audit()
    assert (chain.broken_at, chain.lines) == (None, len(said) + 1)
    assert [entry.object for entry in kho.audit_entries(ADMIN)] == [*said, "paper:1"]
    kho.close()
