"""When things happen in the demo: in working hours, counted from its first start. Times are in ms since the epoch."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SATURDAY = 5
OPENS, CLOSES = 7, 18
"""The hours between which people write."""


def day_of(time: int) -> date:
    return datetime.fromtimestamp(time / SECOND, UTC).date()


def at(day: date, hours: float) -> int:
    """A time of a day, to the second: mail knows no finer one."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() + hours * 3600) * SECOND


def working_day(start: int, days: int, weekday: int | None = None) -> date:
    """The day so many days after ``start``, before it if negative; moved to the next such weekday, or else away from a
    weekend: towards the start, so that what was stays in the past and what comes in the future."""
    day = day_of(start) + timedelta(days)
    if weekday is not None:
        return day + timedelta((weekday - day.weekday()) % 7)
    if day.weekday() >= SATURDAY:
        day += timedelta(7 - day.weekday()) if days > 0 else timedelta(SATURDAY - 1 - day.weekday())
    return day


def sequence(start: int, days: int, count: int, chance: Random) -> list[int]:
    """When the mails of a thread are sent that begins so many days before ``start``: hours apart, all before it."""
    time = at(working_day(start, -days), chance.uniform(OPENS, CLOSES - 4))
    found = []
    for rest in range(count, 0, -1):
        latest = start - rest * 9 * MINUTE
        found.append(min(time, latest) // SECOND * SECOND)
        time = _in_working_hours(time + chance.randint(20 * MINUTE, 22 * HOUR), chance)
    return found


def _in_working_hours(time: int, chance: Random) -> int:
    day = day_of(time)
    hours = (time - at(day, 0)) / HOUR
    if hours < OPENS or hours > CLOSES or day.weekday() >= SATURDAY:
        day += timedelta(hours > CLOSES)
        while day.weekday() >= SATURDAY:
            day += timedelta(1)
        return at(day, chance.uniform(OPENS, OPENS + 3))
    return time
