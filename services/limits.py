"""What one untrusted file may cost us at most."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one file. A file beyond one is refused with the bound's own error."""

    max_bytes: int = 200 * 1024 * 1024
    max_pages: int = 2_000
    max_pixels: int = 120_000_000  # one page, after decoding; A3 colour at 600 dpi is 70 million
    page_timeout_s: float = 60.0
    file_timeout_s: float = 3_600.0
    memory_mb: int = 1_500  # address space a reading child may add to what its libraries map
