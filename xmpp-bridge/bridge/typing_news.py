"""Typing for webmail: told when it changes, and again every five seconds while it lasts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from chat.addresses import Address

AGAIN = 5_000
"""Milliseconds after which the same is told again (design: at most every five seconds)."""
_KEPT = 10_000


class Typing:
    """What was told last, by sender and contact."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._told: OrderedDict[tuple[Address, Address], tuple[bool, int]] = OrderedDict()

    def is_news(self, sender: Address, contact: Address, active: bool) -> bool:
        """Whether it is to be told now; if so it counts as told."""
        now = self._clock()
        before, at = self._told.pop((sender, contact), (False, 0))
        news = active != before or (active and now - at >= AGAIN)
        self._told[sender, contact] = (active, now if news else at)
        while len(self._told) > _KEPT:
            self._told.popitem(last=False)
        return news
