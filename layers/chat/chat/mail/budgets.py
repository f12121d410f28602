"""How much work appointments that are repeated may make: what somebody sends must not keep us busy."""

from __future__ import annotations

from dataclasses import dataclass

MAX_DAYS = 5_000
"""Days that are looked at for one appointment, those that its rule may match: of a daily one 13 years."""
MAX_DAYS_OF_A_PAGE = 50_000
"""Days for all that are put in order for one page."""


@dataclass(slots=True)
class Budget:
    """Days that may still be looked at."""

    left: int = MAX_DAYS
