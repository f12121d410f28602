"""Typing for webmail: told when it changes, and again every five seconds while it lasts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from bridge.rates import Bucket
from chat.addresses import Address

AGAIN = 5_000
"""Milliseconds after which the same is told again (design: at most every five seconds)."""
RATE, BURST = 2.0, 10
"""What one sender may have told a second, and at once: each is a push. Webmail takes somebody for silent of whom it has
heard nothing for eight seconds, so a last word that is left out is not missed for long."""
_KEPT = 10_000


class Typing:
    """What was told last, by sender and contact."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._told: OrderedDict[tuple[Address, Address], tuple[bool, int]] = OrderedDict()
        self._buckets: OrderedDict[Address, Bucket] = OrderedDict()

    def is_news(self, sender: Address, contact: Address, active: bool) -> bool:
        """Whether it is to be told now; if so it counts as told."""
        now = self._clock()
        before, at = self._told.get((sender, contact), (False, 0))
        if not (active != before or (active and now - at >= AGAIN)) or not self._bucket(sender).has_one():
            return False
        self._told[sender, contact] = (active, now)
        self._told.move_to_end((sender, contact))
        while len(self._told) > _KEPT:
            self._told.popitem(last=False)
        return True

    def _bucket(self, sender: Address) -> Bucket:
        found = self._buckets.pop(sender, None) or Bucket(RATE, BURST, lambda: self._clock() / 1000)
        self._buckets[sender] = found
        while len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)
        return found
