"""The contract of an object store, kept by a folder and by a real S3 server, also when things go wrong."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import os
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from minio.error import S3Error
from pydantic import SecretStr

from services.settings import Settings
from services.storage import Kho
from services.storage.errors import (
    DiskFull,
    EmptyUpload,
    ObjectMissing,
    ObjectRotten,
    ObjectsDown,
    ObjectsRefused,
    TooLarge,
)
from services.storage.objects.contract import ObjectStore
from services.storage.objects.folder import FolderStore
from services.storage.objects.s3 import S3Store
from tests.real.servers import Server, make_s3, s3_client, s3_settings
from tests.storage import desk

LIMIT = 1 << 30
DATA = bytes(range(256)) * 4000
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return FolderStore(tmp_path)
    return S3Store(Settings(**request.getfixturevalue("s3")))


def _put(store: ObjectStore, data: bytes = DATA) -> str:
    return store.put(io.BytesIO(data), limit_bytes=LIMIT).sha256


def test_what_is_put_comes_back_under_its_hash(store: ObjectStore) -> None:
    stored = store.put(io.BytesIO(DATA), limit_bytes=LIMIT)
    assert (stored.sha256, stored.size, stored.existed) == (SHA, len(DATA), False)
    assert store.size(SHA) == len(DATA)
    assert b"".join(store.chunks(SHA)) == DATA
    with store.fetch(SHA) as path:
        assert path.read_bytes() == DATA


def test_the_same_bytes_again_existed(store: ObjectStore) -> None:
    _put(store)
    assert store.put(io.BytesIO(DATA), limit_bytes=LIMIT).existed
    assert list(store.names()) == [SHA]


def test_a_range_is_read_alone(store: ObjectStore) -> None:
    _put(store)
    assert store.read(SHA, 300, 5) == DATA[300:305]
    assert store.read(SHA, len(DATA) - 3) == DATA[-3:]
    assert store.read(SHA, 300, 0) == b""
    assert store.read(SHA, len(DATA) - 3, 10) == DATA[-3:]
    assert store.read(SHA, len(DATA) + 5, 10) == b""


def test_names_come_in_order(store: ObjectStore) -> None:
    names = sorted(_put(store, b"%d" % n) for n in range(12))
    assert list(store.names()) == names


def test_a_large_object_goes_up_in_parts(store: ObjectStore) -> None:
    large = os.urandom(1 << 20) * 20
    assert b"".join(store.chunks(_put(store, large))) == large


def test_an_empty_stream_and_one_over_the_limit_leave_nothing(store: ObjectStore) -> None:
    with pytest.raises(EmptyUpload):
        store.put(io.BytesIO(b""), limit_bytes=LIMIT)
    with pytest.raises(TooLarge):
        store.put(io.BytesIO(b"12345"), limit_bytes=4)
    assert list(store.names()) == []


def test_what_is_not_there_is_missing(store: ObjectStore) -> None:
    assert store.size("0" * 64) is None
    for look in (lambda: store.read("0" * 64), lambda: list(store.chunks("0" * 64))):
        with pytest.raises(ObjectMissing):
            look()


@pytest.mark.parametrize("name", ["../../etc/passwd", "0" * 63, "G" * 64, ""])
def test_nothing_but_a_hash_becomes_a_path(store: ObjectStore, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        store.size(name)


def test_a_quarantined_object_is_gone_and_can_be_put_again(store: ObjectStore) -> None:
    _put(store)
    assert SHA in store.quarantine(SHA)
    assert store.size(SHA) is None
    assert _put(store) == SHA
    assert store.size(SHA) == len(DATA)


def test_what_else_lies_in_the_folder_is_passed_over(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    _put(store)
    shard = tmp_path / "objects" / SHA[:3]
    for stray in (shard / f".{SHA}.Xy12", shard / "Thumbs.db", tmp_path / "objects" / ".DS_Store"):
        stray.write_bytes(b"x")
    (tmp_path / "objects" / "lost+found").mkdir()
    (tmp_path / "objects" / "lost+found" / SHA).write_bytes(b"x")
    assert list(store.names()) == [SHA]


def test_good_bytes_take_the_place_of_those_the_disk_no_longer_gives(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    place = tmp_path / "objects" / SHA[:3] / SHA
    place.parent.mkdir()
    place.symlink_to("/proc/self/mem")  # an input/output error, as of a bad sector
    with pytest.raises(ObjectRotten):
        list(store.chunks(SHA))
    assert not store.put(io.BytesIO(DATA), limit_bytes=LIMIT).existed
    assert b"".join(store.chunks(SHA)) == DATA


def test_good_bytes_take_the_place_of_rotten_ones(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    _put(store)
    with store.fetch(SHA) as path:
        path.chmod(0o640)
        path.write_bytes(b"rot" + DATA[3:])
    assert not store.put(io.BytesIO(DATA), limit_bytes=LIMIT).existed
    assert store.read(SHA) == DATA
    assert len(list((tmp_path / "quarantine").iterdir())) == 1


def test_a_folder_that_crashed_cleans_up_what_is_a_day_old(tmp_path: Path) -> None:
    FolderStore(tmp_path)
    old, new = tmp_path / "incoming" / "old", tmp_path / "incoming" / "new"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    FolderStore(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)


# --- what only an S3 server has -------------------------------------------------------------------------------------


def test_a_link_downloads_for_a_short_while_under_the_files_name(s3: dict[str, Any]) -> None:
    store = S3Store(Settings(**s3))
    _put(store)
    link = store.link(SHA, life=dt.timedelta(seconds=1), file_name="Giấy khai sinh.pdf")
    assert link is not None
    with urllib3.PoolManager() as http:
        answer = http.request("GET", link)
        assert (answer.status, answer.data) == (200, DATA)
        assert "Gi%E1%BA%A5y" in answer.headers["content-disposition"]
        threading.Event().wait(2.1)
        assert http.request("GET", link).status == 403


def test_versions_are_kept_where_the_server_has_them(s3: dict[str, Any], s3_server: Server) -> None:
    store = S3Store(Settings(**s3))
    _put(store)
    assert s3_client(s3_server).get_bucket_versioning(store.bucket).status == "Enabled"
    store.quarantine(SHA)
    versions = s3_client(s3_server).list_objects(store.bucket, prefix="objects/", recursive=True, include_version=True)
    assert sum(not found.is_delete_marker for found in versions) == 1


def test_retention_keeps_an_object_from_being_deleted(s3: dict[str, Any], s3_server: Server) -> None:
    store = S3Store(Settings(**s3, s3_retention_days=1))
    _put(store)
    client = s3_client(s3_server)
    version = client.stat_object(store.bucket, f"objects/{SHA[:3]}/{SHA}").version_id
    with pytest.raises(S3Error):
        client.remove_object(store.bucket, f"objects/{SHA[:3]}/{SHA}", version_id=version)
    assert store.read(SHA) == DATA


def test_a_wrong_secret_is_refused_and_said(s3: dict[str, Any]) -> None:
    with pytest.raises(ObjectsRefused):
        S3Store(Settings(**(s3 | {"s3_secret_key": SecretStr("wrong")})))


def test_a_rotten_object_is_never_handed_out_as_a_file(s3: dict[str, Any], s3_server: Server) -> None:
    store = S3Store(Settings(**s3))
    _put(store)
    s3_client(s3_server).put_object(store.bucket, f"objects/{SHA[:3]}/{SHA}", io.BytesIO(b"rot"), 3)
    with pytest.raises(ObjectRotten), store.fetch(SHA):
        pass
    assert not store.put(io.BytesIO(DATA), limit_bytes=LIMIT).existed
    assert store.read(SHA) == DATA


def test_a_byte_changed_on_the_way_is_not_accepted(s3: dict[str, Any]) -> None:
    with _proxy(str(s3["s3_endpoint"])) as proxy:
        store = S3Store(Settings(**(s3 | {"s3_endpoint": proxy.address})))
        proxy.change = (DATA[1000:1100], b"?" + DATA[1001:1100])
        with pytest.raises(ObjectsDown):
            _put(store)
        proxy.change = None
        assert store.size(SHA) is None
        assert _put(store) == SHA


def test_a_connection_cut_in_the_middle_of_an_upload_leaves_nothing_half(s3: dict[str, Any]) -> None:
    with _proxy(str(s3["s3_endpoint"])) as proxy:
        store = S3Store(Settings(**(s3 | {"s3_endpoint": proxy.address})))
        proxy.cut_after = 200_000
        with pytest.raises(ObjectsDown):
            _put(store)
        proxy.cut_after = None
        assert store.size(SHA) is None
        assert _put(store) == SHA


def test_a_server_that_dies_in_the_middle_of_an_upload_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    server = make_s3(tmp_path / "weed")
    server.start()
    settings = Settings(**s3_settings(server))
    store = S3Store(settings)
    kept = _put(store, b"kept before")
    large = os.urandom(1 << 20) * 40
    with _proxy(str(settings.s3_endpoint)) as proxy:
        dying = S3Store(settings.model_copy(update={"s3_endpoint": proxy.address}))
        proxy.at = (10_000_000, server.kill)
        with pytest.raises(ObjectsDown):
            _put(dying, large)
    server.start()
    assert store.read(kept) == b"kept before"
    assert store.size(hashlib.sha256(large).hexdigest()) is None
    assert b"".join(store.chunks(_put(store, large))) == large
    server.stop()


_FULL = """
import io, os, pathlib, sys
from services.storage.errors import DiskFull
from services.storage.objects.folder import FolderStore
folder = pathlib.Path(sys.argv[1])
store = FolderStore(folder)
small = store.put(io.BytesIO(b"small"), limit_bytes=1 << 30).sha256
try:
    store.put(io.BytesIO(os.urandom(4 << 20)), limit_bytes=1 << 30)
