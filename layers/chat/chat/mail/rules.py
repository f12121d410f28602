"""Rules by which appointments are repeated (RRULE, RFC 5545 §3.3.10), and the days that they give.

Days are looked at one by one, and so many at most, for a rule may match no day before the year 9999. Rules below a day
(BYHOUR and the like) are not understood, nor is BYWEEKNO.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from chat.mail.budgets import MAX_DAYS, Budget

MAX_RULE = 1000
"""Characters."""

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(r"([+-]?\d{1,3})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?\d{1,6}")
_UNTIL = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?")
_OF_THE_TIME = {"BYHOUR": "hour", "BYMINUTE": "minute", "BYSECOND": "second"}
_KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYDAY", "BYSETPOS"}


class NotUnderstood(Exception):
    """A rule that is malformed, or that no days can be told from."""


class GivenUp(Exception):
    """As many days have been looked at as may be; there may be more."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that is understood."""

    frequency: str
    interval: int
    count: int | None
    """How many times it takes place, the first one included."""
    until: datetime | None
    """When it may take place for the last time."""
    week_begins: int
    """Monday is 0."""
    months: frozenset[int]
    month_days: frozenset[int]
    year_days: frozenset[int]
    week_days: frozenset[tuple[int, int]]
    """Each with which of them is meant in the month or the year: 0 for all, negative from the end."""
    positions: frozenset[int]

    def days(self, first: date, since: date, budget: Budget) -> Iterator[date]:
        """The days on which it takes place, in their order, without end: from ``first`` on if it counts them, and
        otherwise some days or years before ``since`` at the earliest. Takes what it looks at from ``budget``.

        Raises:
            GivenUp: nothing is left of that, or these are more days than one appointment may have.
        """
        left = min(MAX_DAYS, budget.left)
        number = 0 if self.count else _PERIODS[self.frequency].before(self, first, since)
        given = 0
        while left > 0:
            try:
                begin, length = _PERIODS[self.frequency].period(self, first, number)
                if self.until and (begin - self.until.date()).days > 1:  # whatever its zone
                    return
                days = self._of_period(begin, length)
            except (ValueError, OverflowError):  # behind the year 9999
                return
            looked = max(1, len(days))
            left -= looked
            budget.left -= looked
            number += 1
            for day in self._chosen(days):
                if day < first:
                    continue
                given += 1
                yield day
                if given == self.count:
                    return
        raise GivenUp

    def _of_period(self, begin: date, length: int) -> list[date]:
        """The days of a period that may match, in their order."""
        if length == 7 and self.week_days:
            return [
                begin + timedelta(each) for each in sorted((day - begin.weekday()) % 7 for _, day in self.week_days)
            ]
        if length <= 7:
            return [begin + timedelta(each) for each in range(length)]
        months = [begin.month] if length <= 31 else range(1, 13)
        return [
            date(begin.year, month, day)
            for month in months
            if not self.months or month in self.months
            for day in self._of_month(calendar.monthrange(begin.year, month)[1])
        ]

    def _of_month(self, length: int) -> Sequence[int]:
        if not self.month_days:
            return range(1, length + 1)
        days = {day if day > 0 else length + 1 + day for day in self.month_days}
        return sorted(day for day in days if 0 < day <= length)

    def _chosen(self, days: list[date]) -> list[date]:
        """Those days of one period on which it takes place."""
        days = [day for day in days if self._matches(day)]
        if not self.positions or not days:
            return days
        places = {each - 1 if each > 0 else each + len(days) for each in self.positions}
        return [day for place, day in enumerate(days) if place in places]

    def _matches(self, day: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        if self.month_days:
            length = calendar.monthrange(day.year, day.month)[1]
            if not self.month_days & {day.day, day.day - length - 1}:
                return False
        if self.year_days:
            length = 365 + calendar.isleap(day.year)
            of_year = day.timetuple().tm_yday
            if not self.year_days & {of_year, of_year - length - 1}:
                return False
        return not self.week_days or self._matches_week_day(day)

    def _matches_week_day(self, day: date) -> bool:
        weekday = day.weekday()
        if (0, weekday) in self.week_days:
            return True
        if self.frequency == "MONTHLY" or self.months:
            place, length = day.day, calendar.monthrange(day.year, day.month)[1]
        else:
            place, length = day.timetuple().tm_yday, 365 + calendar.isleap(day.year)
        return bool(self.week_days & {((place - 1) // 7 + 1, weekday), (-((length - place) // 7 + 1), weekday)})


def parse(text: str, start: datetime) -> Rule:
    """The rule ``text`` of an appointment that begins at ``start``, by the clock of its zone.

    Raises:
        NotUnderstood: it is shown as taking place once.
    """
    if len(text) > MAX_RULE:
        raise NotUnderstood
    parts = {name: value for name, _, value in (part.partition("=") for part in text.upper().split(";") if part)}
    for name, value in (("BYHOUR", start.hour), ("BYMINUTE", start.minute), ("BYSECOND", start.second)):
        if name in parts and not (parts[name].isdigit() and int(parts.pop(name)) == value):
            raise NotUnderstood
    frequency = parts.get("FREQ", "")
    if parts.keys() - _KNOWN or frequency not in _PERIODS:
        raise NotUnderstood
    days = frozenset(map(_weekday, parts["BYDAY"].split(","))) if "BYDAY" in parts else frozenset()
    rule = Rule(
        frequency,
        _positive(parts.get("INTERVAL", "1")),
        _positive(parts["COUNT"]) if "COUNT" in parts else None,
        _until(parts["UNTIL"], start) if "UNTIL" in parts else None,
        _weekday(parts.get("WKST", "MO"))[1],
        frozenset(_numbers(parts, "BYMONTH", 12)),
        frozenset(_numbers(parts, "BYMONTHDAY", 31)),
        frozenset(_numbers(parts, "BYYEARDAY", 366)),
        days if frequency in ("MONTHLY", "YEARLY") else frozenset((0, weekday) for _, weekday in days),
        frozenset(_numbers(parts, "BYSETPOS", 366)),
    )
    return _with_defaults(rule, start.date())


def _with_defaults(rule: Rule, first: date) -> Rule:
    """What the rule does not say is as it is on the first day."""
    if rule.month_days or rule.year_days or rule.week_days or rule.frequency == "DAILY":
        return rule
    if rule.frequency == "WEEKLY":
        return replace(rule, week_days=frozenset({(0, first.weekday())}))
    months = rule.months or (frozenset({first.month}) if rule.frequency == "YEARLY" else rule.months)
    return replace(rule, months=months, month_days=frozenset({first.day}))


def _until(text: str, start: datetime) -> datetime:
    found = _UNTIL.fullmatch(text)
    if not found:
        raise NotUnderstood
    year, month, day, hour, minute, second = (int(each or 0) for each in found.groups()[:6])
    zone = UTC if found[7] else start.tzinfo
    try:
        until = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    except ValueError as error:
        raise NotUnderstood from error
    return until if found[4] else until.replace(hour=23, minute=59, second=59)


def _positive(text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) < 1:
        raise NotUnderstood
    return int(text)


def _numbers(parts: dict[str, str], name: str, limit: int) -> list[int]:
    if name not in parts:
        return []
    texts = parts[name].split(",")
    if not all(_NUMBER.fullmatch(text) and 0 < abs(int(text)) <= limit for text in texts):
        raise NotUnderstood
    return [int(text) for text in texts]


def _weekday(text: str) -> tuple[int, int]:
    found = _BY_DAY.fullmatch(text)
    if not found or not 0 <= abs(int(found[1] or 0)) <= 53:
        raise NotUnderstood
    return int(found[1] or 0), _WEEKDAYS.index(found[2])


class _Days:
    """Periods of one day or of one week; they begin every so many days."""

    def __init__(self, length: int) -> None:
        self._length = length

    def before(self, rule: Rule, first: date, since: date) -> int:
        """The number of the last period that begins at ``since`` or before; 0 is the first day's."""
        return max(0, (since - self._begin(rule, first)).days // (self._length * rule.interval))

    def period(self, rule: Rule, first: date, number: int) -> tuple[date, int]:
        """The day on which a period begins, and how many it has."""
        return self._begin(rule, first) + timedelta(number * self._length * rule.interval), self._length

    def _begin(self, rule: Rule, first: date) -> date:
        return first - timedelta((first.weekday() - rule.week_begins) % self._length)


class _Months:
    """Periods of one month or of one year."""

    def __init__(self, length: int) -> None:
        self._length = length

    def before(self, rule: Rule, first: date, since: date) -> int:
        months = (since.year - first.year) * 12 + since.month - self._month(first)
        return max(0, months // (self._length * rule.interval))

    def period(self, rule: Rule, first: date, number: int) -> tuple[date, int]:
        year, month = divmod(self._month(first) - 1 + number * self._length * rule.interval, 12)
        begin = date(first.year + year, month + 1, 1)
        if self._length == 1:
            return begin, calendar.monthrange(begin.year, begin.month)[1]
        return begin, 365 + calendar.isleap(begin.year)

    def _month(self, first: date) -> int:
        return first.month if self._length == 1 else 1


_PERIODS: dict[str, _Days | _Months] = {
    "DAILY": _Days(1),
    "WEEKLY": _Days(7),
    "MONTHLY": _Months(1),
    "YEARLY": _Months(12),
}
