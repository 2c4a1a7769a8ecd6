"""What is missing or wrong on this machine, each with its fix. Nothing is changed.

Every check gives one ``Finding``; a check that itself fails is a finding, not a crash.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from services.errors import SohoaError
from services.settings import Settings
from workers.edge import worker_count

Level = Literal["ok", "warning", "wrong"]

_GIB = 1 << 30
_NEEDED = ("cv2", "numpy", "PIL", "pdfplumber", "pikepdf", "pypdfium2", "sklearn", "sqlalchemy", "alembic", "minio")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. ``fix`` says what to do, Vietnamese first; empty when nothing needs doing."""

    check: str
    level: Level
    found: str
    fix: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Every check in turn."""
    for name, check in _CHECKS.items():
        try:
            yield check(name, settings)
        except SohoaError as error:
            yield Finding(name, "wrong", error.code, error.message)
        except Exception as error:  # the doctor must finish its round whatever one check meets
            yield Finding(name, "wrong", f"{type(error).__name__}: {error}", "Xem nhật ký / see the log")


def _python(name: str, _: Settings) -> Finding:
    return Finding(name, "ok", sys.version.split()[0])  # older ones do not get as far as here


def _packages(name: str, _: Settings) -> Finding:
    missing = [module for module in _NEEDED if importlib.util.find_spec(module) is None]
    if not missing:
        return Finding(name, "ok", f"{len(_NEEDED)} modules")
    return Finding(
        name, "wrong", "thiếu / missing: " + ", ".join(missing), "pip install --require-hashes -r requirements.txt"
    )


def _tesseract(name: str, _: Settings) -> Finding:
    from services.ocr.recognising import tesseract

    if shutil.which("tesseract") is None:
        return Finding(name, "wrong", "không có / not found", "sudo apt-get install tesseract-ocr")
    return Finding(name, "ok", tesseract.version())


def _languages(name: str, _: Settings) -> Finding:
    from services.ocr.recognising import tesseract

    missing = {"vie", "osd"} - set(tesseract.languages())
    if not missing:
        return Finding(name, "ok", "vie, osd")
    packages = " ".join(f"tesseract-ocr-{language}" for language in sorted(missing))
    return Finding(name, "wrong", "thiếu / missing: " + ", ".join(sorted(missing)), f"sudo apt-get install {packages}")


def _second_reader(name: str, _: Settings) -> Finding:
    if importlib.util.find_spec("trueocr") is not None:
        return Finding(name, "ok", "trueocr")
    return Finding(
        name,
        "warning",
        "không có / not found",
        "pip install trueocr: đọc chính xác và nhanh hơn / reads better and faster",
    )


def _data_dir(name: str, settings: Settings) -> Finding:
    folder = settings.data_dir
    there = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".sohoa-doctor-"):
            pass
    except OSError as error:
        return Finding(
            name, "wrong", f"{there}: {error.strerror}", f"sudo chown $(id -un) {there}, hoặc / or SOHOA_DATA_DIR"
        )
    return Finding(name, "ok", f"{folder} ghi được / writable")


def _space(name: str, settings: Settings) -> Finding:
    folder = settings.data_dir.absolute()
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = min((shutil.disk_usage(place).free, str(place)) for place in (there, Path(tempfile.gettempdir())))
    found = f"{free[0] / _GIB:.1f} GiB {free[1]}"
    if free[0] < _GIB:
        return Finding(name, "wrong", found, "Giải phóng đĩa: cần ít nhất 1 GiB / free some space: 1 GiB at least")
    if free[0] < 10 * _GIB:
        return Finding(name, "warning", found, "Sắp đầy: nên có trên 10 GiB / running low: keep 10 GiB free")
    return Finding(name, "ok", found)


def _memory(name: str, settings: Settings) -> Finding:
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with Path("/proc/meminfo").open() as file:
        free = next((int(line.split()[1]) << 10 for line in file if line.startswith("MemAvailable")), free)
    workers = worker_count(settings)
    found = f"{free / _GIB:.1f} GiB cho / for {workers} workers"
    if free >= workers * _GIB:
        return Finding(name, "ok", found)
    fewer = max(1, free // _GIB)
    return Finding(name, "warning", found, f"SOHOA_WORKERS={fewer} (khoảng 1 GiB mỗi tiến trình / about 1 GiB each)")


def _clock(name: str, _: Settings) -> Finding:
    now = dt.datetime.now().astimezone()
    found = now.isoformat(timespec="seconds")
    if now.year >= 2025:
        return Finding(name, "ok", found)
    return Finding(name, "wrong", found, "Chỉnh đồng hồ: sudo timedatectl set-ntp true / set the clock")


def _records(name: str, settings: Settings) -> Finding:
    from services.storage.records.engine import open_engine, schema

    where = "PostgreSQL" if settings.sql_url.startswith("postgresql") else "SQLite"
    if where == "SQLite" and not (settings.data_dir / "kho.sqlite").exists() and settings.database_url is None:
        return Finding(name, "ok", "SQLite: sẽ tạo khi chạy lần đầu / made on first use")
    engine = open_engine(settings.sql_url)
    try:
        current, newest = schema(engine)
    finally:
        engine.dispose()
    if current == newest:
        return Finding(name, "ok", f"{where}, schema {current}")
    fix = "Chạy sohoa worker hoặc sohoa serve một lần / start sohoa worker or sohoa serve once: they migrate"
    return Finding(name, "warning", f"{where}, schema {current or '-'}, newest {newest}", fix)


def _objects(name: str, settings: Settings) -> Finding:
    from services.storage.objects.s3 import S3Store

    if not settings.s3_endpoint:
        return Finding(name, "ok", "thư mục / folder")
    S3Store(settings)  # asks the server for the bucket, with our keys
    return Finding(name, "ok", f"S3 {settings.s3_endpoint}/{settings.s3_bucket}")


def _broker(name: str, settings: Settings) -> Finding:
    if not settings.broker_url:
        return Finding(name, "ok", "không dùng, việc chạy trên máy này / none: local workers")
    from celery import Celery

    with Celery(broker=settings.broker_url).connection_for_write(connect_timeout=3) as connection:
        address = connection.as_uri()
        try:
            connection.ensure_connection(max_retries=1)
        except Exception as error:  # each transport has errors of its own
            fix = "Kiểm tra SOHOA_BROKER_URL và máy chủ Redis, RabbitMQ / check the address and the server"
            return Finding(name, "wrong", f"{address}: {error}", fix)
    return Finding(name, "ok", address)


def _keys(name: str, settings: Settings) -> Finding:
    if settings.identity_keys is not None:
        return Finding(name, "ok", "SOHOA_IDENTITY_KEYS")
    if settings.database_url and settings.database_url.startswith("postgresql"):
        fix = "Đặt SOHOA_IDENTITY_KEYS giống nhau trên mọi máy / set the same SOHOA_IDENTITY_KEYS on every machine"
        return Finding(name, "wrong", "chỉ ở máy này / on this machine only", fix)
    return Finding(name, "ok", f"{settings.data_dir} (nhớ sao lưu / keep a backup)")


_CHECKS: dict[str, Callable[[str, Settings], Finding]] = {
    "python": _python,
    "packages": _packages,
    "tesseract": _tesseract,
    "languages": _languages,
    "second reader": _second_reader,
    "data folder": _data_dir,
    "disk space": _space,
    "memory": _memory,
    "clock": _clock,
    "records": _records,
    "objects": _objects,
    "broker": _broker,
    "identity keys": _keys,
}
