"""How many domains are active: each counts once a day (UTC), and its name stays in the tables."""

from __future__ import annotations

from collections.abc import Iterable

from chat.tables.activity import ActivityRows, day_of


class ActiveDomains:
    """Counts the domains of a day; those that one process has asked for cost it nothing more on that day."""

    def __init__(self, rows: ActivityRows) -> None:
        self._rows = rows
        self._day = 0
        self._known: set[str] = set()

    def count(self, domains: Iterable[str], now: int) -> int:
        """How many of these domains nobody has counted yet today. Costs a write unit for each that is new here."""
        if (today := day_of(now)) != self._day:
            self._day, self._known = today, set()
        asked = set(domains) - self._known
        first = sum(self._rows.is_first_of_day(each, now) for each in sorted(asked))
        self._known |= asked
        return first
