"""What the settings and this machine mean for the work: bounds on a file, how many workers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from services.limits import Limits

if TYPE_CHECKING:
    from services.settings import Settings


def limits_of(settings: Settings) -> Limits:
    """The bounds on one file that the settings ask for."""
    return Limits(
        max_bytes=settings.max_bytes,
        max_pages=settings.max_pages,
        max_pixels=settings.max_pixels,
        page_timeout_s=settings.page_timeout_s,
        file_timeout_s=settings.file_timeout_s,
        memory_mb=settings.memory_mb,
    )


def cores() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_count(settings: Settings) -> int:
    """Worker processes on this machine: as set, else one a core."""
    return settings.workers or cores()
