"""``sohoa serve``: the web service and local workers on one PC. ``sohoa worker``: workers alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from services.errors import ServiceError, UsageError
from workers.commands.common import acting, log, opened_kho, read_settings, refusals, say
from workers.commands.ingest import stop_on_signals

if TYPE_CHECKING:
    from services.settings import Settings

_GRACE_S = 10.0

Count = Annotated[int, typer.Option("--workers", "-n", min=0, help="Worker processes; 0 means one a core.")]
NO_WORKERS = "none"


@refusals
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    workers: Annotated[
        str, typer.Option("--workers", "-n", help="Worker processes: a number, 0 for one a core, or none.")
    ] = "0",
) -> None:
    """Serve the web pages and the HTTP API, with local workers beside them."""
    if workers != NO_WORKERS and not workers.isdecimal():
        raise UsageError(f"--workers {workers}: a number, or {NO_WORKERS}")
    settings = read_settings()
    _give_first_key(settings)
    stop = stop_on_signals()
    web = _start_web(host, port)
    say(f"http://{host}:{port}  (Ctrl-C để dừng / stops)")
    watcher = threading.Thread(target=_stop_with, args=(web, stop), daemon=True)
    watcher.start()
    try:
        if workers == NO_WORKERS:
            stop.wait()
        else:
            _work(settings, int(workers), stop)
    finally:
        _end(web)
    if web.returncode not in (0, -signal.SIGTERM, -signal.SIGINT, None):  # uvicorn ends by the signal it was sent
        raise ServiceError(f"the web service ended with exit {web.returncode}; see its log above")


def _give_first_key(settings: Settings) -> None:
    """On one office PC nobody has a key yet: make the administrator's, show it once. A province makes its own keys."""
    from services.coverage import load

    with opened_kho(settings) as kho:
        province = load().units.province.code
        admin = acting(province, "admin")
        if settings.database_url is not None or kho.api_keys(admin):
            return
        with kho.begin() as tx:
            secret = kho.create_key(tx, admin, name="quản trị", unit=province, role="admin")
    say(f"Khóa quản trị, chỉ hiện một lần / administrator's key, shown once: {secret}")


@refusals
def worker(workers: Count = 0) -> None:
    """Work on what is taken in: local processes, or Celery where SOHOA_BROKER_URL is set. Ends on SIGTERM."""
    settings = read_settings()
    with opened_kho(settings):
        pass  # migrated and seeded before its workers open it
    _work(settings, workers, stop_on_signals())


def _work(settings: Settings, count: int, stop: threading.Event) -> None:
    verbose = 1 if log.isEnabledFor(20) else 0
    if settings.broker_url:
        from workers.province import CeleryWorker

        CeleryWorker(settings, count or None, verbose=verbose).run(stop)
    else:
        from workers.local import Pool

        Pool(settings, count or None, verbose=verbose).run(stop)


def _start_web(host: str, port: int) -> subprocess.Popen[bytes]:
    """The web service in a process of its own, by name, so that workers know nothing of its inside."""
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.app:create_app", "--host", host, "--port", str(port)]
    return subprocess.Popen([*command, "--no-server-header"], env=os.environ | {"PYTHONPATH": _import_path()})


def _import_path() -> str:
    """So that the child finds the product where this process found it."""
    return os.pathsep.join(path for path in sys.path if path)


def _stop_with(web: subprocess.Popen[bytes], stop: threading.Event) -> None:
    web.wait()
    stop.set()


def _end(web: subprocess.Popen[bytes]) -> None:
    if web.poll() is None:
        web.terminate()
        try:
            web.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            web.kill()
            web.wait()


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(serve)
    app.command()(worker)
