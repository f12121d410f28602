"""The rows of the Connections table that say on which day a domain was active last.

| pattern                     | operation | key                     | cost         |
|-----------------------------|-----------|-------------------------|--------------|
| a domain is active on a day | PutItem   | ACTIVE/<domain>, ACTIVE | 1 write unit |

Of a user, the presence item says it, in the write that opens a connection anyway (``chat.tables.connections``).
"""

from __future__ import annotations

from chat.store import ConditionFailed, Expression, Key, Store

DAY = 24 * 3600
"""Seconds."""


def day_of(now: int) -> int:
    """The day of a time in ms: how many came before it since 1970 (UTC)."""
    return now // (DAY * 1000)


class ActivityRows:
    """Writes when domains were active."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self.name = name

    def is_first_of_day(self, domain: str, now: int) -> bool:
        """Note a domain as active today; whether nobody had yet."""
        key, today = Key(self.name, f"ACTIVE/{domain}", "ACTIVE"), day_of(now)
        row = {"active_on": today, "expires_at": (today + 2) * DAY}
        earlier = Expression("attribute_not_exists(pk) OR active_on < :today", values={":today": today})
        try:
            self._store.put(key, row, condition=earlier)
        except ConditionFailed:
            return False
        return True
