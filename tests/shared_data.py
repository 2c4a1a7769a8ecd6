"""Where the development data is: real scans, text and hostile files that are not part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent
_GIVEN = Path(os.environ.get("SOHOA_SHARED_DATA", _ROOT.parent / "shared" / "data"))

SHARED: Path | None = _GIVEN if _GIVEN.is_dir() else None

needs_shared = pytest.mark.skipif(SHARED is None, reason="the development data (../shared/data) is not on this machine")
