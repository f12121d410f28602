"""How fast a client may send: a bucket of tokens, one for each stanza."""

from __future__ import annotations

import time
from collections.abc import Callable


class Bucket:
    """``rate`` tokens a second, and at most ``burst`` of them at once."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._tokens = float(burst)
        self._at = clock()

    def take(self) -> float:
        """Take one token; returns the seconds to wait until it is there, 0 for none."""
        self._fill()
        self._tokens -= 1
        return max(0.0, -self._tokens / self._rate)

    def has_one(self) -> bool:
        """Take one token if one is there; whether it was."""
        self._fill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
