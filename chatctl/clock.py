"""The time, for what the domain library is told."""

from __future__ import annotations

import time


def now() -> int:
    """The time in ms since the epoch."""
    return time.time_ns() // 1_000_000
