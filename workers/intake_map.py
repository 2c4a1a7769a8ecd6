"""What each file of a batch is: whose, of which dossier, in which role. From options, and from a CSV where given.

The CSV has a header line with ``file`` and any of ``unit``, ``dossier``, ``role`` (also in Vietnamese: tệp, đơn vị,
mã hồ sơ, vai trò). A file is found by its path as written, relative to the CSV, or by its name alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from services.errors import UsageError
from services.storage.model import Role
from services.vietnamese import fold, nfc
from workers.batch import Job

_COLUMNS = {
    "file": "file", "tep": "file", "ten tep": "file", "tap tin": "file",
    "unit": "unit", "don vi": "unit", "ma don vi": "unit",
    "dossier": "dossier", "ma ho so": "dossier", "ho so": "dossier",
    "role": "role", "vai tro": "role",
}  # fmt: skip


class BadMap(UsageError):
    code: ClassVar[str] = "bad-map"
    vi: ClassVar[str] = "Tệp CSV mô tả lô quét chưa đúng; hãy sửa theo thông báo rồi chạy lại."
    en: ClassVar[str] = "The CSV that describes the batch is not right; correct it and run again."


class NoUnit(UsageError):
    code: ClassVar[str] = "no-unit"
    vi: ClassVar[str] = "Chưa biết tệp của đơn vị nào; hãy thêm --unit hoặc cột unit trong tệp --map."
    en: ClassVar[str] = "No unit is given; add --unit, or a unit column to the --map file."


def role_of(text: str | None) -> Role | None:
    """The role by its code. Raises ``BadMap`` for another word."""
    if not text:
        return None
    try:
        return Role(text.strip().upper())
    except ValueError as error:
        raise BadMap(f"role {text!r}: one of {', '.join(Role)}") from error


@dataclass(frozen=True, slots=True)
class IntakeMap:
    """``job_of`` answers for a file; what the CSV leaves empty comes from the options."""

    default: Job
    jobs: Mapping[str, Job] = field(default_factory=dict)  # absolute path, or bare file name → job

    @classmethod
    def read(cls, path: Path | None, *, unit: str | None, dossier: str | None, role: Role | None) -> IntakeMap:
        """Raises ``BadMap`` (no such file, no file column, unknown role) or ``NoUnit``."""
        default = Job(unit or "", dossier, role)
        if path is None:
            if not unit:
                raise NoUnit
            return cls(default)
        jobs: dict[str, Job] = {}
        for number, row in _rows(path):
            try:
                job = Job(
                    row.get("unit") or default.unit, row.get("dossier") or dossier, role_of(row.get("role")) or role
                )
            except BadMap as error:
                raise BadMap(f"{path}, line {number}: {error.detail}") from error
            if not job.unit:
                raise NoUnit(f"{path}, line {number}")
            jobs[str((path.parent / row["file"]).absolute())] = jobs[Path(row["file"]).name] = job
        return cls(default, jobs)

    def job_of(self, file: Path) -> Job:
        """Whose the file is. Raises ``NoUnit`` when neither the CSV nor the options say."""
        job = self.jobs.get(str(file.absolute())) or self.jobs.get(nfc(file.name), self.default)
        if not job.unit:
            raise NoUnit(str(file))
        return job

    @property
    def units(self) -> frozenset[str]:
        """Every unit named."""
        return frozenset(job.unit for job in (self.default, *self.jobs.values()) if job.unit)


def _rows(path: Path) -> Iterable[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = file.readline()
            file.seek(0)
            table = csv.reader(file, delimiter=";" if sample.count(";") > sample.count(",") else ",")
            header = [_COLUMNS.get(fold(cell), "") for cell in next(table, [])]
            if "file" not in header:
                raise BadMap(f"{path}: the header line has no column 'file'")
            for number, cells in enumerate(table, start=2):
                row = {name: nfc(cell.strip()) for name, cell in zip(header, cells, strict=False) if name}
                if row.get("file"):
                    yield number, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadMap(f"{path}: {error}") from error
