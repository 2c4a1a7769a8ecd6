"""The ``sohoa`` command: exit status, streams and JSON forms that scripts are written against."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.workers import papers
from workers.cli import app

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_docs"
BORN_DIGITAL = SAMPLES / "09_ho_kinh_doanh.pdf"
ACCENTS = ROOT / "services" / "ocr" / "accents" / "accents.bin"
REGISTER = "Mã hồ sơ;Mã thủ tục;Đơn vị;Ngày tiếp nhận;Trạng thái\n"


def run(*arguments: str, data_dir: Path | None = None) -> Result:
    environment = {"SOHOA_DATA_DIR": str(data_dir)} if data_dir else {}
    return CliRunner().invoke(app, list(arguments), env=environment)


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def _commands() -> list[list[str]]:
    leaves = [
        "read",
        "classify",
        "repair",
        "archive",
        "ingest",
        "watch",
        "coverage",
        "serve",
        "worker",
        "doctor",
        "demo",
        "train",
    ]
    grouped = {
        "coverage": ["rebuild"],
        "dossiers": ["import"],
        "kho": ["find", "verify", "backup", "restore", "retry", "rotate-key"],
        "audit": ["verify"],
        "keys": ["create", "list", "disable"],
    }
    return [[name] for name in leaves] + [[group, name] for group, names in grouped.items() for name in names]


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_every_sub_command_explains_itself(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_help_loads_nothing_heavy() -> None:
    heavy = ("cv2", "sqlalchemy", "numpy", "pydantic", "celery")
    code = f"import sys; import workers.cli; print([m for m in {heavy} if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout.strip() == "[]"


def test_reading_gives_one_object_a_file_with_the_promised_names_and_refusals_in_line(tmp_path: Path) -> None:
    bad = papers.not_a_document(tmp_path / "bad.pdf")
    result = run("read", str(BORN_DIGITAL), str(bad), str(tmp_path / "gone.pdf"), "--jsonl")
    good, refused, gone = objects(result)
    assert result.exit_code == 1
    assert list(good) == ["file", "seconds", "error", "pages", "text"]
    assert good["error"] is None
    assert "HỘ KINH DOANH" in good["text"]
    assert "words" not in good["pages"][0]
    assert (refused["error"]["code"], refused["pages"], refused["text"]) == ("not-a-document", [], "")
    assert gone["error"]["code"] == "no-such-file"


def test_reading_with_words_gives_each_words_text_box_and_confidence() -> None:
    [form] = objects(run("read", str(BORN_DIGITAL), "--jsonl", "--words"))
    word = form["pages"][0]["words"][0]
    assert {"text", "box", "confidence"} <= set(word)
    assert len(word["box"]) == 4


def test_classifying_gives_the_promised_names(tmp_path: Path) -> None:
    [form] = objects(run("classify", str(BORN_DIGITAL), "--jsonl"))
    assert list(form) == ["file", "seconds", "error", "pieces"]
    [piece] = form["pieces"]
    promised = [
        "first_page",
        "last_page",
        "code",
        "name",
        "confidence",
        "needs_review",
        "reason",
        "copy_kind",
        "fields",
    ]
    assert list(piece)[: len(promised)] == promised
    assert piece["code"] == "HKD"
    assert set(piece["fields"]["ngay_cap"]) == {"value", "confidence", "page", "box"}


@pytest.mark.skipif(not ACCENTS.exists(), reason="the accent model has not been built")
def test_repair_gives_line_for_line_and_json_lists_each_change(tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_text("Kinh gui: Uy ban nhan dan\nSo: 4299/UBND-HCC\n", encoding="utf-8")
    plain = run("repair", str(bad))
    assert plain.stdout == "Kính gửi: Ủy ban nhân dân\nSố: 4299/UBND-HCC\n"
    form = json.loads(run("repair", str(bad), "--json").stdout)
    assert {"line", "start", "end", "before", "after", "margin", "sure"} == set(form["changes"][0])


def test_ingest_takes_in_files_and_says_what_became_of_each(tmp_path: Path, empty_kho_copy: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(BORN_DIGITAL.read_bytes())
    papers.empty(folder / "b.pdf")
    result = run("ingest", str(folder), "--unit", "26248", "--jsonl", data_dir=empty_kho_copy)
    lines = {Path(form["file"]).name: form for form in objects(result)}
    assert result.exit_code == 1
    assert lines["b.pdf"]["error"]["code"] == "empty-file"
    assert lines["a.pdf"]["error"] is None
    found = lines["a.pdf"]["papers"] + lines["a.pdf"]["reviews"]
    assert [paper["type"] for paper in found] == ["HKD"]
    again = run("ingest", str(folder / "a.pdf"), "--unit", "26248", "--jsonl", data_dir=empty_kho_copy)
    assert (again.exit_code, objects(again)[0]["already"]) == (0, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["ingest", "x.pdf"],  # no unit
        ["ingest", "x.pdf", "--unit", "no-such-unit"],
        ["ingest", "x.pdf", "--unit", "26248", "--role", "WRONG"],
        ["ingest", "x.pdf", "--map", "gone.csv"],
        ["coverage", "--from", "31/08/2025"],
        ["coverage", "--profile", "no-such-profile"],
        ["dossiers", "import", "gone.xlsx"],
        ["read"],
        ["no-such-command"],
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_two_and_says_why_on_standard_error(arguments: list[str], empty_kho_copy: Path) -> None:
    result = run(*arguments, data_dir=empty_kho_copy)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr


def test_a_setting_that_cannot_be_is_named(empty_kho_copy: Path) -> None:
    result = CliRunner().invoke(app, ["doctor"], env={"SOHOA_WORKERS": "-3"})
    assert result.exit_code == 2
    assert "SOHOA_WORKERS" in result.stderr


def test_a_registers_bad_rows_are_told_and_its_good_rows_go_in(tmp_path: Path, empty_kho_copy: Path) -> None:
    register = tmp_path / "dossiers.csv"
    register.write_text(
        REGISTER
        + "H19.41-250801-0001;1.001193;26041;01/08/2025;9\n"
        + "H19.41-250801-0002;1.001193;26041;31/02/2025;9\n"
        + "H19.41-250801-0003;1.001193;Xã Không Có Thật;01/08/2025;9\n",
        encoding="utf-8",
    )
    result = run("dossiers", "import", str(register), "--json", data_dir=empty_kho_copy)
    form = json.loads(result.stdout)
    assert result.exit_code == 1
    assert form["inserted"] == 1
    assert [bad["row"] for bad in form["bad_rows"]] == [3, 4]
    for bad in form["bad_rows"]:
        assert bad["code"]
        assert bad["vi"]
        assert bad["en"]
    counted = json.loads(run("coverage", "--unit", "26041", "--json", data_dir=empty_kho_copy).stdout)
    assert list(counted)[:3] == ["period", "previous_period", "profile"]
    assert [unit["received"] for unit in counted["units"]] == [1]
    assert {"code", "name", "level", "received", "digitized", "rate", "target", "met", "causes"} <= set(
        counted["units"][0]
    )


def test_counts_that_went_wrong_are_told_of_and_mended(empty_kho_copy: Path, tmp_path: Path) -> None:
    register = tmp_path / "ho_so.csv"
    register.write_text("Mã hồ sơ;Đơn vị;Ngày tiếp nhận;Trạng thái\nH19.41-250801-0001;26041;01/08/2025;9\n", "utf-8")
    run("dossiers", "import", str(register), data_dir=empty_kho_copy)
    assert run("coverage", "rebuild", "--check", data_dir=empty_kho_copy).exit_code == 0
    with contextlib.closing(sqlite3.connect(empty_kho_copy / "kho.sqlite")) as records, records:
        records.execute("UPDATE month_count SET received = 2")
    wrong = run("coverage", "rebuild", "--check", data_dir=empty_kho_copy)
    assert wrong.exit_code == 1
    assert "month_count" in wrong.stderr
    assert run("coverage", "rebuild", data_dir=empty_kho_copy).exit_code == 0
    assert run("coverage", "rebuild", "--check", data_dir=empty_kho_copy).exit_code == 0


def test_a_whole_log_is_found_whole(empty_kho_copy: Path) -> None:
    assert run("audit", "verify", data_dir=empty_kho_copy).exit_code == 0


def test_an_object_that_rotted_ends_verification_with_one(empty_kho_copy: Path, tmp_path: Path) -> None:
    scan = papers.scan(tmp_path / "a.png")
    run("ingest", str(scan), "--unit", "26248", "--no-wait", data_dir=empty_kho_copy)
    [kept] = [path for path in (empty_kho_copy / "objects").rglob("*") if path.is_file()]
    kept.chmod(0o600)
    kept.write_bytes(b"rotten")
    assert run("kho", "verify", data_dir=empty_kho_copy).exit_code == 1


def test_a_backup_that_lacks_an_object_ends_with_one_and_is_restored_all_the_same(
    empty_kho_copy: Path, tmp_path: Path
) -> None:
    scan = papers.scan(tmp_path / "a.png")
    run("ingest", str(scan), "--unit", "26248", "--no-wait", data_dir=empty_kho_copy)
    [kept] = [path for path in (empty_kho_copy / "objects").rglob("*") if path.is_file()]
    assert run("kho", "backup", str(tmp_path / "whole"), data_dir=empty_kho_copy).exit_code == 0
    kept.unlink()
    lacking = run("kho", "backup", str(tmp_path / "lacking"), data_dir=empty_kho_copy)
    assert (lacking.exit_code, kept.name in lacking.stdout) == (1, True)
    log = json.loads(run("audit", "verify", "--json", data_dir=empty_kho_copy).stdout)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "identity.keys").write_bytes((empty_kho_copy / "identity.keys").read_bytes())
    restored = run("kho", "restore", str(tmp_path / "lacking"), data_dir=tmp_path / "there")
    assert restored.exit_code == 0
    assert f"last_hash: {log['last_hash']}" in restored.stdout
    assert run("audit", "verify", "--kept", log["last_hash"], data_dir=tmp_path / "there").exit_code == 0
    assert run("audit", "verify", "--kept", "0" * 63 + "1", data_dir=tmp_path / "there").exit_code == 1


def test_a_folder_that_is_none_is_wrong_use_and_said(empty_kho_copy: Path) -> None:
    refused = run("kho", "backup", "/dev/null/backup", data_dir=empty_kho_copy)
    assert (refused.exit_code, isinstance(refused.exception, SystemExit)) == (2, True)
    assert "/dev/null/backup" in refused.stderr


def test_a_key_is_shown_once_and_listed_without_its_secret(empty_kho_copy: Path) -> None:
    made = run("keys", "create", "Bàn số 1", "--unit", "26248", data_dir=empty_kho_copy)
    listed = run("keys", "list", "--json", data_dir=empty_kho_copy)
    assert made.exit_code == 0
    assert made.stdout.strip().startswith("sohoa_")
    assert [key["name"] for key in json.loads(listed.stdout)] == ["Bàn số 1"]
    assert made.stdout.strip() not in listed.stdout


def test_the_doctor_finds_this_machine_fit(empty_kho_copy: Path) -> None:
    findings = json.loads(run("doctor", "--json", data_dir=empty_kho_copy).stdout)
    assert {finding["check"] for finding in findings if finding["level"] == "wrong"} == set()
    assert {"python", "tesseract", "languages", "records", "objects", "broker"} <= {f["check"] for f in findings}


def test_the_doctor_says_the_fix_for_a_folder_it_may_not_write(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run("doctor", "--json", data_dir=tmp_path / "file" / "var")
    [finding] = [f for f in json.loads(result.stdout) if f["check"] == "data folder"]
    assert (result.exit_code, finding["level"]) == (1, "wrong")
    assert "SOHOA_DATA_DIR" in finding["fix"]


def test_output_into_a_pipe_that_closes_is_no_crash() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "workers.cli", "read", str(BORN_DIGITAL), str(BORN_DIGITAL), "--jsonl"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read().decode()
    assert "Traceback" not in said