except DiskFull:
    assert list(store.names()) == [small] and store.read(small) == b"small"
    assert list((folder / "incoming").iterdir()) == []
    assert store.put(io.BytesIO(b"fits"), limit_bytes=1 << 30).size == 4
    sys.exit(42)
"""


def _on_small_disk(folder: Path, megabytes: int, command: str) -> list[str]:
    """The command with a small disk at ``folder``, mounted where nobody else sees it; skips where nobody may."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not on this machine")
    mount = f'mount -t tmpfs -o size={megabytes}m none "{folder}"'
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if subprocess.run([*inside, mount], capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    return [*inside, f'{mount} && cd "{folder}" && exec {command}']


def test_a_full_disk_is_said_and_leaves_nothing_half(tmp_path: Path) -> None:
    script = tmp_path.parent / "full.py"
    script.write_text(_FULL)
    run = _on_small_disk(tmp_path, 2, shlex.join([sys.executable, str(script), str(tmp_path)]))
    done = subprocess.run(run, env={**os.environ, "PYTHONPATH": str(Path.cwd())}, capture_output=True)
    assert done.returncode == 42, done.stderr.decode()
    assert DiskFull.http_status == 507


def test_a_server_whose_disk_fills_up_in_the_middle_takes_files_again_once_there_is_room(tmp_path: Path) -> None:
    """SeaweedFS calls a full disk an internal error: that the store cannot take a file now is all we can say."""
    server = make_s3(tmp_path / "weed")
    server.command = _on_small_disk(server.folder, 400, shlex.join(server.command))
    server.start()
    assert server.process is not None
    disk = Path(f"/proc/{server.process.pid}/root{server.folder}")
    kho = desk.open_kho(Settings(data_dir=tmp_path / "var", **s3_settings(server)))
    kept = _accept(kho, b"kept before")
    at_once, in_parts = (os.urandom(1 << 20) * megabytes for megabytes in (4, 40))
    with (disk / "ballast").open("wb") as ballast:
        free = os.statvfs(disk)
        os.posix_fallocate(ballast.fileno(), 0, free.f_bavail * free.f_frsize - (1 << 20))
    for large in (at_once, in_parts):
        with pytest.raises(ObjectsDown) as refused:
            _accept(kho, large)
        assert refused.value.http_status == 503
    assert (list(kho.objects.names()), kho.queue()) == ([kept], {"waiting": 1, "working": 0})
    assert kho.objects.read(kept) == b"kept before"
    (disk / "ballast").unlink()
    for large in (at_once, in_parts):
        assert b"".join(kho.objects.chunks(_accept_soon(kho, large))) == large
    assert kho.queue() == {"waiting": 3, "working": 0}
    report = kho.verify()
    assert (report.objects, report.sound, report.unreferenced) == (3, True, 0)
    kho.close()
    server.stop()


def _accept(kho: Kho, data: bytes) -> str:
    return kho.accept(io.BytesIO(data), file_name="scan.pdf", actor=desk.CLERK).sha256


def _accept_soon(kho: Kho, data: bytes) -> str:
    """As ``_accept``, tried again for two minutes: the server looks for room once a minute."""
    until = time.monotonic() + 120
    while True:
        try:
            return _accept(kho, data)
        except ObjectsDown:
            if time.monotonic() > until:
                raise
            time.sleep(1)


# --- a proxy that does harm -----------------------------------------------------------------------------------------


class _Proxy:
    """Passes bytes to a server: changes some, cuts the line after so many, or calls for help at a point."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self.change: tuple[bytes, bytes] | None = None
        self.cut_after: int | None = None
        self.at: tuple[int, Any] | None = None
        self.sent = 0


@contextlib.contextmanager
def _proxy(target: str) -> Iterator[_Proxy]:
    host, port = target.split(":")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = _Proxy(listener.getsockname()[1])
        listener.settimeout(0.1)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    client, _ = listener.accept()
                    try:
                        server = socket.create_connection((host, int(port)))
                    except OSError:  # it died: so does the line through us
                        client.close()
                        continue
                    threading.Thread(target=_pass, args=(client, server, proxy), daemon=True).start()
                    threading.Thread(target=_pass, args=(server, client, None), daemon=True).start()

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield proxy
        finally:
            over.set()
            thread.join()


def _pass(source: socket.socket, sink: socket.socket, proxy: _Proxy | None) -> None:
    sent = 0
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sent += len(data)
            if proxy is not None:
                if proxy.change is not None:
                    data = data.replace(*proxy.change)
                if proxy.cut_after is not None and sent > proxy.cut_after:
                    break
                proxy.sent += len(data)
                if proxy.at is not None and proxy.sent > proxy.at[0]:
                    what, proxy.at = proxy.at[1], None
                    what()
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
