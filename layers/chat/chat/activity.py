"""How many domains are active: each counts once a day (UTC), and its name stays in the tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chat.tables.activity import ActivityRows, day_of


@dataclass
class ActiveDomains:
    """Counts the domains of a day; those that one process has asked for cost it nothing more on that day."""

    rows: ActivityRows
    _day: int = 0
    _known: set[str] = field(default_factory=set)

    def count(self, domains: Iterable[str], now: int) -> int:
        """How many of these domains nobody has counted yet today. Costs a write unit for each that is new here."""
        if (today := day_of(now)) != self._day:
            self._day, self._known = today, set()
        asked = set(domains) - self._known
        first = sum(self.rows.is_first_of_day(each, now) for each in sorted(asked))
        self._known |= asked
        return first
