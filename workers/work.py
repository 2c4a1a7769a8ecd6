"""One step of work on a leased row, the same for local workers and for Celery."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator

from services.errors import ConflictError, ServiceError
from services.storage import Kho
from services.storage.model import Intake
from workers.learning import Learned
from workers.pipeline import process

log = logging.getLogger(__name__)

DOWN = (ServiceError, OSError)  # a store that is away, and may come back


def work_once(kho: Kho, worker: str, learned: Learned) -> bool:
    """Lease the next row and take it through the whole way; False when nothing waits.

    An error of ours (not of the file) gives the row back: it is tried again ``max_attempts`` times, then a person is
    told. Raises one of ``DOWN`` when a store is away.
    """
    intake = kho.lease(worker)
    if intake is None:
        return False
    with _lease_kept(kho, intake, worker, kho.settings.lease_s):
        try:
            outcome = process(kho, intake, model=learned.model(), limits=kho.settings.limits)
            log.info("intake %s: %s (%d filed, %d asked)", intake.id, outcome.state, outcome.filed, outcome.asked)
        except DOWN:
            _give_back(kho, intake, counted=False)
            raise
        except ConflictError as error:
            log.warning("intake %s: %s; somebody else has it now", intake.id, error)
        except Exception:  # a bug must not take the worker down, nor the file with it
            log.exception("intake %s failed on attempt %d", intake.id, intake.attempts)
            _give_back(kho, intake, counted=True)
    return True


def _give_back(kho: Kho, intake: Intake, *, counted: bool) -> None:
    """Back in line at once; where that fails too, the lease runs out and the sweep sees to it."""
    try:
        kho.give_back(intake, counted=counted)
    except (*DOWN, ConflictError) as error:
        log.warning("intake %s is left to the sweep: %s", intake.id, error)


@contextlib.contextmanager
def _lease_kept(kho: Kho, intake: Intake, worker: str, lease_s: float) -> Iterator[None]:
    """Renews the lease three times in its life, for as long as the work lasts."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(lease_s / 3):
            try:
                kho.renew(intake, worker)
            except DOWN as error:
                log.warning("lease of %s not renewed: %s", intake.id, error)
            except ConflictError:
                return  # lost: the transaction that ends the work will find out

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=lease_s)
